"""Which rule of a listener takes a request: the reference for the edge's route table.

Rules and their order: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sekisho.kernel.route_key import find_variables, parse_path
from sekisho.model.ir import HeaderMatch, Listener, Match, Pattern, PatternKind, QueryPair, Route
from sekisho.verify.uri import normalize_target

_WILDCARD = re.compile(r"\\([*?\\])|([*?])|(.)", re.DOTALL)
_ONE_VISIBLE = "[ -~]"


@dataclass(frozen=True, slots=True)
class RequestLine:
    """What a rule may look at.

    Attributes:
        method: as sent.
        target: path and query as sent.
        headers: names and values in their order; ``host`` among them.
        peer: address of the client.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    peer: str = "127.0.0.1"


def choose_route(listener: Listener, request: RequestLine) -> Route | None:
    """Return the first route, in order, all of whose conditions fit the normalized request; None without one."""
    return next((route for route in listener.routes if is_match(route.match, request)), None)


def is_match(match: Match, request: RequestLine) -> bool:
    """Tell whether every part of the match fits."""
    path, _, query = normalize_target(request.target).partition("?")
    # EDGE-21
    host = next((value.partition(",")[0] for name, value in request.headers if name.lower() == "host"), "")
    return (
        (not match.path or _fits_any(match.path, path))
        and (not match.host or _fits_any(match.host, re.sub(r":[0-9]*\Z", "", host)))
        and (not match.methods or request.method in match.methods)
        and all(_has_header(header, request.headers) for header in match.headers)
        and all(_has_parameter(pairs, query) for pairs in match.query)
        and (not match.sources or _comes_from(match.sources, request.peer))
    )


def fits(pattern: Pattern, text: str) -> bool:
    """Tell whether a pattern fits a whole text; a regular expression is searched anywhere in it."""
    flags = 0 if pattern.case_sensitive else re.IGNORECASE
    if pattern.kind is PatternKind.REGEX:
        return re.search(pattern.text, text, flags) is not None
    if pattern.kind is PatternKind.TEMPLATE:
        return find_variables(parse_path(pattern.text), text) is not None
    source = re.escape(pattern.text) if pattern.kind is PatternKind.EXACT else _wildcard(pattern.text)
    return re.fullmatch(source, text, flags | re.DOTALL) is not None


def _wildcard(text: str) -> str:
    return "".join(
        ".*" if wild == "*" else _ONE_VISIBLE if wild == "?" else re.escape(escaped or plain)
        for escaped, wild, plain in _WILDCARD.findall(text)
    )


def _fits_any(patterns: Iterable[Pattern], text: str) -> bool:
    return any(fits(pattern, text) for pattern in patterns)


def _has_header(wanted: HeaderMatch, headers: Sequence[tuple[str, str]]) -> bool:
    # EDGE-20
    values = (value.strip(" \t") for name, value in headers if name.lower() == wanted.name)
    return any(_fits_any(wanted.patterns, value) for value in values)


def _has_parameter(pairs: Iterable[QueryPair], query: str) -> bool:
    parameters = [part.partition("=") for part in query.split("&")] if query else []
    return any(_is_pair(pair, key, mark, value) for pair in pairs for key, mark, value in parameters)


def _is_pair(pair: QueryPair, key: str, mark: str, value: str) -> bool:
    if pair.key is None:
        # A parameter without "=" is a value without a key.
        return fits(pair.value, value if mark else key)
    return mark == "=" and fits(pair.key, key) and fits(pair.value, value)


def _comes_from(sources: Iterable[str], peer: str) -> bool:
    address = ipaddress.ip_address(peer)
    return any(address in ipaddress.ip_network(source, strict=False) for source in sources)
