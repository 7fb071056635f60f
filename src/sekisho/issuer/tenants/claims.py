"""The claims of a machine-to-machine access token in both profiles.

Profiles: https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.issuer.token import Draft
from sekisho.model.tenants import Tenant, TenantApi, TenantClient


@dataclass(frozen=True, slots=True)
class Access:
    """What a client may do: an API, and which of its permissions."""

    api: TenantApi
    permissions: tuple[str, ...]


def draft_access_token(
    tenant: Tenant, client: TenantClient, access: Access, now: datetime, new_jti: Callable[[], str]
) -> Draft:
    """Return the access token of a client (AUTH0-12 to AUTH0-15)."""
    api, permissions = access.api, access.permissions
    issued_at = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": tenant.issuer,
        "sub": f"{client.client_id}@clients",  # AUTH0-12
        "aud": api.identifier,
        "iat": issued_at,
        "exp": issued_at + api.token_lifetime,  # AUTH0-18
    }
    if permissions:
        claims["scope"] = " ".join(permissions)
    if api.token_dialect.is_rfc9068:  # AUTH0-14
        claims["jti"] = new_jti()
        claims["client_id"] = client.client_id
    else:  # AUTH0-13
        claims["gty"] = "client-credentials"
        claims["azp"] = client.client_id
    if api.token_dialect.has_permissions:  # AUTH0-15
        claims["permissions"] = list(permissions)
    return Draft(claims, "at+jwt" if api.token_dialect.is_rfc9068 else "JWT")
