"""Where an upstream listens, for EDS."""

from envoy.config.core.v3.address_pb2 import Address, Pipe, SocketAddress
from envoy.config.core.v3.health_check_pb2 import HealthStatus
from envoy.config.endpoint.v3.endpoint_components_pb2 import Endpoint as EnvoyEndpoint
from envoy.config.endpoint.v3.endpoint_components_pb2 import LbEndpoint, LocalityLbEndpoints
from envoy.config.endpoint.v3.endpoint_pb2 import ClusterLoadAssignment

from sekisho.model.ir import Endpoint, Upstream


def emit_endpoints(upstream: Upstream) -> ClusterLoadAssignment:
    """Return the endpoints of an upstream; one without any answers 503 (no healthy upstream)."""
    endpoints = [_emit_endpoint(endpoint) for endpoint in upstream.endpoints]
    if upstream.bridge is not None:
        pipe = Address(pipe=Pipe(path=upstream.bridge.socket))
        endpoints.append(LbEndpoint(endpoint=EnvoyEndpoint(address=pipe)))
    return ClusterLoadAssignment(
        cluster_name=upstream.name, endpoints=[LocalityLbEndpoints(lb_endpoints=endpoints)]
    )


def _emit_endpoint(endpoint: Endpoint) -> LbEndpoint:
    address = SocketAddress(address=endpoint.address, port_value=endpoint.port)
    return LbEndpoint(
        endpoint=EnvoyEndpoint(address=Address(socket_address=address)),
        health_status=HealthStatus.HEALTHY if endpoint.healthy else HealthStatus.UNHEALTHY,
    )
