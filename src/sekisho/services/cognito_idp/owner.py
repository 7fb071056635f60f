"""Who holds an access token with the scope aws.cognito.signin.user.admin."""

from dataclasses import dataclass

from sekisho.kernel.errors import TokenRefusedError
from sekisho.model.cognito import AppClient, User, UserPool
from sekisho.model.user_tokens import API_SCOPE
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import Home, get_user, require_tokens
from sekisho.store.api import Reader


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds an access token: the user, and the app client that the token was given to."""

    pool: UserPool
    client: AppClient
    user: User


def find_owner(ctx: Home, state: Reader, token: str) -> Owner:
    """Return who holds an access token.

    Raises:
        ServiceError: NotAuthorizedException for a token that is not good, or not good for this.
    """
    try:
        claims = require_tokens(ctx).read_access_token(state, token)
    except TokenRefusedError as error:
        raise errors.not_authorized(error.message) from None
    if API_SCOPE not in claims.scopes:
        raise errors.not_authorized("Access Token does not have required scopes")
    pool = state.get(UserPool, claims.pool_id)
    user = get_user(state, pool, claims.sub)
    if not user.enabled:
        raise errors.user_disabled()
    return Owner(pool, state.get(AppClient, claims.client_id), user)
