from typing import Any

import pytest


@pytest.fixture
def pool_id(account: Any) -> str:
    pool_id = str(account.pool())
    account.user(pool_id)
    return pool_id


@pytest.mark.parametrize(
    ("operation", "params", "expected"),
    [
        ("ListIdentityProviders", {}, {"Providers": []}),
        ("ListUserImportJobs", {"MaxResults": 10}, {"UserImportJobs": []}),
        ("AdminListDevices", {"Username": "ada"}, {"Devices": []}),
        (
            "AdminGetUserAuthFactors",
            {"Username": "ada"},
            {"Username": "ada", "ConfiguredUserAuthFactors": ["PASSWORD"]},
        ),
    ],
)
def test_what_a_pool_does_not_have(
    account: Any, pool_id: str, operation: str, params: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert account.call(operation, UserPoolId=pool_id, **params) == expected
    missing = account.unchanged(operation, UserPoolId="us-east-1_Unknown00", **params)
    assert missing == "ResourceNotFoundException: User pool us-east-1_Unknown00 does not exist."


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("AdminListDevices", "ResourceNotFoundException"),
        ("AdminGetUserAuthFactors", "UserNotFoundException"),
    ],
)
def test_what_a_user_has_who_does_not_exist(account: Any, pool_id: str, operation: str, code: str) -> None:
    refusal = account.unchanged(operation, UserPoolId=pool_id, Username="nobody")
    assert refusal == f"{code}: User does not exist."


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("ListDevices", {"Devices": []}),
        ("ListWebAuthnCredentials", {"Credentials": []}),
        ("GetUserAuthFactors", {"Username": "ada", "ConfiguredUserAuthFactors": ["PASSWORD"]}),
    ],
)
def test_what_a_user_does_not_have(
    account: Any, pool_id: str, operation: str, expected: dict[str, Any]
) -> None:
    client_id = account.client(pool_id)["ClientId"]
    token = account.sign_in(client_id)["AuthenticationResult"]["AccessToken"]
    assert account.call(operation, AccessToken=token) == expected
    assert "Invalid Access Token" in account.unchanged(operation, AccessToken="x")


def test_an_identity_provider_is_not_there(account: Any, pool_id: str) -> None:
    missing = "ResourceNotFoundException: Identity provider Google does not exist."
    described = account.unchanged("DescribeIdentityProvider", UserPoolId=pool_id, ProviderName="Google")
    assert described == missing
    found = account.unchanged("GetIdentityProviderByIdentifier", UserPoolId=pool_id, IdpIdentifier="Google")
    assert found == missing


def test_no_risks_are_assessed(account: Any, pool_id: str) -> None:
    described = account.call("DescribeRiskConfiguration", UserPoolId=pool_id)
    assert described == {"RiskConfiguration": {"UserPoolId": pool_id}}
    client_id = account.client(pool_id)["ClientId"]
    described = account.call("DescribeRiskConfiguration", UserPoolId=pool_id, ClientId=client_id)
    assert described == {"RiskConfiguration": {"UserPoolId": pool_id, "ClientId": client_id}}
    unknown = account.unchanged("DescribeRiskConfiguration", UserPoolId=pool_id, ClientId="unknown")
    assert unknown == "ResourceNotFoundException: User pool client unknown does not exist."
