"""Making the tenants that a file declares, and nothing else: a second run changes nothing.

What is declared becomes as declared: an API's scopes, profile and lifetime, an application's grants. What is
not declared stays: other APIs, other applications, ids and secrets that were made here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sekisho.issuer.context import IssuerContext
from sekisho.issuer.tenants.resources import (
    create_tenant,
    find_api,
    find_client,
    find_grant,
    new_api_id,
    new_client_id,
    new_client_secret,
    new_grant_id,
)
from sekisho.issuer.tenants.spec import ApiSpec, ApplicationSpec, GrantSpec, TenantSpec
from sekisho.kernel.secret import Secret
from sekisho.model.resource import Resource
from sekisho.model.tenants import ClientGrant, Tenant, TenantApi, TenantClient


@dataclass(frozen=True, slots=True)
class AppliedApplication:
    """A declared application and its credentials."""

    name: str
    client_id: str
    client_secret: Secret


@dataclass(frozen=True, slots=True)
class AppliedTenant:
    """A declared tenant and its declared applications."""

    domain: str
    issuer: str
    applications: tuple[AppliedApplication, ...]


def apply_tenants(ctx: IssuerContext, specs: Iterable[TenantSpec]) -> list[AppliedTenant]:
    """Bring the tenants to what is declared and return them with the credentials of their applications."""
    return [_apply_tenant(ctx, spec) for spec in specs]


def _apply_tenant(ctx: IssuerContext, spec: TenantSpec) -> AppliedTenant:
    tenant = ctx.state.find(Tenant, spec.domain) or create_tenant(ctx, spec.domain)
    for api in spec.apis:
        _apply_api(ctx, tenant, api)
    taken = {one.client_id for one in spec.applications if one.client_id is not None}
    clients = [_apply_application(ctx, tenant, one, taken) for one in spec.applications]
    applications = (
        AppliedApplication(client.name, client.client_id, Secret(client.client_secret)) for client in clients
    )
    return AppliedTenant(tenant.domain, tenant.issuer, tuple(applications))


def _apply_api(ctx: IssuerContext, tenant: Tenant, spec: ApiSpec) -> None:
    old = find_api(ctx.state, tenant.domain, spec.identifier)
    base = old or TenantApi(tenant.domain, spec.identifier, new_api_id(ctx), spec.name)
    new = replace(
        base,
        name=spec.name,
        scopes=spec.scopes,
        token_lifetime=spec.token_lifetime,
        token_dialect=spec.token_dialect,
    )
    _put_changed(ctx, old, new)


def _apply_application(
    ctx: IssuerContext, tenant: Tenant, spec: ApplicationSpec, taken: set[str]
) -> TenantClient:
    old = _find_application(ctx, tenant, spec, taken)
    secret = spec.client_secret.reveal() if spec.client_secret else None
    if old is None:
        client_id = spec.client_id or new_client_id(ctx)
        client = TenantClient(tenant.domain, client_id, secret or new_client_secret(ctx), spec.name)
    else:
        client = replace(old, name=spec.name, client_secret=secret or old.client_secret)
    _put_changed(ctx, old, client)
    _apply_grants(ctx, client, spec.grants)
    return client


def _find_application(
    ctx: IssuerContext, tenant: Tenant, spec: ApplicationSpec, taken: set[str]
) -> TenantClient | None:
    if spec.client_id is not None:
        return find_client(ctx.state, tenant.domain, spec.client_id)
    clients = ctx.state.list(TenantClient, tenant.domain)
    return next((one for one in clients if one.name == spec.name and one.client_id not in taken), None)


def _apply_grants(ctx: IssuerContext, client: TenantClient, specs: tuple[GrantSpec, ...]) -> None:
    for spec in specs:
        old = find_grant(ctx.state, client.domain, client.client_id, spec.identifier)
        base = old or ClientGrant(client.domain, client.client_id, spec.identifier, new_grant_id(ctx))
        new = replace(base, permissions=spec.scopes or (), allow_all_scopes=spec.scopes is None)
        _put_changed(ctx, old, new)
    declared = {spec.identifier for spec in specs}
    for grant in ctx.state.list(ClientGrant, client.domain):
        if grant.client_id == client.client_id and grant.audience not in declared:
            ctx.state.delete(ClientGrant, grant.key)


def _put_changed(ctx: IssuerContext, old: Resource | None, new: Resource) -> None:
    if new != old:
        ctx.state.put(new)
