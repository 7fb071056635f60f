"""Signing in at the login page of a pool's domain: the same checks as over the API, without its flows."""

from dataclasses import dataclass

from sekisho.model.cognito import AppClient, User, UserPool
from sekisho.services.cognito_idp.sign_in.attempt import Attempt
from sekisho.services.cognito_idp.sign_in.finish import (
    new_password_challenge,
    run_post_authentication,
    run_pre_authentication,
)
from sekisho.services.cognito_idp.sign_in.new_password import choose_password
from sekisho.services.cognito_idp.sign_in.password import check_password
from sekisho.services.cognito_idp.sign_in.sessions import open_session
from sekisho.services.context import LongContext


@dataclass(frozen=True, slots=True)
class NewPasswordNeeded:
    """The password was right and temporary; ``session`` stands for that while the user chooses another."""

    session: str


def sign_in(
    ctx: LongContext, pool: UserPool, client: AppClient, username: str, password: str
) -> User | NewPasswordNeeded:
    """Return the user whose credentials these are.

    Raises:
        ServiceError: they are wrong, the user may not sign in, or a trigger refused.
    """
    attempt = Attempt(ctx, pool, client, {}, {}, is_admin=False)
    found = attempt.find_user(username)
    run_pre_authentication(attempt, found, username)
    user = check_password(attempt, found, username, password)
    if user.status == "FORCE_CHANGE_PASSWORD":
        output = open_session(attempt, user.key, new_password_challenge(attempt, user))
        return NewPasswordNeeded(output["Session"])
    run_post_authentication(attempt, user)
    return user


def set_password(
    ctx: LongContext, pool: UserPool, client: AppClient, session: str, username: str, password: str
) -> User:
    """Set the password that a user chooses for a temporary one, and return the user.

    Raises:
        ServiceError: the session is over, the password is not allowed, or a trigger refused.
    """
    # An app client with a secret proves itself at the token endpoint; the page belongs to the pool.
    public = AppClient(client.pool_id, client.client_id, client.name, client.created, client.modified)
    parameters = {"USERNAME": username, "NEW_PASSWORD": password}
    attempt = Attempt(ctx, pool, public, parameters, {}, is_admin=False)
    user = choose_password(attempt, session)
    run_post_authentication(attempt, user)
    return user
