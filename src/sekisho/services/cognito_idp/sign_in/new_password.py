"""NEW_PASSWORD_REQUIRED: a user with a temporary password chooses one of their own."""

from typing import Any

from sekisho.model.cognito import STANDARD_ATTRIBUTES, Password, User
from sekisho.model.sign_ins import AuthSession
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.admin_passwords import put_password, replace_password
from sekisho.services.cognito_idp.sign_in.attempt import Attempt
from sekisho.services.cognito_idp.sign_in.finish import (
    NEW_PASSWORD,
    NEW_PASSWORD_REQUIRED,
    check_may_sign_in,
    issue_tokens,
)
from sekisho.services.cognito_idp.sign_in.sessions import end_session, read_session
from sekisho.services.cognito_idp.user_values import (
    check_attributes,
    check_mutable,
    check_required,
    check_writable,
    put_user,
    with_attributes,
)

ATTRIBUTE_PREFIX = "userAttributes."
"""Begins the name of a response that holds an attribute of the user."""


def answer_new_password(attempt: Attempt, token: str | None) -> dict[str, Any]:
    """Set the password that the user has chosen, and sign the user in.

    Raises:
        ServiceError: as for :func:`choose_password`, or a trigger refused.
    """
    return issue_tokens(attempt, choose_password(attempt, token), NEW_PASSWORD, attempt.metadata)


def choose_password(attempt: Attempt, token: str | None) -> User:
    """Set the password that the user has chosen, and return the user.

    Raises:
        ServiceError: the session is over, or the password or an attribute is not allowed; the session stays open then.
    """
    session = read_session(attempt, token, NEW_PASSWORD_REQUIRED)
    username, chosen = attempt.require("USERNAME"), attempt.require("NEW_PASSWORD")
    user = attempt.find_user(username)
    if user is None or user.key != session.user_key:
        raise errors.session_expired()
    attempt.check_secret_hash(username, user)
    check_may_sign_in(user)
    changes = _attribute_changes(attempt, user)
    password = replace_password(attempt.ctx, attempt.pool, user, chosen)
    return _commit(attempt, session, password, changes)


def _attribute_changes(attempt: Attempt, user: User) -> dict[str, str]:
    changes = {
        name.removeprefix(ATTRIBUTE_PREFIX): value
        for name, value in attempt.parameters.items()
        if name.startswith(ATTRIBUTE_PREFIX)
    }
    check_writable(attempt.client, changes, STANDARD_ATTRIBUTES)
    check_attributes(attempt.pool, changes)
    check_mutable(attempt.pool, user, changes)
    check_required(attempt.pool, with_attributes(user, changes).attributes)
    return changes


def _commit(attempt: Attempt, session: AuthSession, password: Password, changes: dict[str, str]) -> User:
    with attempt.ctx.store.write() as state:
        end_session(state, session)
        user = state.find(User, session.user_key)
        # A password that an administrator has set meanwhile wins.
        if user is None or user.password is None or user.password.hash != session.state["password_hash"]:
            raise errors.session_expired()
        check_may_sign_in(user)
        changed = put_password(state, attempt.pool, with_attributes(user, changes), password, "CONFIRMED")
        put_user(state, attempt.pool, changed)
        return changed
