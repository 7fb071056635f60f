"""What an HTTP API does to every request and response: ids, limits, trace id."""

from envoy.config.common.mutation_rules.v3.mutation_rules_pb2 import HeaderMutation as Change
from envoy.extensions.filters.http.buffer.v3.buffer_pb2 import Buffer
from envoy.extensions.filters.http.header_mutation.v3.header_mutation_pb2 import HeaderMutation, Mutations
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter
from google.protobuf.wrappers_pb2 import UInt32Value

from sekisho.compile.emit.http_api.answers import REQUEST_ID_HEADER, bodies
from sekisho.compile.emit.lua import lua_filter, read_lua
from sekisho.compile.emit.resources import pack, set_header
from sekisho.model.ir import Listener

API_METADATA = "sekisho.api"
"""The namespace of the dynamic metadata that holds ``id``, and ``host`` and ``target`` as the client sent them."""

REQUEST_ID = f"%DYNAMIC_METADATA({API_METADATA}:id)%"
"""The id of the request, in Envoy's format syntax."""

# "Payload size: 10 MB": https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
BODY_LIMIT = 10 * 1024 * 1024
"""Most bytes of a body."""

_SOURCE = read_lua("http_api/request.lua")


def emit_request_ids(_listener: Listener) -> HttpFilter:
    """Return the filter that puts the id of the request on its response, whoever makes that."""
    change = Change(append=set_header(REQUEST_ID_HEADER, REQUEST_ID))
    config = HeaderMutation(mutations=Mutations(response_mutations=[change]))
    return HttpFilter(name="envoy.filters.http.header_mutation", typed_config=pack(config))


def emit_api_request(_listener: Listener) -> HttpFilter:
    """Return the filter that gives a request its id and checks its size."""
    return lua_filter("sekisho.api_request", _SOURCE, BODIES=bodies(400, 413, 431))


def emit_buffer(_listener: Listener) -> HttpFilter:
    """Return the filter that waits for the whole body, and answers 413 to one that is too large."""
    config = Buffer(max_request_bytes=UInt32Value(value=BODY_LIMIT))
    return HttpFilter(name="envoy.filters.http.buffer", typed_config=pack(config))
