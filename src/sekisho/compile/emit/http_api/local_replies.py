"""What becomes of the answers that Envoy makes itself: an HTTP API's bodies and status codes.

The flags are Envoy's: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
"""

from envoy.config.accesslog.v3.accesslog_pb2 import AccessLogFilter, AndFilter, ComparisonFilter
from envoy.config.core.v3.base_pb2 import DataSource, HeaderValueOption
from envoy.config.core.v3.substitution_format_string_pb2 import SubstitutionFormatString
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import (
    LocalReplyConfig,
    ResponseMapper,
)
from google.protobuf.wrappers_pb2 import UInt32Value

from sekisho.compile.emit.http_api.answers import CONTENT_TYPE, REQUEST_ID_HEADER, body
from sekisho.compile.emit.local_replies import details, flags, status
from sekisho.compile.emit.resources import literal, set_header

_SCRIPT = details("startsWith('lua_response')")
_OWN = (
    details("startsWith('direct_response')"),
    details("startsWith('ext_authz_denied')"),
)


def _both(one: AccessLogFilter, other: AccessLogFilter) -> AccessLogFilter:
    return AccessLogFilter(and_filter=AndFilter(filters=[one, other]))


# A preflight's answer has no body, and a script that fails answers in a load balancer's words.
_NO_CONTENT = _both(_SCRIPT, status(ComparisonFilter.EQ, 204))
_FAILED = _both(_SCRIPT, status(ComparisonFilter.EQ, 500))

# The first that fits is taken, after the answers of our own.
_CASES: tuple[tuple[AccessLogFilter, int], ...] = (
    (status(ComparisonFilter.EQ, 429), 429),
    # The integration did not answer in time, or there was no way to it.
    (flags("UT", "UF", "UC", "UR", "LR", "UPE", "OM", "UH", "NC", "UO", "NR"), 503),
    (status(ComparisonFilter.EQ, 504), 503),
    (status(ComparisonFilter.EQ, 503), 503),
    (status(ComparisonFilter.GE, 500), 500),
    (status(ComparisonFilter.EQ, 431), 431),
    (status(ComparisonFilter.EQ, 413), 413),
    (status(ComparisonFilter.EQ, 408), 408),
    (status(ComparisonFilter.GE, 400), 400),
)

# What is refused before any filter runs has no id of its own yet; fifteen digits of the time are one (HTTP-EDGE-01).
_EARLY_ID = "%START_TIME(%s%5f)%="


def emit_api_local_replies() -> LocalReplyConfig:
    """Return the mapping of Envoy's own answers."""
    early_id = set_header(REQUEST_ID_HEADER, _EARLY_ID)
    with_type = [early_id, set_header("content-type", CONTENT_TYPE)]
    own = [
        *(ResponseMapper(filter=each, headers_to_add=[early_id]) for each in (_NO_CONTENT, *_OWN)),
        _mapper(_FAILED, 500, with_type),
        ResponseMapper(filter=_SCRIPT, headers_to_add=with_type),
    ]
    mapped = [_mapper(when, answer, with_type) for when, answer in _CASES]
    return LocalReplyConfig(mappers=[*own, *mapped])


def _mapper(when: AccessLogFilter, answer: int, headers: list[HeaderValueOption]) -> ResponseMapper:
    return ResponseMapper(
        filter=when,
        status_code=UInt32Value(value=answer),
        body_format_override=SubstitutionFormatString(
            text_format_source=DataSource(inline_string=literal(body(answer))), content_type=CONTENT_TYPE
        ),
        headers_to_add=headers,
    )
