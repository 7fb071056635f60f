"""The routes of an HTTP API as one virtual host, in order, for RDS."""

import json
from collections.abc import Mapping

from envoy.config.core.v3.base_pb2 import DataSource, HeaderValue, HeaderValueOption
from envoy.config.route.v3.route_components_pb2 import DirectResponseAction, RouteAction, VirtualHost
from envoy.config.route.v3.route_components_pb2 import Route as EnvoyRoute
from envoy.config.route.v3.route_pb2 import RouteConfiguration

from sekisho.compile.emit.actions import set_configs
from sekisho.compile.emit.filters.normalize import RESTORE, emit_normalize_route
from sekisho.compile.emit.filters.policy import emit_guard_route_config
from sekisho.compile.emit.forwarding import ENVOYS_OWN_HEADERS
from sekisho.compile.emit.http_api.answers import CONTENT_TYPE, body
from sekisho.compile.emit.http_api.cors import emit_cors_route
from sekisho.compile.emit.http_api.integration import enable_integration, set_path
from sekisho.compile.emit.http_api.question import emit_question_route, leave_out_question
from sekisho.compile.emit.http_api.request import REQUEST_ID
from sekisho.compile.emit.http_api.throttle import emit_throttle_route, is_closed
from sekisho.compile.emit.matches import emit_match
from sekisho.compile.emit.resources import duration, literal, set_header
from sekisho.model.choices import Choices
from sekisho.model.ir import FixedResponse, KeySet, Listener, Route
from sekisho.model.ir_http_api import Invoke, Proxy

REMAPPED = ("authorization", "date", "server", "www-authenticate")
"""Headers of an endpoint's response that reach the client under another name (HTTP-EDGE-07)."""

CALL_HEADER = "x-sekisho-call"
"""Begins the names of the headers that tell what runs functions about a call; ``-0``, ``-1`` and so on follow."""

_LONGEST_PART = 8000
"""Characters; escaped for Envoy's format they are at most twice as many, and a header has at most 16384."""

_PEER = "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%"


def emit_http_api_routes(
    listener: Listener, key_sets: Mapping[str, KeySet], choices: Choices
) -> RouteConfiguration:
    """Return the route table of a listener."""
    asks = any(route.api.question is not None for route in listener.routes)
    routes = [_normalize_route(asks=asks)]
    for route in listener.routes:
        emitted = EnvoyRoute(name=route.name, match=emit_match(route.match))
        key_set = None if route.guard is None else key_sets.get(route.guard.key_set)
        set_configs(emitted, emit_guard_route_config(route.guard, key_set, choices))
        if route.api.cors is not None:
            set_configs(emitted, emit_cors_route(route.api.cors))
        set_configs(emitted, emit_throttle_route(route.api.throttle))
        set_configs(emitted, emit_question_route(route.api.question) or leave_out_question(asks=asks))
        _set_action(emitted, route, listener)
        routes.append(emitted)
    host = VirtualHost(name="all", domains=["*"], routes=routes, response_headers_to_remove=REMAPPED)
    return RouteConfiguration(
        name=listener.name, virtual_hosts=[host], request_headers_to_remove=ENVOYS_OWN_HEADERS
    )


def _normalize_route(*, asks: bool) -> EnvoyRoute:
    """Return the route of a path to normalize (HTTP-ROUTE-08).

    A filter that it leaves out is not there for the route that is chosen next, whatever that one asks for. The path
    stays normalized: what is chosen by it must not be undone by the path that arrives.
    """
    route = emit_normalize_route()
    del route.typed_per_filter_config[RESTORE]
    set_configs(route, emit_guard_route_config(None, None))
    for configs in (emit_cors_route(None), enable_integration(), leave_out_question(asks=asks)):
        set_configs(route, configs)
    return route


def _set_action(emitted: EnvoyRoute, route: Route, listener: Listener) -> None:
    throttle = route.api.throttle
    if throttle is not None and is_closed(throttle):
        _answer(emitted, FixedResponse(429, CONTENT_TYPE, body(429)))
        return
    match route.action:
        case FixedResponse():
            _answer(emitted, route.action)
        case Invoke():
            _invoke(emitted, route, route.action, listener)
        case Proxy():
            _proxy(emitted, route, route.action)
        case _:
            _answer(emitted, FixedResponse(500, CONTENT_TYPE, body(500)))


def _answer(emitted: EnvoyRoute, fixed: FixedResponse) -> None:
    answer = DirectResponseAction(status=fixed.status, body=DataSource(inline_string=fixed.body))
    emitted.direct_response.CopyFrom(answer)
    emitted.response_headers_to_add.append(set_header("content-type", literal(fixed.content_type or "")))


def _invoke(emitted: EnvoyRoute, route: Route, action: Invoke, listener: Listener) -> None:
    """Send the request to what runs functions, with all that it has to know besides."""
    _forward(emitted, action.upstream, action.timeout)
    set_configs(emitted, set_path(emitted, route))
    forwarded_for = HeaderValueOption(
        header=HeaderValue(key="x-forwarded-for", value=_PEER),
        append_action=HeaderValueOption.APPEND_IF_EXISTS_OR_ADD,
    )
    emitted.request_headers_to_add.extend(
        [
            set_header("x-sekisho-request-id", REQUEST_ID),
            set_header("x-sekisho-peer", _PEER),
            *_call_headers(action.call),
            forwarded_for,
            set_header("x-forwarded-port", str(listener.public_port)),
            set_header("x-forwarded-proto", "https"),
        ]
    )


def _call_headers(call: str) -> list[HeaderValueOption]:
    """Return the headers that carry a JSON text, in parts: Envoy refuses a route that sets a longer header.

    A text of its own form holds no blanks, which a header loses at its ends.
    """
    text = json.dumps(json.loads(call), separators=(",", ":")).replace(" ", "\\u0020")
    parts = [text[start : start + _LONGEST_PART] for start in range(0, len(text), _LONGEST_PART)]
    return [set_header(f"{CALL_HEADER}-{number}", literal(part)) for number, part in enumerate(parts)]


def _proxy(emitted: EnvoyRoute, route: Route, action: Proxy) -> None:
    _forward(emitted, action.upstream, action.timeout)
    set_configs(emitted, set_path(emitted, route))
    emitted.request_headers_to_remove.extend(("x-forwarded-proto", "x-sekisho-authorizer"))
    forwarded = f"by=%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%;for={_PEER};host=%REQ(:AUTHORITY)%;proto=https"
    for name, value in (("forwarded", forwarded), ("via", "HTTP/1.1 AmazonAPIGateway")):  # HTTP-EDGE-08
        emitted.request_headers_to_add.append(
            HeaderValueOption(
                header=HeaderValue(key=name, value=value),
                append_action=HeaderValueOption.APPEND_IF_EXISTS_OR_ADD,
            )
        )


def _forward(emitted: EnvoyRoute, upstream: str, timeout: float) -> None:
    emitted.route.CopyFrom(
        RouteAction(
            cluster=upstream,
            timeout=duration(timeout),
            cluster_not_found_response_code=RouteAction.SERVICE_UNAVAILABLE,
        )
    )
    # Envoy removes before it adds, and a route comes before its virtual host, which removes them.
    emitted.response_headers_to_add.extend(
        set_header(f"x-amzn-remapped-{name}", f"%RESP({name})%") for name in REMAPPED
    )
