"""Keeps a client on one target by cookie, where its target group asks for that.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
"""

from collections.abc import Mapping

from envoy.config.core.v3.extension_pb2 import TypedExtensionConfig
from envoy.extensions.filters.http.stateful_session.v3.stateful_session_pb2 import (
    StatefulSession,
    StatefulSessionPerRoute,
)
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter
from envoy.extensions.http.stateful_session.cookie.v3.cookie_pb2 import CookieBasedSessionState
from envoy.type.http.v3.cookie_pb2 import Cookie
from google.protobuf.any_pb2 import Any

from sekisho.compile.emit.resources import duration, pack
from sekisho.model.ir import Listener, Upstream

_NAME = "envoy.filters.http.stateful_session"
_DURATION_COOKIE = "AWSALB"
_APPLICATION_COOKIE = "AWSALBAPP-0"


def emit_sticky_targets(_listener: Listener) -> HttpFilter:
    """Return the filter; without a configuration of the route it does nothing."""
    return HttpFilter(name=_NAME, typed_config=pack(StatefulSession()))


def emit_sticky_targets_route(upstream: Upstream) -> Mapping[str, Any]:
    """Return the configuration of a route to an upstream, by the name of the filter; empty if it is not sticky."""
    if upstream.sticky_seconds is None:
        return {}
    cookie = Cookie(
        name=_DURATION_COOKIE if upstream.sticky_cookie is None else _APPLICATION_COOKIE,
        path="/",
        ttl=duration(upstream.sticky_seconds),
    )
    state = TypedExtensionConfig(
        name="envoy.http.stateful_session.cookie", typed_config=pack(CookieBasedSessionState(cookie=cookie))
    )
    session = StatefulSession(session_state=state)
    return {_NAME: pack(StatefulSessionPerRoute(stateful_session=session))}
