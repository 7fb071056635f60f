"""Passwords that administrators set and reset."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.cognito import Password, User, UserPool
from sekisho.services.cognito_idp.lookup import get_pool, get_user
from sekisho.services.cognito_idp.messages import forget_messages
from sekisho.services.cognito_idp.passwords import check_history, check_policy, make_password
from sekisho.services.cognito_idp.user_creation import INVITATION
from sekisho.services.context import LongContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation
from sekisho.store.api import Writer

LEDGER = {
    "AdminSetUserPasswordRequest": members(enforced="UserPoolId Username Password Permanent"),
}


@operation("AdminSetUserPassword", transaction=False, joins=True)
def admin_set_user_password(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Set a user's password: for good, or until the user's next sign-in."""
    with ctx.store.read() as state:
        pool = get_pool(ctx, state, request["UserPoolId"])
        user = get_user(state, pool, request["Username"])
    permanent = bool(request.get("Permanent"))
    password = replace_password(ctx, pool, user, request["Password"], temporary=not permanent)
    status = "CONFIRMED" if permanent else "FORCE_CHANGE_PASSWORD"
    with ctx.store.write() as state:
        put_password(state, pool, get_user(state, pool, request["Username"]), password, status)
    return {}


def replace_password(
    ctx: LongContext, pool: UserPool, user: User, password: str, *, temporary: bool = False
) -> Password:
    """Return what is kept of a new password of a user, when the policy allows it.

    Raises:
        ServiceError: InvalidPasswordException or PasswordHistoryPolicyViolationException.
    """
    check_policy(pool.password_policy, password)
    check_history(user, pool.password_policy.history_size, password)
    return make_password(pool, user.username, password, ctx.ids, ctx.clock.now(), temporary=temporary)


def put_password(state: Writer, pool: UserPool, user: User, password: Password, status: str) -> User:
    """Store a user with a new password and status; lockout and invitation of before are over."""
    old = () if user.password is None else (user.password.hash,)
    changed = dataclasses.replace(
        user,
        password=password,
        history=(*old, *user.history)[: pool.password_policy.history_size],
        status=status,
        failures=0,
        locked_until=None,
        modified=password.set_at,
    )
    state.put(changed)
    forget_messages(state, user, INVITATION)
    return changed
