"""User pools and what belongs to them, made, changed and deleted by stacks."""

import json
from pathlib import Path
from typing import Any

import pytest

from sekisho.kernel.errors import ServiceError

POOL = {"Ref": "Pool"}


def template(**changes: Any) -> dict[str, Any]:
    """Return a stack with one resource of each type; a change replaces properties, None takes a resource away."""
    resources: dict[str, dict[str, Any]] = {
        "Pool": {
            "Type": "AWS::Cognito::UserPool",
            "Properties": {
                "Policies": {"PasswordPolicy": {"MinimumLength": "10"}},
                "Schema": [{"Name": "tenant", "AttributeDataType": "String", "Mutable": True}],
                "AutoVerifiedAttributes": ["email"],
            },
        },
        "Server": {
            "Type": "AWS::Cognito::UserPoolResourceServer",
            "Properties": {
                "UserPoolId": POOL,
                "Identifier": "items",
                "Name": "items",
                "Scopes": [{"ScopeName": "read", "ScopeDescription": "Read"}],
            },
        },
        "Client": {
            "Type": "AWS::Cognito::UserPoolClient",
            "Properties": {
                "UserPoolId": POOL,
                "GenerateSecret": "true",
                "AllowedOAuthFlows": ["client_credentials"],
                "AllowedOAuthScopes": [{"Fn::Join": ["", [{"Ref": "Server"}, "/read"]]}],
                "AllowedOAuthFlowsUserPoolClient": True,
            },
        },
        "Domain": {
            "Type": "AWS::Cognito::UserPoolDomain",
            "Properties": {"UserPoolId": POOL, "Domain": "shop"},
        },
        "Group": {
            "Type": "AWS::Cognito::UserPoolGroup",
            "Properties": {"UserPoolId": POOL, "GroupName": "admins", "Precedence": "1"},
        },
        "User": {
            "Type": "AWS::Cognito::UserPoolUser",
            "Properties": {
                "UserPoolId": POOL,
                "Username": "ada",
                "MessageAction": "SUPPRESS",
                "UserAttributes": [{"Name": "email", "Value": "ada@example.com"}],
            },
        },
        "Member": {
            "Type": "AWS::Cognito::UserPoolUserToGroupAttachment",
            "Properties": {"UserPoolId": POOL, "GroupName": {"Ref": "Group"}, "Username": {"Ref": "User"}},
        },
    }
    for name, properties in changes.items():
        if properties is None:
            del resources[name]
        else:
            resources[name]["Properties"] |= properties
    outputs = {
        "PoolId": POOL,
        "Issuer": {"Fn::GetAtt": "Pool.ProviderURL"},
        "Arn": {"Fn::GetAtt": "Pool.Arn"},
        "ClientId": {"Ref": "Client"},
        "Secret": {"Fn::GetAtt": "Client.ClientSecret"},
        "ClientName": {"Fn::GetAtt": "Client.Name"},
    }
    return {
        "Resources": resources,
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }


def deployed(account: Any) -> dict[str, str]:
    account.create(json.dumps(template()))
    assert reasons(account) == []
    return outputs(account)


def outputs(account: Any) -> dict[str, str]:
    return {one["OutputKey"]: one["OutputValue"] for one in account.describe()["Outputs"]}


def reasons(account: Any) -> list[str]:
    """Return why what failed did; the model's list of statuses lacks those of a stack that is updated."""
    events = account._dispatcher.call(
        "cloudformation", "DescribeStackEvents", {"StackName": "demo"}, "us-east-1"
    )["StackEvents"]
    return [
        str(event["ResourceStatusReason"]) for event in events if event["ResourceStatus"].endswith("_FAILED")
    ]


def update(account: Any, **changes: Any) -> None:
    capabilities = ["CAPABILITY_NAMED_IAM"]
    body = json.dumps(template(**changes))
    account.call("UpdateStack", StackName="demo", TemplateBody=body, Capabilities=capabilities)


def test_a_stack_makes_them_all(account: Any) -> None:
    made = deployed(account)
    pool_id = made["PoolId"]
    assert made["Issuer"] == f"https://cognito-idp.us-east-1.amazonaws.com/{pool_id}"
    assert made["Arn"].endswith(f":userpool/{pool_id}")
    assert made["ClientName"].startswith("demo-Client-")
    described = account.idp("DescribeUserPoolClient", UserPoolId=pool_id, ClientId=made["ClientId"])
    assert described["UserPoolClient"]["ClientSecret"] == made["Secret"]
    assert described["UserPoolClient"]["AllowedOAuthScopes"] == ["items/read"]
    pool = account.idp("DescribeUserPool", UserPoolId=pool_id)["UserPool"]
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 10
    assert pool["Domain"] == "shop"
    users = account.idp("ListUsersInGroup", UserPoolId=pool_id, GroupName="admins")["Users"]
    assert [user["Username"] for user in users] == ["ada"]


def test_the_second_factors_that_a_pool_offers_are_kept(account: Any) -> None:
    sms = {"ExternalId": "x", "SnsCallerArn": "arn:aws:iam::000000000000:role/sms"}
    properties = {
        "EnabledMfas": ["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"],
        "MfaConfiguration": "OPTIONAL",
        "SmsConfiguration": sms,
        "EmailAuthenticationSubject": "Code",
        "WebAuthnRelyingPartyID": "example.com",
    }
    account.create(json.dumps(template(Pool=properties)))
    assert reasons(account) == []
    found = account.idp("GetUserPoolMfaConfig", UserPoolId=outputs(account)["PoolId"])
    assert found == {
        "MfaConfiguration": "OPTIONAL",
        "EmailMfaConfiguration": {"Subject": "Code"},
        "SmsMfaConfiguration": {"SmsConfiguration": sms},
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
        "WebAuthnConfiguration": {"RelyingPartyId": "example.com"},
    }


