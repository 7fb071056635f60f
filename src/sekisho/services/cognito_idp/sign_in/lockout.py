"""Failed password attempts, and how long the next one has to wait.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow.html
"""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from sekisho.model.cognito import User
from sekisho.model.sign_ins import FailedGuess
from sekisho.services.cognito_idp import errors
from sekisho.store.api import Store, Writer

FREE_ATTEMPTS = 5
LONGEST_WAIT = timedelta(minutes=15)
_MEMORY = timedelta(hours=1)


def check_lock(user: User, now: datetime) -> None:
    """Refuse an attempt while the user is locked (COGNITO-27).

    Raises:
        ServiceError: NotAuthorizedException.
    """
    if user.locked_until is not None and now < user.locked_until:
        raise errors.too_many_attempts()


def record_failure(store: Store, user_key: str, now: datetime) -> None:
    """Count a failed attempt; from the fifth on the wait doubles."""
    with store.write() as state:
        user = state.find(User, user_key)
        if user is None or (user.locked_until is not None and now < user.locked_until):
            return
        failures = user.failures + 1
        locked = now + _wait(failures) if failures >= FREE_ATTEMPTS else None
        state.put(replace(user, failures=failures, locked_until=locked))


def check_guess(store: Store, user_key: str, now: datetime) -> None:
    """Refuse an attempt at a user that does not exist as :func:`check_lock` would (COGNITO-26).

    Raises:
        ServiceError: NotAuthorizedException.
    """
    with store.read() as state:
        guess = state.find(FailedGuess, _hash(user_key))
    if guess is not None and guess.locked_until is not None and now < guess.locked_until:
        raise errors.too_many_attempts()


def record_guess(store: Store, pool_id: str, user_key: str, now: datetime) -> None:
    """Count an attempt at a user that does not exist; it is forgotten after an hour."""
    with store.write() as state:
        guess = state.find(FailedGuess, _hash(user_key))
        if guess is not None and guess.locked_until is not None and now < guess.locked_until:
            return
        failures = 1 if guess is None else guess.failures + 1
        locked = now + _wait(failures) if failures >= FREE_ATTEMPTS else None
        state.put(FailedGuess(pool_id, _hash(user_key), failures, now + _MEMORY, locked))


def record_success(state: Writer, user: User) -> User:
    """Forget the failures of before."""
    if not user.failures and user.locked_until is None:
        return user
    clean = replace(user, failures=0, locked_until=None)
    state.put(clean)
    return clean


def _wait(failures: int) -> timedelta:
    exponent = min(failures - FREE_ATTEMPTS, 10)
    return min(timedelta(seconds=2**exponent), LONGEST_WAIT)


def _hash(user_key: str) -> str:
    return hashlib.sha256(user_key.encode()).hexdigest()
