"""The order and the matches of the routes of an HTTP API.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from sekisho.kernel.route_key import RouteKey, SegmentKind
from sekisho.model.apigatewayv2 import Route
from sekisho.model.ir import Match, Pattern, PatternKind

_BEHIND_GREEDY = SegmentKind.GREEDY + 1


def in_order(routes: tuple[Route, ...]) -> list[tuple[Route, RouteKey]]:
    """Return the routes with their keys, so that the first that fits a request takes it."""
    parsed = [(route, RouteKey.parse(route.route_key)) for route in routes]
    return sorted(parsed, key=lambda pair: _place(pair[1]))


def _place(key: RouteKey) -> tuple[bool, bool, tuple[int, ...], bool]:
    kinds = tuple(segment.kind for segment in key.segments)
    # HTTP-ROUTE-02, HTTP-ROUTE-03, HTTP-ROUTE-04; sorting keeps the order of creation where all is equal.
    return key.path is None, key.is_greedy, (*kinds, _BEHIND_GREEDY), key.method is None


def match_route(key: RouteKey, prefix: str) -> Match:
    """Return what the requests of a route look like; ``prefix`` comes before its path, e.g. ``/prod``."""
    methods = () if key.method is None else (key.method,)
    if key.path is None:
        return match_below(prefix)
    patterns: tuple[Pattern, ...] = (_pattern(prefix + key.path),)
    if prefix and (not key.segments or key.segments[0].kind is SegmentKind.GREEDY):
        # A path that ends with the prefix is the root of what lies below it.
        patterns = (Pattern(prefix), *patterns)
    return Match(path=patterns, methods=methods)


def match_below(prefix: str) -> Match:
    """Return a match of the prefix and of all paths below it; without a prefix, of everything."""
    if not prefix:
        return Match()
    return Match(path=(Pattern(prefix), Pattern(f"{prefix}/*", PatternKind.WILDCARD)))


def _pattern(path: str) -> Pattern:
    return Pattern(path, PatternKind.TEMPLATE if "{" in path else PatternKind.EXACT)
