"""Route keys of HTTP APIs: a method and a path with variables.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""The methods that a route can name, besides ``ANY``."""

_VARIABLE = re.compile(r"\{([\w.:-]+)(\+?)\}", re.ASCII)
_STATIC = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%-]+")


class SegmentKind(IntEnum):
    """What a segment of a route's path takes, the most specific first."""

    STATIC = 0  # its own text
    VARIABLE = 1  # any one segment
    GREEDY = 2  # everything that is left, also nothing


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a route's path: its text, or the name of its variable."""

    kind: SegmentKind
    text: str


@dataclass(frozen=True, slots=True)
class RouteKey:
    """A route key. ``method`` is None for ``ANY``; the default route has ``path`` None and takes everything."""

    method: str | None
    path: str | None
    segments: tuple[Segment, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "RouteKey":
        """Parse ``GET /pets/{id}``, ``ANY /{proxy+}`` or ``$default``.

        Raises:
            ValueError: it is not a route key; the message says what is wrong.
        """
        if text == "$default":
            return cls(None, None)
        method, blank, path = text.partition(" ")
        if not blank or (method not in METHODS and method != "ANY"):
            raise ValueError(f"a route key is $default, or one of {', '.join((*METHODS, 'ANY'))} and a path")
        return cls(None if method == "ANY" else method, path, parse_path(path))

    @property
    def is_greedy(self) -> bool:
        """Tell whether its last variable is greedy."""
        return bool(self.segments) and self.segments[-1].kind is SegmentKind.GREEDY


@lru_cache(maxsize=16_384)  # each compilation asks for every route, several times
def parse_path(path: str) -> tuple[Segment, ...]:
    """Return the segments of a path with variables; the root has none.

    Raises:
        ValueError: it is not such a path.
    """
    if not path.startswith("/"):
        raise ValueError("the path of a route starts with /")
    if path == "/":
        return ()
    segments = tuple(_parse_segment(text) for text in path[1:].split("/"))
    names = [segment.text for segment in segments if segment.kind is not SegmentKind.STATIC]
    if len(set(names)) != len(names):
        raise ValueError("a path variable is named twice")
    if any(segment.kind is SegmentKind.GREEDY for segment in segments[:-1]):
        raise ValueError("a greedy path variable is the last segment")
    return segments


def find_variables(segments: tuple[Segment, ...], path: str) -> dict[str, str] | None:
    """Return the values of variables in a path, as they stand there; None where the segments do not fit it.

    A variable takes one segment that is not empty; a greedy one takes all that is left, also nothing.
    """
    if not segments:
        return {} if path == "/" else None
    steps = path[1:].split("/")
    is_greedy = segments[-1].kind is SegmentKind.GREEDY
    if (
        not path.startswith("/")
        or len(steps) < len(segments)
        or (len(steps) > len(segments) and not is_greedy)
    ):
        return None
    values: dict[str, str] = {}
    for segment, step in zip(segments, steps, strict=False):
        if segment.kind is SegmentKind.GREEDY:
            values[segment.text] = "/".join(steps[len(segments) - 1 :])
        elif segment.kind is SegmentKind.VARIABLE and step:
            values[segment.text] = step
        elif segment.kind is SegmentKind.VARIABLE or segment.text != step:
            return None
    return values


def find_template_variables(text: str) -> Iterator[tuple[bool, str]]:
    """Yield the parts of a text with ``{name}`` in it: whether the part is a variable, and its text or name."""
    position = 0
    for found in _VARIABLE.finditer(text):
        if found.start() > position:
            yield False, text[position : found.start()]
        yield True, found[1]
        position = found.end()
    if position < len(text):
        yield False, text[position:]


def _parse_segment(text: str) -> Segment:
    variable = _VARIABLE.fullmatch(text)
    if variable is not None:
        return Segment(SegmentKind.GREEDY if variable[2] else SegmentKind.VARIABLE, variable[1])
    if not _STATIC.fullmatch(text):
        raise ValueError("a segment of the path is empty or holds a character that it may not")
    return Segment(SegmentKind.STATIC, text)
