"""A tenant as an issuer: token endpoint, key set, discovery document."""

from typing import Any

import anyio.to_thread
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sekisho.issuer.jwks import CACHE_CONTROL, key_set
from sekisho.issuer.request import decode_token_request
from sekisho.issuer.tenants.discovery import discovery_document
from sekisho.issuer.tenants.issuer import TenantIssuer
from sekisho.issuer.token import answer_token_request, render_error
from sekisho.kernel.errors import OAuthError
from sekisho.model.tenants import Tenant
from sekisho.serve.bodies import read_body
from sekisho.serve.tenants.common import BODY_LIMIT, NO_STORE, TenantDeps, require_tenant

log = structlog.get_logger(__name__)


class IssuerEndpoints:
    """The endpoints that clients of a tenant use."""

    def __init__(self, deps: TenantDeps) -> None:
        self._deps = deps

    async def token(self, request: Request) -> Response:
        """Answer a token request (RFC 6749 section 4.4)."""
        domain = request.path_params["domain"]
        body = await read_body(request, BODY_LIMIT)
        headers = request.headers

        def answer() -> dict[str, Any]:
            decoded = decode_token_request(
                headers.get("content-type", ""), headers.get("authorization"), body
            )
            with self._deps.store.read() as state:
                tenant = require_tenant(state.find(Tenant, domain))
                issuer = TenantIssuer(state, tenant, self._deps.clock, self._deps.ids)
                return answer_token_request(issuer, decoded)

        try:
            return JSONResponse(await anyio.to_thread.run_sync(answer), headers=NO_STORE)
        except OAuthError as error:
            log.info("token request refused", tenant=domain, error=error.error, hint=error.hint)
            return JSONResponse(render_error(error), error.status, headers=NO_STORE)

    async def jwks(self, request: Request) -> Response:
        """Answer with the public keys (RFC 7517 section 5)."""
        tenant = await self._find_tenant(request)
        with self._deps.store.read() as state:
            return JSONResponse(key_set(state, tenant.issuer), headers={"cache-control": CACHE_CONTROL})

    async def discovery(self, request: Request) -> Response:
        """Answer with what OpenID Connect Discovery 1.0 section 3 wants to know."""
        tenant = await self._find_tenant(request)
        return JSONResponse(discovery_document(tenant), headers={"cache-control": CACHE_CONTROL})

    async def _find_tenant(self, request: Request) -> Tenant:
        with self._deps.store.read() as state:
            return require_tenant(state.find(Tenant, request.path_params["domain"]))
