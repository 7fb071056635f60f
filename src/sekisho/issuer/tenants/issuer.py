"""A tenant as an issuer: who its clients are, what they may use, and how it refuses."""

import hmac
from dataclasses import dataclass

from sekisho.issuer.request import TokenRequest
from sekisho.issuer.tenants.client_credentials import ClientCredentials
from sekisho.issuer.tenants.resources import find_client
from sekisho.kernel.clock import Clock
from sekisho.kernel.errors import OAuthError
from sekisho.kernel.ids import Ids
from sekisho.model.tenants import Tenant, TenantClient
from sekisho.store.api import Reader

GRANTS = (ClientCredentials,)
"""The grants of a tenant; adding one is a file and a line here."""

_GRANT_TYPE_DOCS = "https://auth0.com/docs/clients/client-grant-types"


@dataclass(frozen=True, slots=True)
class TenantIssuer:
    """One tenant, bound to one transaction."""

    state: Reader
    tenant: Tenant
    clock: Clock
    ids: Ids

    @property
    def issuer(self) -> str:
        """Return the ``iss`` of its tokens."""
        return self.tenant.issuer

    def find_grant(self, grant_type: str | None) -> ClientCredentials:
        """Return the grant of that type.

        Raises:
            OAuthError: the type is missing or not known.
        """
        if grant_type is None:  # AUTH0-01
            raise OAuthError("invalid_request", "Missing required parameter: grant_type")
        for grant in GRANTS:
            if grant.name == grant_type:
                return grant(self.state, self.tenant, self.clock, self.ids)
        raise OAuthError("unsupported_grant_type", f"Unsupported grant type: {grant_type}", 403)  # AUTH0-02

    def authenticate(self, request: TokenRequest) -> TenantClient:
        """Return the client whose id and secret the request carries.

        Raises:
            OAuthError: there is no such client, or the secret is not its own.
        """
        if request.client_id is None:  # AUTH0-04
            raise OAuthError("invalid_client", "Missing client_id", 401)
        client = find_client(self.state, self.tenant.domain, request.client_id)
        if client is None:
            raise _unauthorized("there is no client with this id")
        if client.token_endpoint_auth_method == "none":
            return client  # a public client proves nothing, and so may use no grant that needs proof
        if request.client_secret is None:
            raise _unauthorized("the request has no client_secret")
        given, own = request.client_secret.reveal().encode(), client.client_secret.encode()
        if not hmac.compare_digest(given, own):
            raise _unauthorized("the client_secret is another")
        return client

    def check_permission(self, client: TenantClient, grant_type: str) -> None:
        """Check that the grant type is enabled on the client, and that no public client uses this grant.

        RFC 6749 section 4.4: "The client credentials grant type MUST only be used by confidential clients."

        Raises:
            OAuthError: the client may not use the grant.
        """
        public = client.token_endpoint_auth_method == "none"
        if public or grant_type not in client.grant_types:  # AUTH0-05
            raise OAuthError(
                "unauthorized_client",
                f"Grant type '{grant_type}' not allowed for the client.",
                403,
                uri=_GRANT_TYPE_DOCS,
            )


def _unauthorized(hint: str) -> OAuthError:
    return OAuthError("access_denied", "Unauthorized", 401, hint=hint)  # AUTH0-03
