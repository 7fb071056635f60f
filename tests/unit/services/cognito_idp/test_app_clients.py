from typing import Any

import pytest

SERVER = {
    "Identifier": "items",
    "Name": "items",
    "Scopes": [{"ScopeName": "read", "ScopeDescription": "Read"}],
}
MACHINE = {
    "GenerateSecret": True,
    "AllowedOAuthFlows": ["client_credentials"],
    "AllowedOAuthScopes": ["items/read"],
    "AllowedOAuthFlowsUserPoolClient": True,
}


@pytest.fixture
def pool_id(account: Any) -> str:
    pool_id = str(account.pool())
    account.call("CreateResourceServer", UserPoolId=pool_id, **SERVER)
    return pool_id


def create(account: Any, pool_id: str, **params: Any) -> dict[str, Any]:
    given = {"ClientName": "app", **params}
    created: dict[str, Any] = account.call("CreateUserPoolClient", UserPoolId=pool_id, **given)[
        "UserPoolClient"
    ]
    return created


def refused(account: Any, pool_id: str, **params: Any) -> str:
    refusal: str = account.unchanged(
        "CreateUserPoolClient", UserPoolId=pool_id, **{"ClientName": "app", **params}
    )
    return refusal


def test_a_client_has_the_defaults_that_aws_documents(account: Any, pool_id: str) -> None:
    client = create(account, pool_id)
    assert len(client["ClientId"]) == 26
    assert client["ClientId"].isalnum()
    assert client["ClientId"].islower() or client["ClientId"].isdigit()
    assert "ClientSecret" not in client
    assert client["RefreshTokenValidity"] == 30
    assert client["EnableTokenRevocation"] is True
    assert client["AuthSessionValidity"] == 3
    assert client["AllowedOAuthFlowsUserPoolClient"] is False
    assert client["PreventUserExistenceErrors"] == "LEGACY"
    described = account.call("DescribeUserPoolClient", UserPoolId=pool_id, ClientId=client["ClientId"])
    assert described["UserPoolClient"] == client


def test_a_secret_is_made_taken_or_left_out(account: Any, pool_id: str) -> None:
    generated = create(account, pool_id, GenerateSecret=True)["ClientSecret"]
    assert 51 <= len(generated) <= 52
    assert generated.isalnum()
    own = "my-own-secret-0123456789".replace("-", "_")
    assert create(account, pool_id, ClientSecret=own)["ClientSecret"] == own
    both = {"ClientName": "app", "GenerateSecret": True, "ClientSecret": own}
    assert "ClientSecret cannot be given" in account.unchanged(
        "CreateUserPoolClient", UserPoolId=pool_id, **both
    )


def test_two_secrets_overlap_while_one_is_replaced(account: Any, pool_id: str) -> None:
    client = create(account, pool_id, **MACHINE)
    key = {"UserPoolId": pool_id, "ClientId": client["ClientId"]}
    added = account.call("AddUserPoolClientSecret", **key)["ClientSecretDescriptor"]
    assert added["ClientSecretValue"] != client["ClientSecret"]
    assert account.unchanged("AddUserPoolClientSecret", **key) == (
        "LimitExceededException: Client secrets cannot exceed limit of 2 secrets."
    )
    listed = account.call("ListUserPoolClientSecrets", **key)["ClientSecrets"]
    assert [each["ClientSecretId"] for each in listed][1] == added["ClientSecretId"]
    assert all("ClientSecretValue" not in each for each in listed)
    account.call("DeleteUserPoolClientSecret", ClientSecretId=listed[0]["ClientSecretId"], **key)
    assert (
        account.call("DescribeUserPoolClient", **key)["UserPoolClient"]["ClientSecret"]
        == (added["ClientSecretValue"])
    )
    last = {"ClientSecretId": added["ClientSecretId"]}
    assert "cannot be deleted" in account.unchanged("DeleteUserPoolClientSecret", **key, **last)


@pytest.mark.semantics("COGNITO-40")
def test_client_credentials_stands_alone_with_a_secret_and_scopes_of_its_own(
    account: Any, pool_id: str
) -> None:
    assert create(account, pool_id, **MACHINE)["AllowedOAuthScopes"] == ["items/read"]
    with_code = {**MACHINE, "AllowedOAuthFlows": ["client_credentials", "code"]}
    assert refused(account, pool_id, **with_code, CallbackURLs=["https://a.example/"]).startswith(
        "InvalidOAuthFlowException"
    )
    public = {**MACHINE, "GenerateSecret": False}
    assert refused(account, pool_id, **public).startswith("InvalidOAuthFlowException")
    system = {**MACHINE, "AllowedOAuthScopes": ["openid"]}
    assert refused(account, pool_id, **system).startswith("InvalidOAuthFlowException")
    unknown = {**MACHINE, "AllowedOAuthScopes": ["items/write"]}
    assert refused(account, pool_id, **unknown).startswith("ScopeDoesNotExistException")
    wrong = refused(account, pool_id, AllowedOAuthFlows=["token"])
    assert wrong.startswith("InvalidParameterException: 1 validation error detected")
    assert "client_credentials" in wrong


