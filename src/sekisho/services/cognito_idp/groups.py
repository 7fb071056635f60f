"""Groups of users, and who is in them.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.cognito import Group, User
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import get_group, get_pool, get_user
from sekisho.services.cognito_idp.paging import list_page
from sekisho.services.cognito_idp.user_values import encode_user
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "CreateGroupRequest": members(enforced="GroupName UserPoolId RoleArn Precedence", stored="Description"),
    "UpdateGroupRequest": members(enforced="GroupName UserPoolId RoleArn Precedence", stored="Description"),
    "GetGroupRequest": members(enforced="GroupName UserPoolId"),
    "DeleteGroupRequest": members(enforced="GroupName UserPoolId"),
    "ListGroupsRequest": members(enforced="UserPoolId Limit NextToken"),
    "ListUsersInGroupRequest": members(enforced="UserPoolId GroupName Limit NextToken"),
    "AdminAddUserToGroupRequest": members(enforced="UserPoolId Username GroupName"),
    "AdminRemoveUserFromGroupRequest": members(enforced="UserPoolId Username GroupName"),
    "AdminListGroupsForUserRequest": members(enforced="Username UserPoolId Limit NextToken"),
}

GROUPS_PER_USER = 100
GROUPS_PER_POOL = 10_000
"""Source: https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html"""


@operation("CreateGroup")
def create_group(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a group."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    now = ctx.clock.now()
    group = Group(
        pool.id,
        request["GroupName"],
        now,
        now,
        request.get("Description"),
        request.get("RoleArn"),
        request.get("Precedence"),
    )
    if ctx.state.find(Group, group.key) is not None:
        raise errors.group_exists()
    if len(ctx.state.list(Group, pool.id)) >= GROUPS_PER_POOL:
        raise errors.limit_exceeded(f"A user pool has at most {GROUPS_PER_POOL} groups.")
    ctx.state.put(group)
    return {"Group": _encode(group)}


@operation("GetGroup", reads=True)
def get_group_operation(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a group."""
    return {"Group": _encode(_group(ctx, request))}


@operation("UpdateGroup")
def update_group(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change the members of a group that are given."""
    group = dataclasses.replace(
        _group(ctx, request),
        modified=ctx.clock.now(),
        **{
            field: request[name]
            for name, field in (
                ("Description", "description"),
                ("RoleArn", "role_arn"),
                ("Precedence", "precedence"),
            )
            if request.get(name) is not None
        },
    )
    ctx.state.put(group)
    return {"Group": _encode(group)}


@operation("DeleteGroup")
def delete_group(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete a group; its users stay."""
    group = _group(ctx, request)
    for user in ctx.state.list(User, group.pool_id):
        if group.name in user.groups:
            ctx.state.put(_without(user, group.name))
    ctx.state.delete(Group, group.key)


@operation("ListGroups", reads=True)
def list_groups(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the groups of a pool."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    return list_page(request, ctx.state.list(Group, pool.id), "Groups", _encode, limit="Limit")


@operation("ListUsersInGroup", reads=True)
def list_users_in_group(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the users of a group."""
    group = _group(ctx, request)
    everyone = [user for user in ctx.state.list(User, group.pool_id) if group.name in user.groups]
    return list_page(request, everyone, "Users", encode_user, limit="Limit")


@operation("AdminAddUserToGroup")
def admin_add_user_to_group(ctx: Context, request: Mapping[str, Any]) -> None:
    """Put a user into a group; one who is in it stays."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    user = get_user(ctx.state, pool, request["Username"])
    group = get_group(ctx.state, pool, request["GroupName"])
    if group.name in user.groups:
        return
    if len(user.groups) >= GROUPS_PER_USER:
        raise errors.limit_exceeded(f"A user is in at most {GROUPS_PER_USER} groups.")
    ctx.state.put(dataclasses.replace(user, groups=(*user.groups, group.name)))


@operation("AdminRemoveUserFromGroup")
def admin_remove_user_from_group(ctx: Context, request: Mapping[str, Any]) -> None:
    """Take a user out of a group."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    user = get_user(ctx.state, pool, request["Username"])
    group = get_group(ctx.state, pool, request["GroupName"])
    if group.name in user.groups:
        ctx.state.put(_without(user, group.name))


@operation("AdminListGroupsForUser", reads=True)
def admin_list_groups_for_user(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the groups that a user is in, the one that wins first."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    user = get_user(ctx.state, pool, request["Username"])
    found = [get_group(ctx.state, pool, name) for name in user.groups]
    ranked = sorted(found, key=lambda group: (group.precedence is None, group.precedence or 0))
    return list_page(request, ranked, "Groups", _encode, limit="Limit")


# --- helpers -------------------------------------------------------------------------------------------------


def _group(ctx: ReadContext, request: Mapping[str, Any]) -> Group:
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    return get_group(ctx.state, pool, request["GroupName"])


def _without(user: User, name: str) -> User:
    return dataclasses.replace(user, groups=tuple(one for one in user.groups if one != name))


def _encode(group: Group) -> dict[str, Any]:
    return {
        "GroupName": group.name,
        "UserPoolId": group.pool_id,
        "Description": group.description,
        "RoleArn": group.role_arn,
        "Precedence": group.precedence,
        "LastModifiedDate": group.modified,
        "CreationDate": group.created,
    }
