"""Updates of user pools and what belongs to them."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

COGNITO = "AWS::Cognito::"
POOL = {"Ref": "Pool"}
ROLE = "arn:aws:iam::000000000000:role/r"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
AROUND = {
    "Pool": {"Type": f"{COGNITO}UserPool", "Properties": {}},
    "Server": {
        "Type": f"{COGNITO}UserPoolResourceServer",
        "Properties": {
            "UserPoolId": POOL,
            "Identifier": "items",
            "Name": "items",
            "Scopes": [
                {"ScopeName": "read", "ScopeDescription": "d"},
                {"ScopeName": "write", "ScopeDescription": "d"},
            ],
        },
    },
}


def pool(account: Any, ids: Mapping[str, str]) -> Any:
    found = account.idp("DescribeUserPool", UserPoolId=ids["It"])["UserPool"]
    return {**found, "Factors": account.idp("GetUserPoolMfaConfig", UserPoolId=ids["It"])}


def client(account: Any, ids: Mapping[str, str]) -> Any:
    return account.idp("DescribeUserPoolClient", UserPoolId=ids["Pool"], ClientId=ids["It"])["UserPoolClient"]


def domain(account: Any, ids: Mapping[str, str]) -> Any:
    return account.idp("DescribeUserPoolDomain", Domain=ids["It"])["DomainDescription"]


def group(account: Any, ids: Mapping[str, str]) -> Any:
    return account.idp("GetGroup", UserPoolId=ids["Pool"], GroupName=ids["It"])["Group"]


def server(account: Any, ids: Mapping[str, str]) -> Any:
    found = account.idp("DescribeResourceServer", UserPoolId=ids["Pool"], Identifier=ids["It"])
    return found["ResourceServer"]


CASES: dict[str, dict[str, Any]] = {
    "pool": {
        "type": f"{COGNITO}UserPool",
        "properties": {
            "AccountRecoverySetting": {
                "RecoveryMechanisms": [
                    {"Name": "verified_email", "Priority": 1},
                    {"Name": "verified_phone_number", "Priority": 2},
                ]
            },
            "AdminCreateUserConfig": {
                "AllowAdminCreateUserOnly": True,
                "InviteMessageTemplate": {
                    "EmailMessage": "{username} {####}",
                    "EmailSubject": "s",
                    "SMSMessage": "{username} {####}",
                },
            },
            "AutoVerifiedAttributes": ["email", "phone_number"],
            "DeletionProtection": "INACTIVE",
            "EmailConfiguration": {
                "EmailSendingAccount": "COGNITO_DEFAULT",
                "ReplyToEmailAddress": "a@example.com",
            },
            "EmailVerificationMessage": "{####}",
            "EmailVerificationSubject": "s",
            "LambdaConfig": {"PreSignUp": FUNCTION, "PostConfirmation": FUNCTION},
            "MfaConfiguration": "OFF",
            "Policies": {
                "PasswordPolicy": {
                    "MinimumLength": 12,
                    "PasswordHistorySize": 0,
                    "RequireLowercase": False,
                    "RequireNumbers": False,
                    "RequireSymbols": False,
                    "RequireUppercase": False,
                    "TemporaryPasswordValidityDays": 3,
                }
            },
            "SmsAuthenticationMessage": "{####}",
            "SmsConfiguration": {"ExternalId": "e", "SnsCallerArn": ROLE, "SnsRegion": "us-east-1"},
            "SmsVerificationMessage": "{####}",
            "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
            "UserPoolAddOns": {"AdvancedSecurityMode": "OFF"},
            "UserPoolName": "shop",
            "UserPoolTags": {"a": "1", "b": "2"},
            "UserPoolTier": "PLUS",
            "VerificationMessageTemplate": {
                "DefaultEmailOption": "CONFIRM_WITH_LINK",
                "EmailMessageByLink": "{##here##}",
                "EmailSubjectByLink": "s",
            },
            "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True},
            "EmailAuthenticationMessage": "Your code is {####}",
            "EmailAuthenticationSubject": "Code",
            "EnabledMfas": ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"],
            "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
            "WebAuthnFactorConfiguration": "SINGLE_FACTOR",
            "WebAuthnRelyingPartyID": "example.com",
            "WebAuthnUserVerification": "required",
        },
        "beside": {
            "AliasAttributes": "It cannot be changed.",
            "IssuerConfiguration": "It cannot be changed.",
            "UsernameAttributes": "It cannot be changed.",
            "UsernameConfiguration": "It cannot be changed.",
            "Schema": "Attributes can be added, not taken away.",
        },
        "describe": pool,
    },
    "client": {
        "type": f"{COGNITO}UserPoolClient",
        "around": AROUND,
        "properties": {
            "UserPoolId": POOL,
            "AccessTokenValidity": 10,
            "AllowedOAuthFlows": ["code", "implicit"],
            "AllowedOAuthFlowsUserPoolClient": True,
            "AllowedOAuthScopes": ["openid", {"Fn::Sub": "${Server}/read"}, {"Fn::Sub": "${Server}/write"}],
            "AnalyticsConfiguration": {"ApplicationId": "0123456789abcdef", "RoleArn": ROLE},
            "AuthSessionValidity": 5,
            "CallbackURLs": ["https://a.example/", "https://b.example/"],
            "ClientName": "shop",
            "DefaultRedirectURI": "https://a.example/",
            "EnablePropagateAdditionalUserContextData": False,
            "EnableTokenRevocation": False,
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH"],
            "IdTokenValidity": 10,
            "LogoutURLs": ["https://a.example/", "https://b.example/"],
            "PreventUserExistenceErrors": "ENABLED",
            "ReadAttributes": ["email", "name"],
            "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10},
            "RefreshTokenValidity": 60,
            "SupportedIdentityProviders": ["COGNITO"],
            "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "minutes"},
            "WriteAttributes": ["email", "name"],
        },
        "describe": client,
    },
    "domain": {
        "type": f"{COGNITO}UserPoolDomain",
        "around": AROUND,
        "properties": {"UserPoolId": POOL, "Domain": "shop", "ManagedLoginVersion": 2},
        "beside": {"CustomDomainConfig": "It goes with a domain of one's own only."},
        "describe": domain,
    },
    "group": {
        "type": f"{COGNITO}UserPoolGroup",
        "around": AROUND,
        "properties": {
            "UserPoolId": POOL,
            "GroupName": "admins",
            "Description": "d",
            "Precedence": 3,
            "RoleArn": ROLE,
        },
        "describe": group,
    },
    "server": {
        "type": f"{COGNITO}UserPoolResourceServer",
        "around": {"Pool": AROUND["Pool"]},
        "properties": {
            "UserPoolId": POOL,
            "Identifier": "things",
            "Name": "things",
            "Scopes": [
                {"ScopeName": "read", "ScopeDescription": "d"},
                {"ScopeName": "write", "ScopeDescription": "d"},
            ],
        },
        "describe": server,
    },
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.slow
def test_what_is_taken_away_leaves_nothing(twins: Any, case: Any, name: str) -> None:
    found = twins.differences(case(**CASES[name]))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.slow
def test_what_is_built_wrongly_leaves_the_stack_at_rest(twins: Any, case: Any, name: str) -> None:
    assert twins.unsettled(case(**CASES[name])) == []


@pytest.mark.parametrize("name", CASES)
def test_a_failed_update_gives_everything_back(twins: Any, case: Any, name: str) -> None:
    assert twins.unrestored(case(**CASES[name])) == []


def test_a_group_that_is_made_anew_keeps_its_users(account: Any) -> None:
    group = {"UserPoolId": POOL, "GroupName": "admins", "RoleArn": ROLE}
    resources = {
        "Pool": AROUND["Pool"],
        "Group": {"Type": f"{COGNITO}UserPoolGroup", "Properties": group},
        "User": {
            "Type": f"{COGNITO}UserPoolUser",
            "Properties": {"UserPoolId": POOL, "Username": "ada", "MessageAction": "SUPPRESS"},
        },
        "Member": {
            "Type": f"{COGNITO}UserPoolUserToGroupAttachment",
            "Properties": {"UserPoolId": POOL, "GroupName": {"Ref": "Group"}, "Username": {"Ref": "User"}},
        },
    }
    account.create(json.dumps({"Resources": resources}))
    (pool,) = account.idp("ListUserPools", MaxResults=10)["UserPools"]
    del group["RoleArn"]
    account.call("UpdateStack", StackName="demo", TemplateBody=json.dumps({"Resources": resources}))
    assert account.status() == "UPDATE_COMPLETE"
    (found,) = account.idp("ListGroups", UserPoolId=pool["Id"])["Groups"]
    assert found.get("RoleArn") is None
    users = account.idp("ListUsersInGroup", UserPoolId=pool["Id"], GroupName="admins")["Users"]
    assert [user["Username"] for user in users] == ["ada"]
