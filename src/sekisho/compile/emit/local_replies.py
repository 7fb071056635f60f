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
from envoy.config.core.v3.base_pb2 import DataSource, HeaderValueOption, RuntimeUInt32
from envoy.config.core.v3.substitution_format_string_pb2 import SubstitutionFormatString
from envoy.extensions.access_loggers.filters.cel.v3.cel_pb2 import ExpressionFilter
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import (
    LocalReplyConfig,
    ResponseMapper,
)
from google.protobuf.wrappers_pb2 import UInt32Value

from sekisho.compile.emit.filters.grpc_answers import answer_headers
from sekisho.compile.emit.pages import CONTENT_TYPE, SERVER, page
from sekisho.compile.emit.resources import literal, pack, set_header
from sekisho.model.ir import Listener, ListenerOptions


@dataclass(frozen=True, slots=True)
class _Case:
    """Answers of Envoy's own: the filter that tells them, and the status that the load balancer gives."""

    when: AccessLogFilter
    status: int


def details(expression: str) -> AccessLogFilter:
    """Return what tells answers by Envoy's details of them; the expression is CEL's."""
    name = "envoy.access_loggers.extension_filters.cel"
    cel = ExpressionFilter(expression=f"response.code_details.{expression}")
    return AccessLogFilter(extension_filter=ExtensionFilter(name=name, typed_config=pack(cel)))


def flags(*names: str) -> AccessLogFilter:
    """Return what tells answers that have one of Envoy's response flags."""
    return AccessLogFilter(response_flag_filter=ResponseFlagFilter(flags=names))


def status(operator: ComparisonFilter.Op.ValueType, code: int) -> AccessLogFilter:
    """Return what tells answers by their status."""
    value = RuntimeUInt32(default_value=code, runtime_key="sekisho.unused")
    return AccessLogFilter(
        status_code_filter=StatusCodeFilter(comparison=ComparisonFilter(op=operator, value=value))
    )


_SCRIPT = details("startsWith('lua_response')")
_DIRECT = details("startsWith('direct_response')")

# EDGE-17: the first that fits is taken, after the answers of our own.
_ALB: Sequence[_Case] = (
    _Case(details("contains('connection_timeout')"), 504),
    _Case(flags("UF", "UC", "UR", "LR", "UPE", "OM"), 502),
    _Case(flags("UH", "NC", "UO", "NR"), 503),
    _Case(status(ComparisonFilter.EQ, 504), 504),
    _Case(status(ComparisonFilter.EQ, 503), 503),
    _Case(status(ComparisonFilter.EQ, 501), 501),
    _Case(status(ComparisonFilter.GE, 500), 500),
    _Case(status(ComparisonFilter.EQ, 408), 408),
    _Case(status(ComparisonFilter.EQ, 413), 413),
    _Case(details("startsWith('low_version')"), 505),
    # Malformed, a header section that is too large (Envoy's 431), a path that is none (Envoy's 404).
    _Case(status(ComparisonFilter.GE, 400), 400),
)


def emit_local_replies(listener: Listener) -> LocalReplyConfig:
    """Return the mapping of Envoy's own answers for a listener."""
    # EDGE-06
    lead = _leading_headers(listener.options)
    with_type = [*lead, set_header("content-type", CONTENT_TYPE)]
    own = [
        ResponseMapper(
            filter=_DIRECT, headers_to_add=[*lead, *_again("content-type"), *answer_headers(None, None)]
        ),
        ResponseMapper(
            filter=_SCRIPT,
            headers_to_add=[
                *with_type,
                *_again("content-length", "location"),
                *answer_headers(None, CONTENT_TYPE),
            ],
        ),
    ]
    mapped = [
        ResponseMapper(
            filter=case.when,
            status_code=UInt32Value(value=case.status),
            body_format_override=SubstitutionFormatString(
                text_format_source=DataSource(inline_string=literal(page(case.status))),
                content_type=CONTENT_TYPE,
            ),
            headers_to_add=[*with_type, *answer_headers(case.status, CONTENT_TYPE)],
        )
        for case in _ALB
    ]
    return LocalReplyConfig(mappers=[*own, *mapped])


def _again(*names: str) -> list[HeaderValueOption]:
    """Return what moves headers, where there are such, behind those that were added before."""
    return [set_header(name, f"%RESP({name})%") for name in names]


def _leading_headers(options: ListenerOptions) -> list[HeaderValueOption]:
    """Return what every page of the load balancer starts with: Server and Date, in this order.

    Envoy puts the right date in the place of this one.
    """
    date = set_header("date", "%START_TIME(%a, %d %b %Y %H:%M:%S GMT)%")
    return [set_header("server", SERVER), date] if options.server_header else [date]