def test_what_cdk_makes_of_a_pool_with_everything_deploys(account: Any) -> None:
    """Written by ``cdk synth`` of aws-cdk-lib 2.275: sign-in by address, custom attributes, two clients, a domain.

    Second factors, passkeys, remembered devices and branding are in it and have no effect.
    """
    account.create((Path(__file__).parent / "cdk_user_pool.json").read_text())
    assert reasons(account) == []
    made = outputs(account)
    assert made["Base"] == "https://cdkshop.auth.us-east-1.amazoncognito.com"
    pool = account.idp("DescribeUserPool", UserPoolId=made["PoolId"])["UserPool"]
    assert (pool["UsernameAttributes"], pool["MfaConfiguration"]) == (["email"], "OPTIONAL")
    client = account.idp("DescribeUserPoolClient", UserPoolId=made["PoolId"], ClientId=made["Web"])
    assert client["UserPoolClient"]["RefreshTokenRotation"] == {
        "Feature": "ENABLED",
        "RetryGracePeriodSeconds": 30,
    }
    (server,) = account.idp("ListResourceServers", UserPoolId=made["PoolId"], MaxResults=10)[
        "ResourceServers"
    ]
    assert {scope["ScopeName"] for scope in server["Scopes"]} == {"read", "*"}


def test_changes_are_made_in_place(account: Any) -> None:
    before = deployed(account)
    schema = [
        {"Name": "tenant", "AttributeDataType": "String", "Mutable": True},
        {"Name": "level", "AttributeDataType": "Number"},
    ]
    write = {"ScopeName": "write", "ScopeDescription": "Write"}
    update(
        account,
        Pool={"Schema": schema, "UserPoolName": "renamed"},
        Server={"Scopes": [write]},
        Client={"AllowedOAuthScopes": ["items/write"], "AccessTokenValidity": "2"},
        Domain={"ManagedLoginVersion": 2},
        Group={"Precedence": 7},
    )
    assert reasons(account) == []
    after = outputs(account)
    assert (after["PoolId"], after["ClientId"]) == (before["PoolId"], before["ClientId"])
    pool = account.idp("DescribeUserPool", UserPoolId=after["PoolId"])["UserPool"]
    assert pool["Name"] == "renamed"
    assert "custom:level" in {one["Name"] for one in pool["SchemaAttributes"]}
    group = account.idp("GetGroup", UserPoolId=after["PoolId"], GroupName="admins")["Group"]
    assert group["Precedence"] == 7
    domain = account.idp("DescribeUserPoolDomain", Domain="shop")["DomainDescription"]
    assert domain["ManagedLoginVersion"] == 2


def test_what_identifies_a_resource_is_replaced(account: Any) -> None:
    before = deployed(account)
    update(account, Client={"GenerateSecret": False, "AllowedOAuthFlows": []}, Member=None)
    after = account.describe()
    # The output asks for the secret of a client that has none now.
    assert after["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    update(account, Group={"GroupName": "editors"}, Member={"GroupName": {"Ref": "Group"}})
    assert account.status() == "UPDATE_COMPLETE"
    groups = account.idp("AdminListGroupsForUser", UserPoolId=before["PoolId"], Username="ada")["Groups"]
    assert [group["GroupName"] for group in groups] == ["editors"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"UsernameAttributes": ["email"]}, "Updates are not allowed for property - UsernameAttributes."),
        ({"Schema": []}, "Existing schema attributes cannot be modified or deleted."),
        ({"MfaConfiguration": "ON"}, "does not support multi-factor authentication"),
    ],
)
def test_what_cannot_change_rolls_back(account: Any, change: dict[str, Any], reason: str) -> None:
    before = deployed(account)
    update(account, Pool=change)
    assert account.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert any(reason in text for text in reasons(account))
    assert outputs(account) == before


def test_a_stack_takes_them_all_away_even_what_is_gone(account: Any) -> None:
    made = deployed(account)
    stack_id = account.describe()["StackId"]
    pool = {"UserPoolId": made["PoolId"]}
    account.idp("AdminDeleteUser", Username="ada", **pool)
    account.idp("DeleteGroup", GroupName="admins", **pool)
    account.idp("DeleteUserPoolClient", ClientId=made["ClientId"], **pool)
    account.idp("DeleteUserPoolDomain", Domain="shop", **pool)
    account.call("DeleteStack", StackName="demo")
    assert account.status(stack_id) == "DELETE_COMPLETE"
    with pytest.raises(ServiceError, match="does not exist"):
        account.idp("DescribeUserPool", **pool)


def test_a_user_that_exists_fails_the_stack_which_rolls_back(account: Any) -> None:
    account.create(json.dumps(template(User={"UserAttributes": [{"Name": "email", "Value": "none"}]})))
    assert account.status() == "ROLLBACK_COMPLETE"
    assert any("Invalid email address format." in reason for reason in reasons(account))
    assert account.idp("ListUserPools", MaxResults=10)["UserPools"] == []
