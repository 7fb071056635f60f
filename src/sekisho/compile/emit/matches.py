"""What a request must look like, as Envoy route matches.

One route is one match, so alternatives inside a condition become one regular expression. The query is matched as the
text that it is: no parameter is decoded.
"""

import ipaddress

from envoy.config.route.v3.route_components_pb2 import HeaderMatcher, RouteMatch
from envoy.type.matcher.v3.address_pb2 import AddressMatcher
from envoy.type.matcher.v3.filter_state_pb2 import FilterStateMatcher
from envoy.type.matcher.v3.string_pb2 import StringMatcher
from google.protobuf.wrappers_pb2 import UInt32Value
from xds.core.v3.cidr_pb2 import CidrRange

from sekisho.compile.emit.patterns import (
    ANYTHING,
    any_of,
    emit_string_match,
    regex_matcher,
    regex_of,
)
from sekisho.model.ir import Match, Pattern, PatternKind, QueryPair

PEER = "sekisho.peer"
"""The filter state that holds the peer's address."""

_BLANKS = "[ \\t]*"
_KEY_MANY, _VALUE_MANY = "[^&=]*", "[^&]*"
_KEY_ONE, _VALUE_ONE = "[^&=]", "[^&]"


def emit_match(match: Match) -> RouteMatch:
    """Return the route match for a match."""
    emitted = _path(match.path)
    if match.host:
        # EDGE-07: the port that a client wrote into Host takes no part. EDGE-21: Envoy joins several hosts by commas.
        hosts = any_of(map(regex_of, match.host))
        emitted.headers.append(_header_regex(":authority", f"(?:{hosts})(?::[0-9]*)?(?:,{ANYTHING})?"))
    if match.methods:
        methods = tuple(Pattern(method) for method in match.methods)
        emitted.headers.append(HeaderMatcher(name=":method", string_match=emit_string_match(methods)))
    for header in match.headers:
        # EDGE-20
        values = any_of(map(regex_of, header.patterns))
        emitted.headers.append(_header_regex(header.name, f"{_BLANKS}(?:{values}){_BLANKS}"))
    for pairs in match.query:
        parameters = any_of(map(_query_regex, pairs))
        regex = rf"[^?]*\?(?:{ANYTHING}&)?(?:{parameters})(?:&{ANYTHING})?"
        emitted.headers.append(_header_regex(":path", regex))
    if match.sources:
        ranges = [_cidr(source) for source in match.sources]
        emitted.filter_state.append(FilterStateMatcher(key=PEER, address_match=AddressMatcher(ranges=ranges)))
    return emitted


def _path(patterns: tuple[Pattern, ...]) -> RouteMatch:
    if not patterns:
        return RouteMatch(prefix="")
    if len(patterns) == 1 and patterns[0].case_sensitive:
        pattern = patterns[0]
        if pattern.kind is PatternKind.EXACT:
            return RouteMatch(path=pattern.text)
        stem = pattern.text.removesuffix("*")
        if pattern.kind is PatternKind.WILDCARD and stem != pattern.text and not set(stem) & set("*?\\"):
            return RouteMatch(prefix=stem)
    return RouteMatch(safe_regex=regex_matcher(any_of(map(regex_of, patterns))))


def _header_regex(name: str, regex: str) -> HeaderMatcher:
    return HeaderMatcher(name=name, string_match=StringMatcher(safe_regex=regex_matcher(regex)))


def _query_regex(pair: QueryPair) -> str:
    value = regex_of(pair.value, _VALUE_MANY, _VALUE_ONE)
    if pair.key is not None:
        return f"{regex_of(pair.key, _KEY_MANY, _KEY_ONE)}={value}"
    with_key = f"{_KEY_MANY}={value}"
    if "=" in pair.value.text:
        return with_key
    # A parameter without "=" is a value without a key.
    return f"{with_key}|{regex_of(pair.value, _KEY_MANY, _KEY_ONE)}"


def _cidr(source: str) -> CidrRange:
    network = ipaddress.ip_network(source, strict=False)
    return CidrRange(
        address_prefix=str(network.network_address), prefix_len=UInt32Value(value=network.prefixlen)
    )
