"""Making, listing and deleting tenants from this machine."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sekisho.issuer.management.errors import ManagementError
from sekisho.issuer.tenants.resources import create_tenant, delete_tenant
from sekisho.kernel.errors import UsageError
from sekisho.model.tenants import Tenant
from sekisho.serve.hosts import is_local
from sekisho.serve.tenants.common import TenantDeps, read_json, require_tenant, write

TENANTS_PATH = "/_sekisho/tenants"


def tenant_url(base: str, domain: str) -> str:
    """Return the base URL of a tenant, to which ``/oauth/token`` is appended; ``base`` is the server's own."""
    return f"{base.rstrip('/')}{TENANTS_PATH}/{domain}"


class RegistryEndpoints:
    """The endpoints for all tenants."""

    def __init__(self, deps: TenantDeps) -> None:
        self._deps = deps

    async def list_tenants(self, request: Request) -> Response:
        """Answer with the tenants and their URLs."""
        if not is_local(request):
            return _forbidden()
        with self._deps.store.read() as state:
            return JSONResponse([_render_tenant(tenant, request) for tenant in state.list(Tenant)])

    async def create_tenant(self, request: Request) -> Response:
        """Make a tenant, of the domain that is asked for or of a new one."""
        if not is_local(request):
            return _forbidden()
        try:
            domain = _asked_domain(await read_json(request))
            tenant = await write(self._deps, lambda ctx: create_tenant(ctx, domain), changes=True)
        except (UsageError, ManagementError) as error:
            return JSONResponse({"error": "invalid_request", "message": error.message}, 400)
        return JSONResponse(_render_tenant(tenant, request), 201)

    async def delete_tenant(self, request: Request) -> Response:
        """Delete a tenant and all that it has."""
        if not is_local(request):
            return _forbidden()
        domain = request.path_params["domain"]
        await write(
            self._deps,
            lambda ctx: delete_tenant(ctx, require_tenant(ctx.state.find(Tenant, domain))),
            changes=True,
        )
        return Response(status_code=204)


def _render_tenant(tenant: Tenant, request: Request) -> dict[str, str]:
    base = f"{request.url.scheme}://{request.headers.get('host', '')}"
    return {
        "domain": tenant.domain,
        "issuer": tenant.issuer,
        "jwks_uri": f"{tenant.issuer}.well-known/jwks.json",
        "url": tenant_url(base, tenant.domain),
    }


def _asked_domain(body: Any) -> str | None:
    domain = body.get("domain") if isinstance(body, dict) else None
    if body is not None and (not isinstance(body, dict) or set(body) - {"domain"}):
        raise UsageError("the body is a JSON object with the member domain, or empty")
    if domain is not None and not isinstance(domain, str):
        raise UsageError("domain must be a string")
    return domain


def _forbidden() -> Response:
    message = "tenants are made and deleted from this machine only"
    return JSONResponse({"error": "access_denied", "message": message}, 403)
