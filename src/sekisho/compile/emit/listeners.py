"""A listener: its socket, TLS and the HTTP connection manager, for LDS.

A changed listener drains its connections, so nothing that an author changes often stands here: rules arrive
over RDS, keys over ECDS, targets over EDS.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from envoy.config.core.v3.address_pb2 import Address, SocketAddress
from envoy.config.core.v3.base_pb2 import DataSource, TransportSocket
from envoy.config.core.v3.protocol_pb2 import Http1ProtocolOptions, Http2ProtocolOptions, HttpProtocolOptions
from envoy.config.core.v3.substitution_format_string_pb2 import SubstitutionFormatString
from envoy.config.listener.v3.listener_components_pb2 import Filter, FilterChain, FilterChainMatch
from envoy.config.listener.v3.listener_pb2 import Listener as EnvoyListener
from envoy.extensions.filters.common.set_filter_state.v3.value_pb2 import FilterStateValue
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import (
    HttpConnectionManager,
    Rds,
)
from envoy.extensions.filters.network.set_filter_state.v3.set_filter_state_pb2 import Config as SetFilterState
from google.protobuf.wrappers_pb2 import BoolValue, UInt32Value

from sekisho.compile.emit.access_log import emit_access_logs
from sekisho.compile.emit.early import emit_early_mutations
from sekisho.compile.emit.filters import emit_filters
from sekisho.compile.emit.http_api.listeners import emit_api_connection_manager
from sekisho.compile.emit.local_replies import emit_local_replies
from sekisho.compile.emit.matches import PEER
from sekisho.compile.emit.plain_http import TLS_MATCH, emit_plain_http_chain, emit_tls_inspector
from sekisho.compile.emit.resources import ADS, MAX_HEADERS, duration, pack
from sekisho.compile.emit.tls import emit_downstream_tls
from sekisho.model.ir import Flavour, Listener
from sekisho.model.ir_tls import Tls

# "HTTP headers: request line 16 K, single header 16 K, entire request header 64 K":
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
_MAX_REQUEST_HEADERS_KB = 64

_BUFFER_BYTES = 64 * 1024
"""How much of a body waits for a client that reads slowly: as fast as Envoy's own 1 MB, for a sixteenth of it."""

# "you can send up to 128 requests in parallel using one HTTP/2 connection":
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html
_HTTP2_STREAMS = 128

# Envoy refuses a listener for a name with any other wildcard.
_SERVER_NAME = re.compile(r"(?:\*\.)?[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)*")


def emit_listener(listener: Listener) -> EnvoyListener:
    """Return the Envoy listener on the local port."""
    socket = SocketAddress(address=listener.address, port_value=listener.port)
    emitted = EnvoyListener(name=listener.name, address=Address(socket_address=socket))
    if listener.flavour is Flavour.ALB:
        # Nothing waits for a whole body. An HTTP API's mapping does, and brings limits of its own.
        emitted.per_connection_buffer_limit_bytes.value = _BUFFER_BYTES
    chain = FilterChain(
        filters=[
            Filter(name="sekisho.peer", typed_config=pack(_peer_address())),
            Filter(
                name="envoy.filters.network.http_connection_manager",
                typed_config=pack(_MANAGERS[listener.flavour](listener)),
            ),
        ]
    )
    if listener.tls is None:
        emitted.filter_chains.append(chain)
        return emitted
    emitted.listener_filters.append(emit_tls_inspector())
    emitted.filter_chains.append(emit_plain_http_chain(listener))
    emitted.filter_chains.extend(_tls_chains(chain, listener.tls, http2=listener.options.http2))
    return emitted


def _tls_chains(chain: FilterChain, tls: Tls, *, http2: bool) -> Iterator[FilterChain]:
    """Yield the chain with TLS: with the default certificate, and with all where a client names one of their hosts.

    From all of them Envoy would pick by the kind of key for a client that names none.
    """
    # EDGE-24
    default = replace(tls, certificates=tls.certificates[:1])
    yield _with_tls(chain, "default", default, FilterChainMatch(), http2=http2)
    names = sorted(
        {host.lower() for each in tls.certificates for host in each.hosts if _SERVER_NAME.fullmatch(host)}
    )
    if len(tls.certificates) > 1 and names:
        yield _with_tls(chain, "named", tls, FilterChainMatch(server_names=names), http2=http2)


def _with_tls(
    chain: FilterChain, name: str, tls: Tls, match: FilterChainMatch, *, http2: bool
) -> FilterChain:
    copy = FilterChain(name=name, filter_chain_match=match)
    copy.MergeFrom(chain)
    copy.filter_chain_match.MergeFrom(TLS_MATCH)
    context = pack(emit_downstream_tls(tls, http2=http2))
    copy.transport_socket.CopyFrom(TransportSocket(name="envoy.transport_sockets.tls", typed_config=context))
    return copy


def _peer_address() -> SetFilterState:
    """Keep the peer's address of a connection where route matches can look at it."""
    value = FilterStateValue(
        object_key=PEER,
        factory_key="envoy.network.ip",
        format_string=SubstitutionFormatString(
            text_format_source=DataSource(inline_string="%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%")
        ),
    )
    return SetFilterState(on_new_connection=[value])


def _connection_manager(listener: Listener) -> HttpConnectionManager:
    options = listener.options
    idle = duration(options.idle_timeout)
    return HttpConnectionManager(
        codec_type=HttpConnectionManager.AUTO if listener.tls is not None else HttpConnectionManager.HTTP1,
        stat_prefix="edge",
        rds=Rds(config_source=ADS, route_config_name=listener.name),
        http_filters=emit_filters(listener),
        access_log=emit_access_logs(listener),
        local_reply_config=emit_local_replies(listener),
        early_header_mutation_extensions=[emit_early_mutations(options, sized=True)],
        # Rules and targets see Host without the port that this listener has on this machine.
        strip_matching_host_port=not options.preserve_host,
        server_header_transformation=HttpConnectionManager.PASS_THROUGH,
        use_remote_address=BoolValue(value=True),
        skip_xff_append=True,
        generate_request_id=BoolValue(value=False),
        max_request_headers_kb=UInt32Value(value=_MAX_REQUEST_HEADERS_KB),
        stream_idle_timeout=idle,
        request_headers_timeout=idle,
        upgrade_configs=[HttpConnectionManager.UpgradeConfig(upgrade_type="websocket")],
        http1_safe_max_connection_duration=True,
        common_http_protocol_options=HttpProtocolOptions(
            idle_timeout=idle,
            max_connection_duration=duration(options.client_keep_alive),
            max_headers_count=UInt32Value(value=MAX_HEADERS),
        ),
        http2_protocol_options=Http2ProtocolOptions(max_concurrent_streams=UInt32Value(value=_HTTP2_STREAMS)),
        http_protocol_options=Http1ProtocolOptions(
            # Pages are spelt as the load balancer spells them; a proxied answer keeps the target's spelling,
            # which the cluster's formatter has attached to it.
            accept_http_10=True,
            allow_custom_methods=True,
            default_host_for_http_10=listener.host,
            header_key_format=Http1ProtocolOptions.HeaderKeyFormat(
                proper_case_words=Http1ProtocolOptions.HeaderKeyFormat.ProperCaseWords()
            ),
        ),
    )


_MANAGERS = {Flavour.ALB: _connection_manager, Flavour.HTTP_API: emit_api_connection_manager}
