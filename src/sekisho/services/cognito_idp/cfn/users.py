"""How CloudFormation makes groups, users, and who is in which group."""

from collections.abc import Mapping
from typing import Any

from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.cognito_idp.cfn.common import NAME_LIMIT, POOL, SERVICE, delete, pick

_GROUP_SETTINGS = ("Description", "Precedence", "RoleArn")


def _group_params(desired: Desired, name: str) -> dict[str, Any]:
    return {
        "UserPoolId": desired.properties["UserPoolId"],
        "GroupName": name,
        **pick(desired.properties, *_GROUP_SETTINGS),
    }


def _create_group(calls: Calls, desired: Desired) -> str:
    name = str(desired.properties.get("GroupName") or desired.generated_name(NAME_LIMIT))
    calls("CreateGroup", _group_params(desired, name))
    return name


def _update_group(calls: Calls, desired: Desired, applied: Applied) -> None:
    wanted = _group_params(desired, applied.physical_id)
    if not any(name in applied.properties and name not in desired.properties for name in _GROUP_SETTINGS):
        calls("UpdateGroup", wanted)
        return
    # An update leaves alone what it does not name: the group is made anew, with the users that it has.
    key = pick(wanted, "UserPoolId", "GroupName")
    members = _list_members(calls, key)
    calls("DeleteGroup", key)
    calls("CreateGroup", wanted)
    for username in members:
        calls("AdminAddUserToGroup", {**key, "Username": username})


def _list_members(calls: Calls, key: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    token: str | None = None
    while True:
        answer = calls("ListUsersInGroup", {**key, "NextToken": token})
        found += [user["Username"] for user in answer["Users"]]
        token = answer.get("NextToken")
        if token is None:
            return found


def _delete_group(calls: Calls, applied: Applied) -> None:
    key = {"UserPoolId": applied.properties["UserPoolId"], "GroupName": applied.physical_id}
    delete(calls, "DeleteGroup", key)


USER_POOL_GROUP = CoreType(
    name="AWS::Cognito::UserPoolGroup",
    service=SERVICE,
    properties=frozenset((*_GROUP_SETTINGS, "GroupName", "UserPoolId")),
    create=_create_group,
    update=_update_group,
    delete=_delete_group,
    required=POOL,
    create_only=frozenset({"GroupName", "UserPoolId"}),
    name_property="GroupName",
)


def _create_user(calls: Calls, desired: Desired) -> str:
    username = str(desired.properties.get("Username") or desired.generated_name(NAME_LIMIT))
    calls("AdminCreateUser", {**desired.properties, "Username": username})
    return username


def _delete_user(calls: Calls, applied: Applied) -> None:
    key = {"UserPoolId": applied.properties["UserPoolId"], "Username": applied.physical_id}
    delete(calls, "AdminDeleteUser", key)


USER_POOL_USER = CoreType(
    name="AWS::Cognito::UserPoolUser",
    service=SERVICE,
    properties=frozenset(
        {
            "ClientMetadata",
            "DesiredDeliveryMediums",
            "ForceAliasCreation",
            "MessageAction",
            "UserAttributes",
            "UserPoolId",
            "Username",
            "ValidationData",
        }
    ),
    create=_create_user,
    update=None,
    delete=_delete_user,
    required=POOL,
    name_property="Username",
)


def _membership(properties: Mapping[str, Any]) -> dict[str, Any]:
    return pick(properties, "UserPoolId", "GroupName", "Username")


def _create_membership(calls: Calls, desired: Desired) -> str:
    calls("AdminAddUserToGroup", _membership(desired.properties))
    return "|".join(str(value) for value in _membership(desired.properties).values())


def _delete_membership(calls: Calls, applied: Applied) -> None:
    delete(calls, "AdminRemoveUserFromGroup", _membership(applied.properties))


USER_POOL_USER_TO_GROUP_ATTACHMENT = CoreType(
    name="AWS::Cognito::UserPoolUserToGroupAttachment",
    service=SERVICE,
    properties=frozenset({"UserPoolId", "GroupName", "Username"}),
    create=_create_membership,
    update=None,
    delete=_delete_membership,
    required=frozenset({"UserPoolId", "GroupName", "Username"}),
)
