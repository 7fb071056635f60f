"""All of the edge: every resource of every kind by its name."""

from sekisho.compile.emit import resources
from sekisho.compile.emit.clusters import emit_cluster
from sekisho.compile.emit.endpoints import emit_endpoints
from sekisho.compile.emit.filters import emit_extensions
from sekisho.compile.emit.http_api.routes import emit_http_api_routes
from sekisho.compile.emit.listeners import emit_listener
from sekisho.compile.emit.routes import emit_routes
from sekisho.model.ir import Edge, Flavour


def emit_edge(edge: Edge) -> resources.Resources:
    """Return the Envoy resources of the edge; the names of upstreams and listeners are those of the IR."""
    upstreams = {upstream.name: upstream for upstream in edge.upstreams}
    key_sets = {key_set.name: key_set for key_set in edge.key_sets}
    return {
        resources.CLUSTER: {name: emit_cluster(upstream) for name, upstream in upstreams.items()},
        resources.ENDPOINTS: {
            name: emit_endpoints(upstream) for name, upstream in upstreams.items() if upstream.remote is None
        },
        resources.EXTENSION: emit_extensions(edge) if edge.listeners else {},
        resources.LISTENER: {listener.name: emit_listener(listener) for listener in edge.listeners},
        resources.ROUTES: {
            listener.name: emit_http_api_routes(listener, key_sets, edge.choices)
            if listener.flavour is Flavour.HTTP_API
            else emit_routes(listener, upstreams, key_sets, edge.choices)
            for listener in edge.listeners
        },
    }
