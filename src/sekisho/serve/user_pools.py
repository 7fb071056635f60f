"""The HTTP side of user pools: keys and discovery under the issuer, and the endpoints of a pool's domain.

A pool's keys are at ``/{poolId}/.well-known/jwks.json`` whatever host name is asked: ``cognito-idp.<region>.localhost``
leads here, and so does AWS's own name where it is resolved to this machine. A domain is reached by its host name and
below ``/_sekisho/domains/{domain}``.
"""

from collections.abc import Callable
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route, Router
from starlette.types import Receive, Scope, Send

from sekisho.issuer.cognito.discovery import discovery_document
from sekisho.issuer.cognito.urls import DOMAINS_PATH, find_domain, is_prefix_host
from sekisho.issuer.jwks import key_set
from sekisho.kernel.addresses import is_address
from sekisho.model.cognito import UserPool
from sekisho.serve.domains.common import DomainDeps, Handler, guarded
from sekisho.serve.domains.login import MISSING_PAGES, LoginEndpoints, show_missing_page
from sekisho.serve.domains.revoke import RevocationEndpoint
from sekisho.serve.domains.token import TokenEndpoint
from sekisho.serve.domains.user_info import UserInfoEndpoint
from sekisho.serve.hosts import host_of
from sekisho.store.api import Reader, Store

_CALLED_BY_PAGES = ("/oauth2/token", "/oauth2/revoke", "/oauth2/userInfo")
_PUBLIC = {"cache-control": "public, max-age=86400", "access-control-allow-origin": "*"}


def user_pool_routes(deps: DomainDeps) -> list[BaseRoute]:
    """Return the routes of every pool; the first claims host names of domains only."""
    issuer = _IssuerEndpoints(deps)
    domain = Router(_domain_routes(deps), redirect_slashes=False)
    return [
        _DomainHost(deps.store, domain),
        Mount(f"{DOMAINS_PATH}/{{domain}}", domain),
        Route("/{pool_id}/.well-known/jwks.json", issuer.jwks, methods=["GET"]),
        Route("/{pool_id}/.well-known/openid-configuration", issuer.discovery, methods=["GET"]),
    ]


def _domain_routes(deps: DomainDeps) -> list[BaseRoute]:
    login, user_info = LoginEndpoints(deps), UserInfoEndpoint(deps)
    handlers: tuple[tuple[str, Handler, tuple[str, ...]], ...] = (
        ("/oauth2/token", TokenEndpoint(deps).handle, ("POST",)),
        ("/oauth2/revoke", RevocationEndpoint(deps).handle, ("POST",)),
        ("/oauth2/userInfo", user_info.handle, ("GET", "POST")),
        ("/oauth2/authorize", login.authorize, ("GET",)),
        ("/login", login.show_login, ("GET",)),
        ("/login", login.login, ("POST",)),
        ("/logout", login.logout, ("GET",)),
        *((path, _preflight, ("OPTIONS",)) for path in _CALLED_BY_PAGES),
        *((path, show_missing_page, ("GET",)) for path in MISSING_PAGES),
    )
    return [Route(path, guarded(deps, handler), methods=list(methods)) for path, handler, methods in handlers]


async def _preflight(_request: Request) -> Response:
    """Allow pages of any site to call the endpoints, as AWS does; none of them looks at cookies."""
    headers = {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "authorization, content-type",
        "access-control-max-age": "86400",
    }
    return Response(status_code=204, headers=headers)


class _DomainHost(BaseRoute):
    """Sends requests for the host name of a domain to the domain's routes."""

    def __init__(self, store: Store, app: Router) -> None:
        self._store = store
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match HTTP requests whose host is a domain's."""
        if scope["type"] != "http":
            return Match.NONE, {}
        host = host_of(scope)
        if "." not in host or is_address(host):
            return Match.NONE, {}
        with self._store.read() as state:
            domain = find_domain(state, host)
        if domain is None and not is_prefix_host(host):
            return Match.NONE, {}
        # No domain has an empty name: the endpoints say that there is none of that host name.
        return Match.FULL, {"path_params": {"domain": "" if domain is None else domain.domain}}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request."""
        await self._app(scope, receive, send)


class _IssuerEndpoints:
    """What stands below a pool's issuer."""

    def __init__(self, deps: DomainDeps) -> None:
        self._deps = deps

    async def jwks(self, request: Request) -> Response:
        """Answer with the pool's public keys."""
        return await self._answer(request, lambda state, pool: key_set(state, pool.issuer))

    async def discovery(self, request: Request) -> Response:
        """Answer with the pool's discovery document."""
        urls = self._deps.tokens.urls
        return await self._answer(request, lambda state, pool: discovery_document(state, pool, urls))

    async def _answer(
        self, request: Request, document: Callable[[Reader, UserPool], dict[str, Any]]
    ) -> Response:
        pool_id = request.path_params["pool_id"]

        def read() -> dict[str, Any] | None:
            with self._deps.store.read() as state:
                pool = state.find(UserPool, pool_id)
                return None if pool is None else document(state, pool)

        found = await anyio.to_thread.run_sync(read)
        if found is None:
            return JSONResponse({"message": f"User pool {pool_id} does not exist."}, 400)
        return JSONResponse(found, headers=_PUBLIC)
