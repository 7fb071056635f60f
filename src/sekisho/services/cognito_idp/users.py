"""Users as administrators see them."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.cognito import User
from sekisho.model.sign_ins import LoginSession
from sekisho.services.cognito_idp.lookup import get_pool, get_user
from sekisho.services.cognito_idp.paging import page
from sekisho.services.cognito_idp.user_filter import parse_filter
from sekisho.services.cognito_idp.user_values import (
    check_attributes,
    check_mutable,
    decode_attributes,
    delete_user,
    encode_attributes,
    encode_user,
    put_user,
    with_attributes,
)
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "AdminGetUserRequest": members(enforced="UserPoolId Username"),
    "ListUsersRequest": members(enforced="UserPoolId AttributesToGet Limit PaginationToken Filter"),
    "AdminDeleteUserRequest": members(enforced="UserPoolId Username"),
    # The metadata reaches the triggers that a sent code runs, and no code is sent for an administrator's change.
    "AdminUpdateUserAttributesRequest": members(
        enforced="UserPoolId Username UserAttributes", stored="ClientMetadata"
    ),
    "AdminDeleteUserAttributesRequest": members(enforced="UserPoolId Username UserAttributeNames"),
    "AdminEnableUserRequest": members(enforced="UserPoolId Username"),
    "AdminDisableUserRequest": members(enforced="UserPoolId Username"),
    "AdminUserGlobalSignOutRequest": members(enforced="UserPoolId Username"),
}


@operation("AdminGetUser", reads=True)
def admin_get_user(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a user."""
    user = _user(ctx, request)
    return {
        "Username": user.username,
        "UserAttributes": encode_attributes(user),
        "UserCreateDate": user.created,
        "UserLastModifiedDate": user.modified,
        "Enabled": user.enabled,
        "UserStatus": user.status,
    }


@operation("ListUsers", reads=True)
def list_users(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the users of a pool that a filter lets through."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    passes = parse_filter(request.get("Filter"))
    everyone = [user for user in ctx.state.list(User, pool.id) if passes(user)]
    users, token = page(everyone, request.get("Limit"), request.get("PaginationToken"))
    names = request.get("AttributesToGet")
    return {"Users": [encode_user(user, names) for user in users], "PaginationToken": token}


@operation("AdminDeleteUser")
def admin_delete_user(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete a user."""
    delete_user(ctx.state, _user(ctx, request))


@operation("AdminUpdateUserAttributes")
def admin_update_user_attributes(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change attributes of a user; an empty value clears one."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    user = get_user(ctx.state, pool, request["Username"])
    changes = decode_attributes(request["UserAttributes"])
    check_attributes(pool, changes)
    check_mutable(pool, user, changes)
    changed = dataclasses.replace(with_attributes(user, changes), modified=ctx.clock.now())
    put_user(ctx.state, pool, changed)
    return {}


@operation("AdminDeleteUserAttributes")
def admin_delete_user_attributes(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Clear attributes of a user."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    user = get_user(ctx.state, pool, request["Username"])
    changes = dict.fromkeys(request["UserAttributeNames"], "")
    check_attributes(pool, changes)
    check_mutable(pool, user, changes)
    changed = dataclasses.replace(with_attributes(user, changes), modified=ctx.clock.now())
    put_user(ctx.state, pool, changed)
    return {}


@operation("AdminEnableUser")
def admin_enable_user(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Let a user sign in again."""
    ctx.state.put(dataclasses.replace(_user(ctx, request), enabled=True, modified=ctx.clock.now()))
    return {}


@operation("AdminDisableUser")
def admin_disable_user(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a user from signing in and end the sign-ins there are (COGNITO-16)."""
    user, now = _user(ctx, request), ctx.clock.now()
    for session in ctx.state.list(LoginSession, user.key):
        ctx.state.delete(LoginSession, session.key)
    ctx.state.put(dataclasses.replace(user, enabled=False, signed_out=now, modified=now))
    return {}


@operation("AdminUserGlobalSignOut")
def admin_user_global_sign_out(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """End every sign-in of a user."""
    ctx.state.put(dataclasses.replace(_user(ctx, request), signed_out=ctx.clock.now()))
    return {}


# --- helpers -------------------------------------------------------------------------------------------------


def _user(ctx: ReadContext, request: Mapping[str, Any]) -> User:
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    return get_user(ctx.state, pool, request["Username"])
