"""Parameter mapping of HTTP APIs: which header, parameter, path or status is changed, and to what.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Where a part of a value comes from."""

    TEXT = "text"  # the text itself
    HEADER = "header"
    QUERY = "querystring"
    BODY = "body"  # a JSON path; the whole body where it is empty
    PATH = "path"  # a path variable; the request's path where it is empty
    CONTEXT = "context"
    STAGE_VARIABLE = "stageVariables"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a value: a text, or the name of what to read from a source."""

    source: Source
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        verb: ``append``, ``overwrite`` or ``remove``.
        place: ``header``, ``querystring``, ``path`` or ``statuscode``.
        name: of the header (lower case) or parameter; empty for the other places.
        value: its parts; empty to remove.
    """

    verb: str
    place: str
    name: str
    value: tuple[Part, ...] = ()


RESERVED_HEADERS = frozenset(
    (
        "authorization", "connection", "content-encoding", "content-length", "content-location", "forwarded",
        "keep-alive", "origin", "proxy-authenticate", "proxy-authorization", "te", "trailers",
        "transfer-encoding", "upgrade", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "via",
    )
)  # fmt: skip
_RESERVED_PREFIXES = ("access-control-", "apigw-", "x-amz-", "x-amzn-", "x-sekisho-")

_KEY = re.compile(r"(append|overwrite|remove):(?:(header|querystring)\.(.+)|(path|statuscode))")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SELECTION = re.compile(
    r"\$(?:\{(?P<braced>[^{}]*)\}|(?P<plain>(?:request|response|context|stageVariables)\.[^\s$/]+))"
)
_JSON_PATH = re.compile(r"(?:[\w-]+|\[\d+\])(?:\.[\w-]+|\[\d+\])*", re.ASCII)
_REQUEST_SOURCES = {
    "header": Source.HEADER,
    "querystring": Source.QUERY,
    "path": Source.PATH,
    "body": Source.BODY,
}
_RESPONSE_SOURCES = {"header": Source.HEADER, "body": Source.BODY}


def parse_request_change(key: str, value: str) -> Change:
    """Parse one entry of an integration's request parameters.

    Raises:
        ValueError: it is none; the message says what is wrong.
    """
    verb, place, name = _parse_key(key)
    if place == "statuscode" or (place == "path" and verb != "overwrite"):
        raise ValueError(f"{key} cannot be mapped in a request")
    return Change(verb, place, name, _parse_value(verb, value, "request"))


def parse_response_change(key: str, value: str) -> Change:
    """Parse one entry of an integration's response parameters.

    Raises:
        ValueError: it is none; the message says what is wrong.
    """
    verb, place, name = _parse_key(key)
    if place in ("path", "querystring") or (place == "statuscode" and verb != "overwrite"):
        raise ValueError(f"{key} cannot be mapped in a response")
    return Change(verb, place, name, _parse_value(verb, value, "response"))


def _parse_key(key: str) -> tuple[str, str, str]:
    found = _KEY.fullmatch(key)
    if found is None:
        raise ValueError(
            f"{key} is not append, overwrite or remove of a header, a parameter, path or status code"
        )
    verb, place, name = found[1], found[2] or found[4], found[3] or ""
    if place == "header":
        name = name.lower()
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{key} names no header")
        if name in RESERVED_HEADERS or name.startswith(_RESERVED_PREFIXES):
            raise ValueError(f"Operations on header {name} are restricted")
    return verb, place, name


def _parse_value(verb: str, value: str, direction: str) -> tuple[Part, ...]:
    if verb == "remove":
        if value not in ("", "''"):
            raise ValueError("what is removed has no value")
        return ()
    if not value:
        raise ValueError("a value is empty")
    return tuple(_parse_parts(value, direction))


def _parse_parts(value: str, direction: str) -> Iterator[Part]:
    position = 0
    for found in _SELECTION.finditer(value):
        if found.start() > position:
            yield _text(value[position : found.start()])
        yield _parse_selection(found["braced"] or found["plain"] or "", direction)
        position = found.end()
    if position < len(value):
        yield _text(value[position:])


def _text(text: str) -> Part:
    if "$" in text:
        raise ValueError(f"{text!r} holds a $ that selects nothing")
    return Part(Source.TEXT, text)


def _parse_selection(selection: str, direction: str) -> Part:
    root, _, rest = selection.partition(".")
    if root == "context" and rest:
        return Part(Source.CONTEXT, rest)
    if root == "stageVariables" and re.fullmatch(r"\w+", rest, re.ASCII):
        return Part(Source.STAGE_VARIABLE, rest)
    sources = _REQUEST_SOURCES if direction == "request" else _RESPONSE_SOURCES
    kind, _, name = rest.partition(".")
    source = sources.get(kind)
    if root != direction or source is None:
        raise ValueError(f"${selection} selects nothing of a {direction}")
    if source is Source.HEADER:
        name = name.lower()
    if source is Source.BODY and name and not _JSON_PATH.fullmatch(name):
        raise ValueError(f"${selection}: the JSON path is not supported")
    if not name and source not in (Source.BODY, Source.PATH):
        raise ValueError(f"${selection} names nothing")
    return Part(source, name)
