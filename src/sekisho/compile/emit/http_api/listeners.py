"""The HTTP connection manager of an HTTP API."""

from envoy.config.core.v3.extension_pb2 import TypedExtensionConfig
from envoy.config.core.v3.protocol_pb2 import Http1ProtocolOptions, HttpProtocolOptions
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import (
    HttpConnectionManager,
    Rds,
)
from envoy.extensions.http.header_formatters.preserve_case.v3.preserve_case_pb2 import (
    PreserveCaseFormatterConfig,
)
from google.protobuf.wrappers_pb2 import BoolValue, UInt32Value

from sekisho.compile.emit.access_log import emit_access_logs
from sekisho.compile.emit.early import emit_early_mutations
from sekisho.compile.emit.http_api.filters import emit_api_filters
from sekisho.compile.emit.http_api.local_replies import emit_api_local_replies
from sekisho.compile.emit.resources import ADS, MAX_HEADERS, duration, pack
from sekisho.model.ir import Listener

_MAX_REQUEST_HEADERS_KB = 64
"""Above the limit of an HTTP API, which a filter checks to the byte."""

_IDLE_SECONDS = 350
"""How long a connection is kept without a request."""

_STREAM_SECONDS = 60


def emit_api_connection_manager(listener: Listener) -> HttpConnectionManager:
    """Return the connection manager of an HTTP API's listener."""
    codec = HttpConnectionManager.AUTO if listener.tls is not None else HttpConnectionManager.HTTP1
    return HttpConnectionManager(
        codec_type=codec,
        stat_prefix="edge",
        rds=Rds(config_source=ADS, route_config_name=listener.name),
        http_filters=emit_api_filters(listener),
        access_log=emit_access_logs(listener),
        local_reply_config=emit_api_local_replies(),
        early_header_mutation_extensions=[emit_early_mutations(listener.options)],
        server_header_transformation=HttpConnectionManager.PASS_THROUGH,
        use_remote_address=BoolValue(value=True),
        skip_xff_append=True,
        generate_request_id=BoolValue(value=False),
        max_request_headers_kb=UInt32Value(value=_MAX_REQUEST_HEADERS_KB),
        stream_idle_timeout=duration(_STREAM_SECONDS),
        request_headers_timeout=duration(_STREAM_SECONDS),
        common_http_protocol_options=HttpProtocolOptions(
            idle_timeout=duration(_IDLE_SECONDS),
            # Their size counts, not their number (HTTP-EDGE-03).
            max_headers_count=UInt32Value(value=MAX_HEADERS),
        ),
        http_protocol_options=Http1ProtocolOptions(
            accept_http_10=True,
            default_host_for_http_10=listener.host,
            # Integrations see names of headers as the client spells them (HTTP-EVENT-08).
            header_key_format=Http1ProtocolOptions.HeaderKeyFormat(
                stateful_formatter=TypedExtensionConfig(
                    name="preserve_case", typed_config=pack(PreserveCaseFormatterConfig())
                )
            ),
        ),
    )
