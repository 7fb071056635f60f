"""Passwords: what the policy allows, how they are kept, how they are checked.

Both the Argon2id hash and the SRP verifier take tens of milliseconds to make: never make one inside a transaction.
"""

import functools
import string
from datetime import datetime
from typing import TYPE_CHECKING

from sekisho.kernel.ids import Ids
from sekisho.model.cognito import Password, PasswordPolicy, User, UserPool
from sekisho.services.cognito_idp import errors, srp

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SYMBOLS = frozenset("^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= ")
"""Source: https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html"""

_LONGEST = 256
# RFC 9106 leaves the choice to the application; these are the first parameters that OWASP names:
# https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id
_TIME_COST, _MEMORY_KIB, _PARALLELISM = 2, 19 * 1024, 1


def check_policy(policy: PasswordPolicy, password: str) -> None:
    """Check a new password (COGNITO-24).

    Raises:
        ServiceError: InvalidPasswordException with the first rule that is broken.
    """
    if len(password) < policy.minimum_length:
        raise errors.invalid_password("Password not long enough")
    if len(password) > _LONGEST:
        raise errors.invalid_password("Password too long")
    if password != password.strip(" "):
        raise errors.invalid_password("Password must not begin or end with a space")
    characters = set(password)
    rules = (
        (policy.require_uppercase, string.ascii_uppercase, "uppercase"),
        (policy.require_lowercase, string.ascii_lowercase, "lowercase"),
        (policy.require_numbers, string.digits, "numeric"),
        (policy.require_symbols, SYMBOLS, "symbol"),
    )
    for required, alphabet, word in rules:
        if required and not characters.intersection(alphabet):
            raise errors.invalid_password(f"Password must have {word} characters")


def check_history(user: User, size: int, password: str) -> None:
    """Check that a new password is none of the last ``size`` (COGNITO-25).

    Raises:
        ServiceError: PasswordHistoryPolicyViolationException.
    """
    recent = [*([user.password.hash] if user.password else []), *user.history][:size]
    if any(_verify(known, password) for known in recent):
        raise errors.password_in_history()


def make_password(
    pool: UserPool, username: str, password: str, ids: Ids, now: datetime, *, temporary: bool = False
) -> Password:
    """Return what is kept of a password; takes tens of milliseconds."""
    salt = ids.token_bytes(srp.SALT_BYTES)
    verifier = srp.make_verifier(pool.id, username, password, salt)
    return Password(_hasher().hash(password), salt.hex(), f"{verifier:x}", now, temporary)


def is_password(user: User | None, password: str) -> bool:
    """Tell whether the password is the user's; takes as long where there is no user or no password."""
    if user is None or user.password is None:
        _verify(_decoy(), password)
        return False
    return _verify(user.password.hash, password)


def generate_password(policy: PasswordPolicy, ids: Ids) -> str:
    """Return a temporary password that every policy of that length allows."""
    parts = (
        (string.ascii_uppercase, 2),
        (string.ascii_lowercase, 2),
        (string.digits, 2),
        ("!@#%&*-_=+", 2),
    )
    head = "".join(ids.text(count, alphabet) for alphabet, count in parts)
    rest = max(policy.minimum_length - len(head), 4)
    return head + ids.text(rest, string.ascii_letters + string.digits)


def _verify(known: str, password: str) -> bool:
    from argon2.exceptions import VerifyMismatchError

    try:
        return _hasher().verify(known, password)
    except VerifyMismatchError:
        return False


@functools.cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=_TIME_COST, memory_cost=_MEMORY_KIB, parallelism=_PARALLELISM)


@functools.cache
def _decoy() -> str:
    return str(_hasher().hash("no user has this password"))
