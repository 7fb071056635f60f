"""USER_PASSWORD_AUTH and ADMIN_USER_PASSWORD_AUTH: username and password in one request."""

from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cognito import User
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.passwords import is_password
from sekisho.services.cognito_idp.sign_in.attempt import Attempt
from sekisho.services.cognito_idp.sign_in.finish import (
    check_may_sign_in,
    check_temporary_password,
    finish,
    run_pre_authentication,
)
from sekisho.services.cognito_idp.sign_in.lockout import (
    check_guess,
    check_lock,
    record_failure,
    record_guess,
    record_success,
)


def start_password(attempt: Attempt) -> dict[str, Any]:
    """Sign in with username and password.

    Raises:
        ServiceError: the credentials are wrong, the user may not sign in, or a trigger refused.
    """
    username, password = attempt.require("USERNAME"), attempt.require("PASSWORD")
    user = attempt.find_user(username)
    attempt.check_secret_hash(username, user)
    run_pre_authentication(attempt, user, username)
    return finish(attempt, check_password(attempt, user, username, password))


def check_password(attempt: Attempt, user: User | None, username: str, password: str) -> User:
    """Return the user, as the state has it now, when the password is right.

    Raises:
        ServiceError: it is not, or the user may not sign in.
    """
    if user is None:
        raise _refuse_unknown(attempt, username, password)
    check_lock(user, attempt.ctx.clock.now())
    check_before_password(attempt, user)
    if not is_password(user, password):
        record_failure(attempt.ctx.store, user.key, attempt.ctx.clock.now())
        raise errors.wrong_password()
    return accept_password(attempt, user)


def _refuse_unknown(attempt: Attempt, username: str, password: str) -> ServiceError:
    """Return the refusal of a user that does not exist, after as much work and as long a wait as for one that does.

    Raises:
        ServiceError: NotAuthorizedException while the name is locked.
    """
    if not attempt.client.hides_users:
        return errors.user_not_found()
    store, now = attempt.ctx.store, attempt.ctx.clock.now()
    key = attempt.key_of(username)
    check_guess(store, key, now)
    is_password(None, password)
    record_guess(store, attempt.pool.id, key, now)
    return errors.wrong_password()


def check_before_password(attempt: Attempt, user: User) -> None:
    """Refuse what AWS refuses before it looks at a password, unless the app client hides who exists.

    Raises:
        ServiceError: NotAuthorizedException or PasswordResetRequiredException.
    """
    if not attempt.client.hides_users and not user.enabled:
        raise errors.user_disabled()
    if user.status == "RESET_REQUIRED" and user.enabled:
        raise errors.password_reset_required()


def accept_password(attempt: Attempt, user: User) -> User:
    """Look at the user again after a right password, and forget the failures of before.

    Attempts run side by side: one that passed while others failed must not get around the lock (COGNITO-27).

    Raises:
        ServiceError: the user may not sign in, or the password was changed meanwhile.
    """
    with attempt.ctx.store.read() as state:
        current = state.find(User, user.key)
    if current is None or current.password != user.password:
        raise errors.wrong_password()
    check_lock(current, attempt.ctx.clock.now())
    check_may_sign_in(current)
    check_temporary_password(attempt, current)
    if not current.failures:
        return current
    with attempt.ctx.store.write() as state:
        latest = state.find(User, user.key)
        if latest is None:
            raise errors.wrong_password()
        check_lock(latest, attempt.ctx.clock.now())
        return record_success(state, latest)
