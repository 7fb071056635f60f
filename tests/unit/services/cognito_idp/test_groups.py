import base64
import json
from typing import Any

import pytest


@pytest.fixture
def pool_id(account: Any) -> str:
    return str(account.pool())


def claims(tokens: dict[str, Any], kind: str) -> dict[str, Any]:
    part = tokens["AuthenticationResult"][kind].split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return decoded


def test_a_group_lives_and_dies(account: Any, pool_id: str) -> None:
    key = {"UserPoolId": pool_id, "GroupName": "admins"}
    created = account.call("CreateGroup", **key, Description="d", Precedence=0)["Group"]
    assert created["Precedence"] == 0
    assert account.unchanged("CreateGroup", **key) == (
        "GroupExistsException: A group with the name already exists."
    )
    account.call("UpdateGroup", **key, Precedence=5)
    group = account.call("GetGroup", **key)["Group"]
    assert (group["Description"], group["Precedence"]) == ("d", 5)
    account.call("DeleteGroup", **key)
    assert account.unchanged("GetGroup", **key) == "ResourceNotFoundException: Group not found."


def test_users_join_and_leave(account: Any, pool_id: str) -> None:
    key = {"UserPoolId": pool_id, "GroupName": "admins"}
    account.call("CreateGroup", **key)
    account.user(pool_id)
    account.call("AdminAddUserToGroup", Username="ada", **key)
    account.call("AdminAddUserToGroup", Username="ada", **key)
    users = account.call("ListUsersInGroup", **key)["Users"]
    assert [user["Username"] for user in users] == ["ada"]
    assert account.call("AdminListGroupsForUser", UserPoolId=pool_id, Username="ada")["Groups"] != []
    account.call("AdminRemoveUserFromGroup", Username="ada", **key)
    assert account.call("ListUsersInGroup", **key)["Users"] == []
    assert "Group not found" in account.unchanged(
        "AdminAddUserToGroup", UserPoolId=pool_id, Username="ada", GroupName="none"
    )
    assert account.unchanged("AdminAddUserToGroup", Username="bob", **key) == (
        "UserNotFoundException: User does not exist."
    )


def test_deleting_a_group_takes_it_from_its_users(account: Any, pool_id: str) -> None:
    client_id = account.client(pool_id)["ClientId"]
    account.user(pool_id)
    for name in ("a", "b"):
        account.call("CreateGroup", UserPoolId=pool_id, GroupName=name)
        account.call("AdminAddUserToGroup", UserPoolId=pool_id, Username="ada", GroupName=name)
    account.call("DeleteGroup", UserPoolId=pool_id, GroupName="a")
    assert claims(account.sign_in(client_id), "AccessToken")["cognito:groups"] == ["b"]
    account.call("CreateGroup", UserPoolId=pool_id, GroupName="a")
    assert claims(account.sign_in(client_id), "AccessToken")["cognito:groups"] == ["b"]


@pytest.mark.semantics("COGNITO-06")
def test_tokens_list_groups_by_precedence(account: Any, pool_id: str) -> None:
    client_id = account.client(pool_id)["ClientId"]
    account.user(pool_id)
    for name, precedence in (("last", None), ("second", 2), ("first", 1)):
        extra = {} if precedence is None else {"Precedence": precedence}
        role = f"arn:aws:iam::000000000000:role/{name}"
        account.call("CreateGroup", UserPoolId=pool_id, GroupName=name, RoleArn=role, **extra)
        account.call("AdminAddUserToGroup", UserPoolId=pool_id, Username="ada", GroupName=name)
    tokens = account.sign_in(client_id)
    assert claims(tokens, "AccessToken")["cognito:groups"] == ["first", "second", "last"]
    identity = claims(tokens, "IdToken")
    assert identity["cognito:preferred_role"] == "arn:aws:iam::000000000000:role/first"
    assert len(identity["cognito:roles"]) == 3
    listed = account.call("AdminListGroupsForUser", UserPoolId=pool_id, Username="ada")["Groups"]
    assert [group["GroupName"] for group in listed] == ["first", "second", "last"]
    account.call("UpdateGroup", UserPoolId=pool_id, GroupName="second", Precedence=1)
    assert "cognito:preferred_role" not in claims(account.sign_in(client_id), "IdToken")
