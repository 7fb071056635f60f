"""Keeping pages of web sites away from what belongs to the operator of this machine."""

from collections.abc import Iterable

from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sekisho.kernel.addresses import is_loopback
from sekisho.serve.hosts import has_foreign_origin, host_of, is_local_name


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
        elif self._is_loopback and not is_local_name(host_of(scope)):
            reason = f"{host_of(scope)} is not a name of this machine; use localhost or 127.0.0.1"
        if reason:
            await JSONResponse({"message": reason}, 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
