"""The HTTP side of user pools: keys and discovery under the issuer, and the endpoints of a pool's domain.

A pool's keys are at ``/{poolId}/.well-known/jwks.json`` whatever host name is asked: ``cognito-idp.<region>.localhost``
leads here, and so does AWS's own name where it is resolved to this machine.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio.to_thread
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sekisho.issuer.cognito.discovery import discovery_document
from sekisho.issuer.cognito.urls import PoolUrls
from sekisho.issuer.jwks import key_set
from sekisho.model.cognito import UserPool
from sekisho.store.api import Reader, Store

log = structlog.get_logger(__name__)

Handler = Callable[[Request], Awaitable[Response]]

_PUBLIC = {"cache-control": "public, max-age=86400", "access-control-allow-origin": "*"}


@dataclass(frozen=True, slots=True)
class UserPoolDeps:
    """What the endpoints need: the state, and where the pools are."""

    store: Store
    urls: PoolUrls


def user_pool_routes(deps: UserPoolDeps) -> list[BaseRoute]:
    """Return the routes of every pool."""
    issuer = _IssuerEndpoints(deps)
    return [
        Route("/{pool_id}/.well-known/jwks.json", issuer.jwks, methods=["GET"]),
        Route("/{pool_id}/.well-known/openid-configuration", issuer.discovery, methods=["GET"]),
    ]


class _IssuerEndpoints:
    """What stands below a pool's issuer."""

    def __init__(self, deps: UserPoolDeps) -> None:
        self._deps = deps

    async def jwks(self, request: Request) -> Response:
        return await self._answer(request, lambda state, pool: key_set(state, pool.issuer))

    async def discovery(self, request: Request) -> Response:
        return await self._answer(
            request, lambda state, pool: discovery_document(state, pool, self._deps.urls)
        )

    async def _answer(
        self, request: Request, document: Callable[[Reader, UserPool], dict[str, object]]
    ) -> Response:
        pool_id = request.path_params["pool_id"]

        def read() -> dict[str, object] | None:
            with self._deps.store.read() as state:
                pool = state.find(UserPool, pool_id)
                return None if pool is None else document(state, pool)

        found = await anyio.to_thread.run_sync(read)
        if found is None:
            return JSONResponse({"message": f"User pool {pool_id} does not exist."}, 400)
        return JSONResponse(found, headers=_PUBLIC)
