import base64
import hmac
import json
from typing import Any

import pytest

PASSWORD = "Correct-Horse-7"


@pytest.fixture
def pool_id(account: Any) -> str:
    pool_id = str(account.pool())
    account.user(pool_id)
    return pool_id


@pytest.fixture
def client_id(account: Any, pool_id: str) -> str:
    return str(account.client(pool_id)["ClientId"])


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def refresh(client_id: str, token: str, **parameters: str) -> dict[str, Any]:
    given = {"REFRESH_TOKEN": token, **parameters}
    return {"ClientId": client_id, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": given}


def test_a_refresh_token_gets_new_tokens_of_the_same_sign_in(account: Any, client_id: str) -> None:
    first = account.sign_in(client_id)["AuthenticationResult"]
    account.clock.advance(hours=2)
    second = account.call("InitiateAuth", **refresh(client_id, first["RefreshToken"]))["AuthenticationResult"]
    assert "RefreshToken" not in second
    before, after = claims(first["AccessToken"]), claims(second["AccessToken"])
    for same in ("origin_jti", "auth_time", "sub", "event_id"):
        assert before[same] == after[same]
    assert after["iat"] == before["iat"] + 7200
    assert after["jti"] != before["jti"]
    account.call("GetUser", AccessToken=second["AccessToken"])
    refusal = account.unchanged("GetUser", AccessToken=first["AccessToken"])
    assert refusal == "NotAuthorizedException: Access Token has expired"


@pytest.mark.semantics("COGNITO-23")
def test_the_secret_hash_of_a_refresh_is_over_the_users_name(account: Any, pool_id: str) -> None:
    client = account.client(pool_id, GenerateSecret=True)
    own, secret = client["ClientId"], client["ClientSecret"].encode()

    def over(name: str) -> str:
        return base64.b64encode(hmac.digest(secret, f"{name}{own}".encode(), "sha256")).decode()

    parameters = {"USERNAME": "ada", "PASSWORD": PASSWORD, "SECRET_HASH": over("ada")}
    start = {"ClientId": own, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    tokens = account.call("InitiateAuth", **start)["AuthenticationResult"]
    token, sub = tokens["RefreshToken"], claims(tokens["AccessToken"])["sub"]
    for name in ("ada", sub):
        assert account.call("InitiateAuth", **refresh(own, token, SECRET_HASH=over(name)))
    assert "Unable to verify" in account.unchanged(
        "InitiateAuth", **refresh(own, token, SECRET_HASH=over("bob"))
    )
    assert "was not received" in account.unchanged("InitiateAuth", **refresh(own, token))


@pytest.mark.semantics("COGNITO-14")
def test_a_refresh_token_ends(account: Any, pool_id: str, client_id: str) -> None:
    def refused(token: str, client: str = client_id) -> str:
        text: str = account.unchanged("InitiateAuth", **refresh(client, token))
        return text

    def fresh() -> str:
        return str(account.sign_in(client_id)["AuthenticationResult"]["RefreshToken"])

    other = account.client(pool_id)["ClientId"]
    token = fresh()
    assert refused(token, other) == "NotAuthorizedException: Invalid Refresh Token"
    assert refused(token[:-2] + "xx") == "NotAuthorizedException: Invalid Refresh Token"
    account.call("AdminUserGlobalSignOut", UserPoolId=pool_id, Username="ada")
    assert refused(token) == "NotAuthorizedException: Refresh Token has been revoked"
    account.clock.advance(seconds=1)
    token = fresh()
    account.call("RevokeToken", ClientId=client_id, Token=token)
    account.call("RevokeToken", ClientId=client_id, Token=token)
    assert refused(token) == "NotAuthorizedException: Refresh Token has been revoked"
    token = fresh()
    account.clock.advance(days=30)
    assert refused(token) == "NotAuthorizedException: Refresh Token has expired"
    token = fresh()
    account.call("AdminDeleteUser", UserPoolId=pool_id, Username="ada")
    assert refused(token) == "NotAuthorizedException: Invalid Refresh Token"


@pytest.mark.semantics("COGNITO-16")
def test_disabling_a_user_ends_the_sign_ins(account: Any, pool_id: str, client_id: str) -> None:
    tokens = account.sign_in(client_id)["AuthenticationResult"]
    key = {"UserPoolId": pool_id, "Username": "ada"}
    account.call("AdminDisableUser", **key)
    assert "revoked" in account.unchanged("InitiateAuth", **refresh(client_id, tokens["RefreshToken"]))
    account.call("AdminEnableUser", **key)
    assert "revoked" in account.unchanged("InitiateAuth", **refresh(client_id, tokens["RefreshToken"]))
    assert "revoked" in account.unchanged("GetUser", AccessToken=tokens["AccessToken"])


@pytest.mark.semantics("COGNITO-17")
def test_revocation_takes_the_access_tokens_of_the_sign_in_with_it(
    account: Any, pool_id: str, client_id: str
) -> None:
    lost = account.sign_in(client_id)["AuthenticationResult"]
    kept = account.sign_in(client_id)["AuthenticationResult"]
    account.call("RevokeToken", ClientId=client_id, Token=lost["RefreshToken"])
    refusal = account.unchanged("GetUser", AccessToken=lost["AccessToken"])
    assert refusal == "NotAuthorizedException: Access Token has been revoked"
    account.call("GetUser", AccessToken=kept["AccessToken"])
    wrong = account.unchanged("RevokeToken", ClientId=client_id, Token=kept["AccessToken"])
    assert wrong.startswith("UnsupportedTokenTypeException")
    other = account.client(pool_id)["ClientId"]
    assert account.unchanged("RevokeToken", ClientId=other, Token=kept["RefreshToken"]).startswith(
        "UnauthorizedException"
    )
    off = account.client(pool_id, EnableTokenRevocation=False)["ClientId"]
    tokens = account.sign_in(off)["AuthenticationResult"]
    assert "origin_jti" not in claims(tokens["AccessToken"])
    assert account.unchanged("RevokeToken", ClientId=off, Token=tokens["RefreshToken"]).startswith(
        "UnsupportedOperationException"
    )
    secret = account.client(pool_id, GenerateSecret=True)["ClientId"]
    assert account.unchanged("RevokeToken", ClientId=secret, Token="x").startswith("UnauthorizedException")


@pytest.mark.semantics("COGNITO-15")
def test_rotation_replaces_the_refresh_token(account: Any, pool_id: str) -> None:
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10}
    flows = ["ALLOW_USER_PASSWORD_AUTH"]
    client_id = account.client(pool_id, ExplicitAuthFlows=flows, RefreshTokenRotation=rotation)["ClientId"]
    first = account.sign_in(client_id)["AuthenticationResult"]["RefreshToken"]
    get = "GetTokensFromRefreshToken"

    def renew(token: str) -> str:
        output = account.call(get, ClientId=client_id, RefreshToken=token)
        return str(output["AuthenticationResult"]["RefreshToken"])

    second = renew(first)
    assert second != first
    account.clock.advance(seconds=9)
    third = renew(first)
    assert third != second
    second = renew(second)  # beside the third, whose predecessor it shares
    third = renew(third)
    account.clock.advance(seconds=10)
    late = account.unchanged(get, ClientId=client_id, RefreshToken=first)
    assert late.startswith("RefreshTokenReuseException") or late.endswith("Invalid Refresh Token")
    second, third = renew(second), renew(third)
    reused = account.unchanged(get, ClientId=client_id, RefreshToken="x" * 86)
    assert reused == "NotAuthorizedException: Invalid Refresh Token"
    assert account.unchanged("InitiateAuth", **refresh(client_id, third)) == (
        "InvalidParameterException: Auth flow not enabled for this client"
    )


def test_tokens_from_a_refresh_token_need_the_secret_of_a_client_that_has_one(
    account: Any, client_id: str
) -> None:
    token = account.sign_in(client_id)["AuthenticationResult"]["RefreshToken"]
    get = "GetTokensFromRefreshToken"
    renewed = account.call(get, ClientId=client_id, RefreshToken=token)["AuthenticationResult"]
    assert "RefreshToken" not in renewed
    assert "client secret" in account.unchanged(
        get, ClientId=client_id, RefreshToken=token, ClientSecret="x" * 24
    )


def test_a_client_that_is_gone_takes_its_tokens_with_it(account: Any, pool_id: str, client_id: str) -> None:
    tokens = account.sign_in(client_id)["AuthenticationResult"]
    account.call("DeleteUserPoolClient", UserPoolId=pool_id, ClientId=client_id)
    refusal = account.unchanged("GetUser", AccessToken=tokens["AccessToken"])
    assert refusal == "NotAuthorizedException: Invalid Access Token"
