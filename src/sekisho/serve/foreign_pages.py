"""Keeping pages of web sites away from what belongs to the operator of this machine.

A page in a browser here can send requests to loopback addresses. Those of other sites are known by their ``Origin``
(https://www.rfc-editor.org/rfc/rfc6454#section-7); a site that points its own name at this machine (DNS rebinding) is
known by that name in ``Host``.
"""

import ipaddress
from collections.abc import Iterable

from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

_LOCAL_NAMES = frozenset(("localhost",))
# Nobody else can register a name below these: RFC 6761 reserves the first, ICANN the second, and the third is Amazon's.
_LOCAL_SUFFIXES = (".localhost", ".internal", ".amazonaws.com")


def without_foreign_pages(routes: Iterable[Route], host: str) -> list[Route]:
    """Return the routes such that pages of other sites are refused; ``host`` is where the server listens."""
    guard = Middleware(_Guard, is_loopback=is_loopback(host))
    return [
        Route(route.path, route.endpoint, methods=list(route.methods or ()), middleware=[guard])
        for route in routes
    ]


class _Guard:
    """Answers 403 to pages of other sites and hands on everything else."""

    def __init__(self, app: ASGIApp, *, is_loopback: bool) -> None:
        self._app = app
        self._is_loopback = is_loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HTTPConnection(scope)
        reason = ""
        if has_foreign_origin(request):
            reason = "a page of another site may not do this"
        elif self._is_loopback and not is_local_name(request.url.hostname or ""):
            reason = f"{request.url.hostname} is not a name of this machine; use localhost or 127.0.0.1"
        if reason:
            await JSONResponse({"message": reason}, 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def has_foreign_origin(request: HTTPConnection) -> bool:
    """Tell whether a page of another site sends the request."""
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != request.headers.get("host")


def is_local_name(host: str) -> bool:
    """Tell whether a host name can only mean this machine, or the operator's own network."""
    return host in _LOCAL_NAMES or host.endswith(_LOCAL_SUFFIXES) or is_loopback(host)


def is_loopback(host: str) -> bool:
    """Tell whether a text is a loopback address or ``localhost``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
