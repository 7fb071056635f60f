"""Signing in at the login page of a pool's domain: the same checks as over the API, without its flows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sekisho.model.cognito import AppClient, User, UserPool
from sekisho.services.cognito_idp.sign_in.attempt import Attempt
from sekisho.services.cognito_idp.sign_in.finish import (
    new_password_challenge,
    run_post_authentication,
    run_pre_authentication,
)
from sekisho.services.cognito_idp.sign_in.new_password import ATTRIBUTE_PREFIX, choose_password
from sekisho.services.cognito_idp.sign_in.password import check_password
from sekisho.services.cognito_idp.sign_in.sessions import open_session
from sekisho.services.cognito_idp.user_values import missing_attributes
from sekisho.services.context import LongContext


@dataclass(frozen=True, slots=True)
class NewPasswordNeeded:
    """The password was right and temporary; ``session`` stands for that while the user chooses another.

    ``attributes`` are the required ones that the user has to give as well.
    """

    session: str
    attributes: tuple[str, ...] = ()


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
        return NewPasswordNeeded(output["Session"], tuple(missing_attributes(pool, user.attributes)))
    run_post_authentication(attempt, user)
    return user


def set_password(
    ctx: LongContext,
    pool: UserPool,
    client: AppClient,
    session: str,
    username: str,
    password: str,
    attributes: Mapping[str, str],
) -> User:
    """Set the password that a user chooses for a temporary one, and attributes with it, and return the user.

    Raises:
        ServiceError: the session is over, the password or an attribute is not allowed, or a trigger refused.
    """
    # An app client with a secret proves itself at the token endpoint; the page belongs to the pool.
    public = replace(client, secrets=())
    parameters = {
        "USERNAME": username,
        "NEW_PASSWORD": password,
        **{f"{ATTRIBUTE_PREFIX}{name}": value for name, value in attributes.items()},
    }
    attempt = Attempt(ctx, pool, public, parameters, {}, is_admin=False)
    user = choose_password(attempt, session)
    run_post_authentication(attempt, user)
    return user
