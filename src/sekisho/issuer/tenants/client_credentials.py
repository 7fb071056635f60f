"""The client credentials grant of a tenant (RFC 6749 section 4.4)."""

from dataclasses import dataclass
from typing import ClassVar

from sekisho.issuer.request import TokenRequest
from sekisho.issuer.tenants.claims import Access, draft_access_token
from sekisho.issuer.tenants.resources import find_grant
from sekisho.issuer.token import Issued
from sekisho.kernel.clock import Clock
from sekisho.kernel.errors import OAuthError
from sekisho.kernel.ids import ALNUM, Ids
from sekisho.model.tenants import ClientGrant, Tenant, TenantApi, TenantClient
from sekisho.store.api import Reader

GRANT_DOCS = "https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants"


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """The grant, bound to one tenant and one transaction."""

    name: ClassVar[str] = "client_credentials"

    state: Reader
    tenant: Tenant
    clock: Clock
    ids: Ids

    def authorize(self, client: TenantClient, request: TokenRequest) -> Access:
        """Decide which permissions of which API the client gets.

        Raises:
            OAuthError: the audience or a scope is not for this client.
        """
        if request.get("organization") is not None:  # AUTH0-19
            raise OAuthError("invalid_request", "Organizations are not supported by Sekisho")
        audience = request.get("audience")
        if audience is None:  # AUTH0-06
            raise _denied("Non-global clients are not allowed access to APIv1")
        api = self.state.find(TenantApi, f"{self.tenant.domain} {audience}")
        if api is None:  # AUTH0-07
            raise _denied(f"Service not found: {audience}")
        grant = find_grant(self.state, self.tenant.domain, client.client_id, audience)
        if grant is None:  # AUTH0-08
            raise _denied(
                f'Client is not authorized to access "{audience}". You need to create a "client-grant" '
                f"associated to this API. See: {GRANT_DOCS}"
            )
        return Access(api, _choose_permissions(api, grant, request.get("scope")))

    def issue(self, client: TenantClient, authorization: Access) -> Issued:
        """Draft the access token; this grant gives no other (RFC 6749 section 4.4.3)."""
        now = self.clock.now()
        draft = draft_access_token(self.tenant, client, authorization, now, self._new_jti)
        lifetime, scope = authorization.api.token_lifetime, " ".join(authorization.permissions)
        return Issued({"access_token": draft}, lifetime, scope)

    def _new_jti(self) -> str:
        return self.ids.text(22, ALNUM)


def _choose_permissions(api: TenantApi, grant: ClientGrant, requested: str | None) -> tuple[str, ...]:
    existing = [scope.value for scope in api.scopes]
    allowed = existing if grant.allow_all_scopes else [one for one in grant.permissions if one in existing]
    if requested is None:
        return tuple(allowed)  # AUTH0-10
    wanted = tuple(dict.fromkeys(requested.split()))
    missing = [one for one in wanted if one not in allowed]
    if missing:  # AUTH0-09
        raise _denied(f"Client has not been granted scopes: {', '.join(missing)}")
    return wanted


def _denied(description: str) -> OAuthError:
    return OAuthError("access_denied", description, 403)
