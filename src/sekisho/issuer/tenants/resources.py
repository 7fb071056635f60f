"""Making and deleting tenants, APIs, clients and client grants, for a file and for the Management API alike."""

import re
import string
from dataclasses import replace

from sekisho.issuer.context import IssuerContext
from sekisho.issuer.keys import KeyProfile, create_keys, delete_keys
from sekisho.kernel.errors import UsageError
from sekisho.kernel.ids import ALNUM, HEX, LOWER_ALNUM
from sekisho.model.tenants import ApiScope, ClientGrant, Tenant, TenantApi, TenantClient
from sekisho.store.api import Reader

URL_SAFE = string.ascii_letters + string.digits + "-_"
SYSTEM_API_NAME = "Auth0 Management API"
SYSTEM_PERMISSIONS = (
    *(
        f"{verb}:{noun}"
        for noun in ("clients", "client_grants")
        for verb in ("read", "create", "update", "delete")
    ),
    "read:client_keys",
    "update:client_keys",
    *(f"{verb}:resource_servers" for verb in ("read", "create", "update", "delete")),
    "read:signing_keys",
    "create:signing_keys",
    "update:signing_keys",
)
"""The permissions of the Management API that exist here."""

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z)({_LABEL}\.)+(?=[0-9-]*[a-z]){_LABEL}")
_FOREIGN = ("localhost", "amazonaws.com", "amazoncognito.com")


def check_domain(domain: str) -> str:
    """Return the domain of a tenant in lower case.

    Raises:
        UsageError: it is no domain name, or one that something else here answers.
    """
    lower = domain.lower()
    if not _DOMAIN.fullmatch(lower):
        raise UsageError(f"{domain[:80]!r} is not a domain name such as dev-abc123.us.auth0.com")
    if any(lower == name or lower.endswith(f".{name}") for name in _FOREIGN):
        raise UsageError(f"{domain[:80]!r} belongs to something else and cannot be a tenant")
    return lower


def tenant_keys(tenant: Tenant) -> KeyProfile:
    """Return how the keys of a tenant are made: key ids of 21 characters, certificates in its name."""
    return KeyProfile(tenant.issuer, lambda ids: ids.text(21, URL_SAFE), certificate_name=tenant.domain)


def create_tenant(ctx: IssuerContext, domain: str | None = None) -> Tenant:
    """Make a tenant with its keys and its system API (AUTH0-26); without a domain it gets a new one.

    Raises:
        UsageError: the domain is not valid or is taken.
    """
    checked = check_domain(domain or f"dev-{ctx.ids.text(16, LOWER_ALNUM)}.us.auth0.com")
    if ctx.state.find(Tenant, checked) is not None:
        raise UsageError(f"there is already a tenant {checked}")
    tenant = Tenant(checked, ctx.clock.now())
    ctx.state.put(tenant)
    create_keys(ctx, tenant_keys(tenant))
    permissions = tuple(ApiScope(value) for value in SYSTEM_PERMISSIONS)
    system = TenantApi(
        checked, tenant.management_audience, new_api_id(ctx), SYSTEM_API_NAME, permissions, is_system=True
    )
    ctx.state.put(system)
    return tenant


def delete_tenant(ctx: IssuerContext, tenant: Tenant) -> None:
    """Delete a tenant and everything in it; its issuer is not hosted here any more."""
    for kind in (ClientGrant, TenantClient, TenantApi):
        for resource in ctx.state.list(kind, tenant.domain):
            ctx.state.delete(kind, resource.key)
    delete_keys(ctx, tenant.issuer)
    ctx.state.delete(Tenant, tenant.key)


def delete_api(ctx: IssuerContext, api: TenantApi) -> None:
    """Delete an API and the grants for it."""
    for grant in ctx.state.list(ClientGrant, api.domain):
        if grant.audience == api.identifier:
            ctx.state.delete(ClientGrant, grant.key)
    ctx.state.delete(TenantApi, api.key)


def delete_client(ctx: IssuerContext, client: TenantClient) -> None:
    """Delete a client and its grants."""
    for grant in ctx.state.list(ClientGrant, client.domain):
        if grant.client_id == client.client_id:
            ctx.state.delete(ClientGrant, grant.key)
    ctx.state.delete(TenantClient, client.key)


def rotate_secret(ctx: IssuerContext, client: TenantClient) -> TenantClient:
    """Give a client a new secret; the one of before is worth nothing from now on."""
    rotated = replace(client, client_secret=new_client_secret(ctx))
    ctx.state.put(rotated)
    return rotated


def find_api(state: Reader, domain: str, id_or_identifier: str) -> TenantApi | None:
    """Return an API by its identifier or its id, or None."""
    by_identifier = state.find(TenantApi, f"{domain} {id_or_identifier}")
    if by_identifier is not None:
        return by_identifier
    return next((api for api in state.list(TenantApi, domain) if api.id == id_or_identifier), None)


def find_client(state: Reader, domain: str, client_id: str) -> TenantClient | None:
    """Return a client, or None."""
    return state.find(TenantClient, f"{domain} {client_id}")


def find_grant(state: Reader, domain: str, client_id: str, audience: str) -> ClientGrant | None:
    """Return the grant of a client for an audience, or None."""
    return state.find(ClientGrant, f"{domain} {client_id} {audience}")


def new_api_id(ctx: IssuerContext) -> str:
    """Return a new id for an API: 24 hexadecimal digits."""
    return ctx.ids.text(24, HEX)


def new_client_id(ctx: IssuerContext) -> str:
    """Return a new client id: 32 letters and digits."""
    return ctx.ids.text(32, ALNUM)


def new_client_secret(ctx: IssuerContext) -> str:
    """Return a new client secret: 64 url-safe characters, 384 bits."""
    return ctx.ids.text(64, URL_SAFE)


def new_grant_id(ctx: IssuerContext) -> str:
    """Return a new id for a client grant."""
    return f"cgr_{ctx.ids.text(16, ALNUM)}"
