"""A user pool's domain as a token endpoint: who its clients are, what they may use, and how it refuses.

https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
"""

import hmac
from dataclasses import dataclass
from typing import Any

from sekisho.issuer.cognito.authorization_code import AuthorizationCodeGrant
from sekisho.issuer.cognito.client_credentials import ClientCredentials
from sekisho.issuer.cognito.refresh_token import RefreshTokenGrant
from sekisho.issuer.cognito.user_tokens import PoolTokens
from sekisho.issuer.request import TokenRequest
from sekisho.issuer.token import Grant
from sekisho.kernel.errors import OAuthError
from sekisho.kernel.secret import Secret
from sekisho.model.cognito import AppClient, UserPool
from sekisho.store.api import Reader, Store

GRANTS = (ClientCredentials, RefreshTokenGrant, AuthorizationCodeGrant)
"""The grants of a domain; adding one is a file and a line here."""


@dataclass(frozen=True, slots=True)
class PoolIssuer:
    """One pool, bound to one transaction; what users' grants write goes through ``store``."""

    state: Reader
    store: Store
    pool: UserPool
    tokens: PoolTokens

    @property
    def issuer(self) -> str:
        """Return the issuer whose keys sign, which are kept under AWS's name of it."""
        return self.pool.issuer

    def find_grant(self, grant_type: str | None) -> Grant[AppClient, Any]:
        """Return the grant of that type.

        Raises:
            OAuthError: the type is missing or not known.
        """
        if grant_type is None:
            raise OAuthError("invalid_request", hint="the request has no grant_type")
        for grant in GRANTS:
            if grant.name == grant_type:
                return grant(self.state, self.store, self.pool, self.tokens)
        raise OAuthError("unsupported_grant_type")

    def authenticate(self, request: TokenRequest) -> AppClient:
        """Return the client that makes the request; a public one has no secret to show (COGNITO-60).

        Raises:
            OAuthError: ``invalid_client``.
        """
        return authenticate_client(self.state, self.pool, request.client_id, request.client_secret)

    def check_permission(self, client: AppClient, grant_type: str) -> None:
        """Check that the client may use the grant.

        Raises:
            OAuthError: ``invalid_grant`` where the domain does not serve the client at all, else
                ``unauthorized_client``.
        """
        if not client.oauth_enabled:  # COGNITO-61
            raise OAuthError("invalid_grant", hint="AllowedOAuthFlowsUserPoolClient of the client is false")
        needed = {"client_credentials": "client_credentials", "authorization_code": "code"}.get(grant_type)
        if needed is not None and needed not in client.allowed_oauth_flows:
            raise OAuthError("unauthorized_client", hint=f"the client does not have the OAuth flow {needed}")


def authenticate_client(
    state: Reader, pool: UserPool, client_id: str | None, secret: Secret | None
) -> AppClient:
    """Return the app client of the pool with that id and secret.

    Raises:
        OAuthError: ``invalid_request`` without an id, ``invalid_client`` for a wrong pair.
    """
    if client_id is None:
        raise OAuthError("invalid_request", hint="the request has no client_id")
    client = state.find(AppClient, client_id)
    if client is None or client.pool_id != pool.id:
        raise OAuthError("invalid_client", hint="the pool has no client with this id")
    given = b"" if secret is None else secret.reveal().encode()
    own = [one.value.encode() for one in client.secrets]
    if not own and secret is None:
        return client
    # Every secret is compared, so that the time tells nothing.
    if secret is None or not any([hmac.compare_digest(given, each) for each in own]):  # noqa: C419
        raise OAuthError("invalid_client", hint="the client_secret is missing or another")
    return client