@pytest.mark.semantics("COGNITO-41")
@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://app.example.com/cb?x=1", True),
        ("http://localhost:3000/cb", True),
        ("http://127.0.0.1/cb", True),
        ("myapp://signed-in", True),
        ("http://app.example.com/cb", False),
        ("https://app.example.com/cb#part", False),
        ("/cb", False),
        ("javascript:alert(1)", False),
        ("https:///cb", False),
        ("https://[broken/", False),
    ],
)
def test_callback_urls_are_absolute_and_safe(account: Any, pool_id: str, url: str, good: bool) -> None:
    params = {
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid"],
        "CallbackURLs": [url],
    }
    if good:
        assert create(account, pool_id, **params)["CallbackURLs"] == [url]
    else:
        assert refused(account, pool_id, **params).startswith("InvalidParameterException")


@pytest.mark.semantics("COGNITO-08")
@pytest.mark.parametrize(
    ("params", "good"),
    [
        ({"AccessTokenValidity": 5, "TokenValidityUnits": {"AccessToken": "minutes"}}, True),
        ({"AccessTokenValidity": 4, "TokenValidityUnits": {"AccessToken": "minutes"}}, False),
        ({"IdTokenValidity": 24}, True),
        ({"IdTokenValidity": 25}, False),
        ({"RefreshTokenValidity": 3650}, True),
        ({"RefreshTokenValidity": 3651}, False),
        ({"RefreshTokenValidity": 59, "TokenValidityUnits": {"RefreshToken": "minutes"}}, False),
        ({"RefreshTokenValidity": 0}, True),
    ],
)
def test_token_lifetimes_have_bounds(account: Any, pool_id: str, params: dict[str, Any], good: bool) -> None:
    if good:
        assert create(account, pool_id, **params)["ClientId"]
    else:
        assert refused(account, pool_id, **params).startswith("InvalidParameterException: Invalid range")


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"ExplicitAuthFlows": ["USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH"]}, "legacy values"),
        ({"ExplicitAuthFlows": ["ALLOW_TOKEN_EXCHANGE_DELEGATION"]}, "does not support the flow"),
        ({"SupportedIdentityProviders": ["Google"]}, "The provider Google does not exist for User Pool."),
        ({"ReadAttributes": ["custom:none"]}, "custom:none"),
        ({"WriteAttributes": ["email_verified"]}, "email_verified"),
        ({"DefaultRedirectURI": "https://a.example/"}, "is not in the list of CallbackURLs"),
        (
            {
                "RefreshTokenRotation": {"Feature": "ENABLED"},
                "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
            },
            "rotation",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(
    account: Any, pool_id: str, params: dict[str, Any], reason: str
) -> None:
    refusal = refused(account, pool_id, **params)
    assert refusal.startswith("InvalidParameterException: ")
    assert reason in refusal


def test_code_and_implicit_flows_need_somewhere_to_go(account: Any, pool_id: str) -> None:
    assert refused(account, pool_id, AllowedOAuthFlows=["code"]).startswith("InvalidOAuthFlowException")


@pytest.mark.semantics("COGNITO-30")
def test_an_update_keeps_name_and_secret_and_resets_the_rest(account: Any, pool_id: str) -> None:
    client = create(account, pool_id, **MACHINE, AccessTokenValidity=2)
    updated = account.call(
        "UpdateUserPoolClient",
        UserPoolId=pool_id,
        ClientId=client["ClientId"],
        PreventUserExistenceErrors="ENABLED",
    )["UserPoolClient"]
    assert updated["ClientName"] == "app"
    assert updated["ClientSecret"] == client["ClientSecret"]
    assert updated["PreventUserExistenceErrors"] == "ENABLED"
    assert "AccessTokenValidity" not in updated
    assert "AllowedOAuthFlows" not in updated


def test_clients_are_listed_and_deleted(account: Any, pool_id: str) -> None:
    ids = [create(account, pool_id, ClientName=f"c{number}")["ClientId"] for number in range(3)]
    first = account.call("ListUserPoolClients", UserPoolId=pool_id, MaxResults=2)
    rest = account.call("ListUserPoolClients", UserPoolId=pool_id, MaxResults=2, NextToken=first["NextToken"])
    assert [each["ClientId"] for each in (*first["UserPoolClients"], *rest["UserPoolClients"])] == ids
    account.call("DeleteUserPoolClient", UserPoolId=pool_id, ClientId=ids[0])
    missing = account.unchanged("DescribeUserPoolClient", UserPoolId=pool_id, ClientId=ids[0])
    assert missing == f"ResourceNotFoundException: User pool client {ids[0]} does not exist."
    other = account.pool()
    assert "does not exist" in account.unchanged("DescribeUserPoolClient", UserPoolId=other, ClientId=ids[1])
