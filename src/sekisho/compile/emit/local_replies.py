"""What becomes of the answers that Envoy makes itself: a load balancer's pages and status codes.

The flags are Envoy's: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
The status codes are those of
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from envoy.config.accesslog.v3.accesslog_pb2 import (
    AccessLogFilter,
    ComparisonFilter,
    ExtensionFilter,
    ResponseFlagFilter,
    StatusCodeFilter,
)
from envoy.config.core.v3.base_pb2 import DataSource, RuntimeUInt32
from envoy.config.core.v3.substitution_format_string_pb2 import SubstitutionFormatString
from envoy.extensions.access_loggers.filters.cel.v3.cel_pb2 import ExpressionFilter
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import (
    LocalReplyConfig,
    ResponseMapper,
)
from google.protobuf.wrappers_pb2 import UInt32Value

from sekisho.compile.emit.pages import CONTENT_TYPE, SERVER, page
from sekisho.compile.emit.resources import literal, pack, set_header
from sekisho.model.ir import Listener


@dataclass(frozen=True, slots=True)
class _Case:
    """An answer of Envoy's own: the filter that tells it, and the status that the load balancer gives."""

    when: AccessLogFilter
    status: int


def _details(expression: str) -> AccessLogFilter:
    cel = ExpressionFilter(expression=expression)
    return AccessLogFilter(
        extension_filter=ExtensionFilter(
            name="envoy.access_loggers.extension_filters.cel", typed_config=pack(cel)
        )
    )


def _flags(*flags: str) -> AccessLogFilter:
    return AccessLogFilter(response_flag_filter=ResponseFlagFilter(flags=flags))


def _any_status() -> AccessLogFilter:
    at_least = ComparisonFilter(
        op=ComparisonFilter.GE, value=RuntimeUInt32(default_value=0, runtime_key="sekisho.unused")
    )
    return AccessLogFilter(status_code_filter=StatusCodeFilter(comparison=at_least))


# The first that fits is taken. Answers of our own (direct responses, Lua) have none of these flags.
_ALB: Sequence[_Case] = (
    _Case(_details("response.code_details.contains('connection_timeout')"), 504),
    _Case(_flags("UF", "UC", "UR", "LR", "UPE", "OM"), 502),
    _Case(_flags("UH", "NC", "UO", "NR"), 503),
)


def emit_local_replies(listener: Listener) -> LocalReplyConfig:
    """Return the mapping of Envoy's own answers for a listener."""
    server = [set_header("server", SERVER)] if listener.options.server_header else []
    mappers = [
        ResponseMapper(
            filter=case.when,
            status_code=UInt32Value(value=case.status),
            body_format_override=SubstitutionFormatString(
                text_format_source=DataSource(inline_string=literal(page(case.status))),
                content_type=CONTENT_TYPE,
            ),
            headers_to_add=server,
        )
        for case in _ALB
    ]
    return LocalReplyConfig(mappers=[*mappers, ResponseMapper(filter=_any_status(), headers_to_add=server)])
