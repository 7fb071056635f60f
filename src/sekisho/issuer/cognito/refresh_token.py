"""The refresh token grant of a user pool (RFC 6749 section 6)."""

from dataclasses import dataclass
from typing import ClassVar

from sekisho.issuer.cognito.client_credentials import decode_metadata
from sekisho.issuer.cognito.user_tokens import PoolTokens
from sekisho.issuer.request import TokenRequest
from sekisho.issuer.token import Issued
from sekisho.kernel.errors import OAuthError, ServiceError, TokenRefusedError
from sekisho.model.cognito import AppClient, UserPool
from sekisho.model.user_tokens import UserTokens
from sekisho.store.api import Reader, Store


@dataclass(frozen=True, slots=True)
class RefreshTokenGrant:
    """The grant, bound to one pool."""

    name: ClassVar[str] = "refresh_token"

    state: Reader
    store: Store
    pool: UserPool
    tokens: PoolTokens

    def authorize(self, client: AppClient, request: TokenRequest) -> UserTokens:
        """Exchange the refresh token; it stays good unless the client rotates refresh tokens.

        Raises:
            OAuthError: ``invalid_request`` without a token, ``invalid_grant`` for one that is not good.
        """
        token = request.get("refresh_token")
        if token is None:
            raise OAuthError("invalid_request", hint="the request has no refresh_token")
        metadata = decode_metadata(request.get("aws_client_metadata"))
        try:
            return self.tokens.refresh(self.store, client, token, metadata)
        except TokenRefusedError as error:
            raise OAuthError("invalid_grant", hint=error.message) from None
        except ServiceError as error:  # COGNITO-64
            raise OAuthError("invalid_request", error.message) from None

    def issue(self, client: AppClient, authorization: UserTokens) -> Issued:
        """Return the tokens, which are signed already."""
        del client
        return issued(authorization)


def issued(tokens: UserTokens) -> Issued:
    """Return tokens as a token endpoint answers them."""
    members = {
        "id_token": tokens.id_token,
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
    }
    signed = {name: value for name, value in members.items() if value is not None}
    return Issued({}, tokens.expires_in, signed=signed)
