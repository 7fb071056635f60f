"""New tokens for a refresh token, and the end of one.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.kernel.errors import ServiceError, TokenRefusedError, TokenReusedError
from sekisho.model.cognito import AppClient, User
from sekisho.model.sign_ins import RefreshGrant
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import get_client_and_pool, require_tokens
from sekisho.services.cognito_idp.secret_hash import check_secret, check_secret_hash
from sekisho.services.cognito_idp.sign_in.attempt import Attempt
from sekisho.services.cognito_idp.sign_in.finish import encode_tokens
from sekisho.services.context import Context, LongContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "GetTokensFromRefreshTokenRequest": members(
        enforced="RefreshToken ClientId ClientSecret ClientMetadata", rejected="DeviceKey"
    ),
    "RevokeTokenRequest": members(
        enforced="Token ClientId ClientSecret", rejected="RevokeAssociatedSessions"
    ),
}


def start_refresh(attempt: Attempt) -> dict[str, Any]:
    """Renew tokens, as the flow REFRESH_TOKEN_AUTH does: without a new refresh token.

    Raises:
        ServiceError: NotAuthorizedException for a token that is not good, or a trigger refused.
    """
    token = attempt.require("REFRESH_TOKEN")
    tokens = require_tokens(attempt.ctx)
    try:
        with attempt.ctx.store.read() as state:
            grant = tokens.find_grant(state, attempt.client.client_id, token)
            user = state.find(User, grant.user_key)
        check_secret_hash(attempt.client, attempt.parameters.get("SECRET_HASH"), _names(user, grant))
        renewed = tokens.refresh(attempt.ctx.store, attempt.client, token, attempt.metadata)
    except TokenRefusedError as error:
        raise errors.not_authorized(error.message) from None
    return {"ChallengeParameters": {}, "AuthenticationResult": encode_tokens(renewed)}


@operation("GetTokensFromRefreshToken", transaction=False)
def get_tokens_from_refresh_token(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Renew tokens; a client that rotates refresh tokens gets a new one with them."""
    client = _client(ctx, request)
    if not check_secret(client, request.get("ClientSecret")):
        raise errors.not_authorized(f"Unable to verify client secret for client {client.client_id}")
    metadata = request.get("ClientMetadata") or {}
    try:
        tokens = require_tokens(ctx).refresh(ctx.store, client, request["RefreshToken"], metadata)
    except TokenReusedError as error:
        raise ServiceError("RefreshTokenReuseException", error.message) from None
    except TokenRefusedError as error:
        raise errors.not_authorized(error.message) from None
    return {"AuthenticationResult": encode_tokens(tokens)}


@operation("RevokeToken")
def revoke_token(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """End a sign-in by its refresh token (COGNITO-17)."""
    client, _ = get_client_and_pool(ctx.state, request["ClientId"])
    if not client.revocation:
        raise ServiceError(
            "UnsupportedOperationException", f"Token revocation is not enabled for client {client.client_id}"
        )
    if not check_secret(client, request.get("ClientSecret")):
        raise ServiceError("UnauthorizedException", "Unable to verify the client secret")
    token = request["Token"]
    if token.count(".") == 2:
        raise ServiceError("UnsupportedTokenTypeException", "Only refresh tokens can be revoked")
    try:
        require_tokens(ctx).revoke(ctx.state, client.client_id, token)
    except TokenRefusedError as error:
        raise ServiceError("UnauthorizedException", error.message) from None
    return {}


def _client(ctx: LongContext, request: Mapping[str, Any]) -> AppClient:
    with ctx.store.read() as state:
        return get_client_and_pool(state, request["ClientId"])[0]


def _names(user: User | None, grant: RefreshGrant) -> tuple[str, ...]:
    """Return what the user may have been called by in the hash: the username, the sub, or an alias."""
    if user is None:
        return (grant.user_key,)
    aliases = ("email", "phone_number", "preferred_username")
    return (user.username, user.sub, *(user.attributes[name] for name in aliases if name in user.attributes))
