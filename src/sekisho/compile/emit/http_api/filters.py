"""The HTTP filters of an HTTP API, in the order in which they see a request."""

from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter

from sekisho.compile.emit.filters import FilterEntry, discovered, inline, router
from sekisho.compile.emit.filters.jwt_authn import JWT_AUTHN
from sekisho.compile.emit.filters.normalize import NORMALIZE, emit_normalize
from sekisho.compile.emit.filters.policy import POLICY
from sekisho.compile.emit.http_api.cors import emit_cors
from sekisho.compile.emit.http_api.integration import emit_integration
from sekisho.compile.emit.http_api.question import emit_question
from sekisho.compile.emit.http_api.request import emit_api_request, emit_buffer, emit_request_ids
from sekisho.compile.emit.http_api.throttle import emit_throttle
from sekisho.model.ir import Listener

FILTERS: tuple[FilterEntry, ...] = (
    FilterEntry(emit_request_ids, "sees responses last, so that none goes out without its id"),
    FilterEntry(emit_api_request, "refuses what is too large before anything is spent on it"),
    FilterEntry(
        inline(NORMALIZE, emit_normalize), "chooses the route again, so nothing may act on it before"
    ),
    FilterEntry(emit_throttle, "counts requests before their tokens cost anything"),
    FilterEntry(discovered(JWT_AUTHN), "verifies the signatures that the policy asks about"),
    FilterEntry(discovered(POLICY), "decides; nothing that answers or changes a request may come before"),
    FilterEntry(emit_question, "decides too, on the routes that have a Lambda authorizer or AWS_IAM"),
    FilterEntry(emit_cors, "answers preflights; only to who may pass"),
    FilterEntry(emit_buffer, "takes a body only from who may pass"),
    FilterEntry(emit_integration, "changes what is forwarded, after everything that looks at the request"),
    FilterEntry(router, "carries out the route's action, so it is the last one"),
)
"""The order is the filter order."""


def emit_api_filters(listener: Listener) -> list[HttpFilter]:
    """Return the filters of a listener, in order."""
    return [entry.emit(listener) for entry in FILTERS]
