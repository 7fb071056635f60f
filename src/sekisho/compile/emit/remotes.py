"""Hosts elsewhere: found by DNS, their certificates verified."""

import ipaddress

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.core.v3.address_pb2 import Address, SocketAddress
from envoy.config.core.v3.base_pb2 import DataSource, TransportSocket
from envoy.config.endpoint.v3.endpoint_components_pb2 import Endpoint, LbEndpoint, LocalityLbEndpoints
from envoy.config.endpoint.v3.endpoint_pb2 import ClusterLoadAssignment
from envoy.extensions.transport_sockets.tls.v3.common_pb2 import (
    CertificateValidationContext,
    SubjectAltNameMatcher,
)
from envoy.extensions.transport_sockets.tls.v3.tls_pb2 import CommonTlsContext, UpstreamTlsContext
from envoy.type.matcher.v3.string_pb2 import StringMatcher
from google.protobuf.wrappers_pb2 import BoolValue

from sekisho.compile.emit.resources import pack
from sekisho.model.ir import Remote


def set_remote(cluster: Cluster, remote: Remote) -> None:
    """Let a cluster lead to a host elsewhere."""
    cluster.ClearField("eds_cluster_config")
    address = Address(socket_address=SocketAddress(address=remote.host, port_value=remote.port))
    endpoints = LocalityLbEndpoints(lb_endpoints=[LbEndpoint(endpoint=Endpoint(address=address))])
    cluster.load_assignment.CopyFrom(ClusterLoadAssignment(cluster_name=cluster.name, endpoints=[endpoints]))
    if _is_address(remote.host):
        cluster.type = Cluster.STATIC
    else:
        cluster.type = Cluster.STRICT_DNS
        cluster.dns_lookup_family = Cluster.V4_PREFERRED
        cluster.respect_dns_ttl = True
        # A name that does not resolve must not hold up everything else.
        cluster.wait_for_warm_on_init.CopyFrom(BoolValue(value=False))
    if remote.tls:
        name = "envoy.transport_sockets.tls"
        cluster.transport_socket.CopyFrom(TransportSocket(name=name, typed_config=pack(_tls(remote))))


def _tls(remote: Remote) -> UpstreamTlsContext:
    is_address = _is_address(remote.server_name)
    wanted = SubjectAltNameMatcher(
        san_type=SubjectAltNameMatcher.IP_ADDRESS if is_address else SubjectAltNameMatcher.DNS,
        matcher=StringMatcher(exact=remote.server_name),
    )
    validation = CertificateValidationContext(
        trusted_ca=DataSource(filename=remote.roots), match_typed_subject_alt_names=[wanted]
    )
    return UpstreamTlsContext(
        common_tls_context=CommonTlsContext(validation_context=validation),
        sni="" if is_address else remote.server_name,
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
