"""The routes of tenants.

A tenant is reached by its host name, ``dev-abc.us.auth0.com`` or ``dev-abc.us.auth0.com.localhost``, and below
``/_sekisho/tenants/{domain}``.
"""

from starlette.routing import BaseRoute, Mount, Route, Router

from sekisho.serve.tenants.common import TenantDeps, guarded
from sekisho.serve.tenants.host import TenantHost
from sekisho.serve.tenants.issuer import IssuerEndpoints
from sekisho.serve.tenants.management import ManagementEndpoint
from sekisho.serve.tenants.registry import TENANTS_PATH, RegistryEndpoints


def tenant_routes(deps: TenantDeps) -> list[BaseRoute]:
    """Return the routes of every tenant: by host name, by path, and those that make tenants.

    The first route claims host names of tenants only; put the list before routes that match every host.
    """
    issuer, management, registry = IssuerEndpoints(deps), ManagementEndpoint(deps), RegistryEndpoints(deps)
    inner = [
        Route("/oauth/token", guarded(issuer.token), methods=["POST"]),
        Route("/.well-known/jwks.json", guarded(issuer.jwks), methods=["GET"]),
        Route("/.well-known/openid-configuration", guarded(issuer.discovery), methods=["GET"]),
        Route(
            "/api/v2/{rest:path}",
            guarded(management.answer),
            methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
        ),
    ]
    return [
        TenantHost(deps.store, Router(inner)),
        Route(TENANTS_PATH, guarded(registry.list_tenants), methods=["GET"]),
        Route(TENANTS_PATH, guarded(registry.create_tenant), methods=["POST"]),
        Route(f"{TENANTS_PATH}/{{domain}}", guarded(registry.delete_tenant), methods=["DELETE"]),
        Mount(f"{TENANTS_PATH}/{{domain}}", routes=inner),
    ]
