"""What a request must look like, as Envoy route matches."""

from envoy.config.route.v3.route_components_pb2 import RouteMatch

from sekisho.model.ir import Match


def emit_match(_match: Match) -> RouteMatch:
    """Return the route match for a match."""
    return RouteMatch(prefix="/")
