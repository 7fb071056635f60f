import base64
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

PASSWORD = "Correct-Horse-7"
WRONG = "NotAuthorizedException: Incorrect username or password."
SRP_A = "a" * 64


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


def secret_hash(client: dict[str, Any], username: str) -> str:
    message = (username + client["ClientId"]).encode()
    return base64.b64encode(hmac.digest(client["ClientSecret"].encode(), message, "sha256")).decode()


def start(client_id: str, flow: str = "USER_PASSWORD_AUTH", **parameters: str) -> dict[str, Any]:
    given = {"USERNAME": "ada", "PASSWORD": PASSWORD, **parameters}
    return {"ClientId": client_id, "AuthFlow": flow, "AuthParameters": given}


def test_a_password_gets_three_tokens(account: Any, client_id: str) -> None:
    output = account.call("InitiateAuth", **start(client_id))
    result = output["AuthenticationResult"]
    assert output["ChallengeParameters"] == {}
    assert result["TokenType"] == "Bearer"
    assert result["ExpiresIn"] == 3600
    access, identity = claims(result["AccessToken"]), claims(result["IdToken"])
    assert list(access) == [
        "sub",
        "iss",
        "client_id",
        "origin_jti",
        "event_id",
        "token_use",
        "scope",
        "auth_time",
        "exp",
        "iat",
        "jti",
        "username",
    ]
    assert access["scope"] == "aws.cognito.signin.user.admin"
    assert (access["token_use"], identity["token_use"]) == ("access", "id")
    assert identity["aud"] == client_id == access["client_id"]
    assert identity["origin_jti"] == access["origin_jti"]
    assert identity["jti"] != access["jti"]


def test_two_users_side_by_side_are_kept_apart(account: Any, pool_id: str, client_id: str) -> None:
    account.user(pool_id, "bob", "Other-Horse-8")
    assert account.sign_in_refused(client_id, "bob") == WRONG
    token = account.sign_in(client_id, "bob", "Other-Horse-8")["AuthenticationResult"]["AccessToken"]
    assert claims(token)["username"] == "bob"


@pytest.mark.semantics("COGNITO-26")
def test_an_unknown_user_is_told_or_hidden(account: Any, pool_id: str, client_id: str) -> None:
    assert account.sign_in_refused(client_id, "nobody") == "UserNotFoundException: User does not exist."
    hiding = account.client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    assert account.sign_in_refused(hiding, "nobody") == WRONG
    assert account.sign_in_refused(hiding, "ada", "Wrong-Horse-7") == WRONG
    account.call("AdminDisableUser", UserPoolId=pool_id, Username="ada")
    assert account.sign_in_refused(hiding, "ada", "Wrong-Horse-7") == WRONG


def test_a_disabled_user_may_not_sign_in(account: Any, pool_id: str, client_id: str) -> None:
    account.call("AdminDisableUser", UserPoolId=pool_id, Username="ada")
    assert account.sign_in_refused(client_id) == "NotAuthorizedException: User is disabled."
    account.call("AdminEnableUser", UserPoolId=pool_id, Username="ada")
    assert account.sign_in(client_id)["AuthenticationResult"]


@pytest.mark.semantics("COGNITO-23")
def test_secret_hash(account: Any, pool_id: str, client_id: str) -> None:
    client = account.client(pool_id, GenerateSecret=True)
    own = client["ClientId"]
    assert account.refused("InitiateAuth", **start(own)) == (
        f"NotAuthorizedException: Client {own} is configured with secret but SECRET_HASH was not received"
    )
    unable = f"NotAuthorizedException: Unable to verify secret hash for client {own}"
    for wrong in ("x", secret_hash(client, "bob")):
        assert account.refused("InitiateAuth", **start(own, SECRET_HASH=wrong)) == unable
    good = start(own, SECRET_HASH=secret_hash(client, "ada"))
    assert account.call("InitiateAuth", **good)["AuthenticationResult"]
    public = account.refused("InitiateAuth", **start(client_id, SECRET_HASH="x"))
    assert public == f"NotAuthorizedException: Unable to verify secret hash for client {client_id}"
    added = account.call("AddUserPoolClientSecret", UserPoolId=pool_id, ClientId=own)
    second = {**client, "ClientSecret": added["ClientSecretDescriptor"]["ClientSecretValue"]}
    for each in (client, second):
        assert account.call("InitiateAuth", **start(own, SECRET_HASH=secret_hash(each, "ada")))


@pytest.mark.parametrize(
    ("flow", "parameters", "refusal"),
    [
        ("ADMIN_USER_PASSWORD_AUTH", {}, "InvalidParameterException: Initiate Auth method not supported."),
        ("USER_AUTH", {}, "InvalidParameterException: Sekisho does not support the flow USER_AUTH."),
        ("CUSTOM_AUTH", {}, "InvalidParameterException: CUSTOM_AUTH is not enabled for the client."),
        (
            "USER_PASSWORD_AUTH",
            {"USERNAME": ""},
            "InvalidParameterException: Missing required parameter USERNAME",
        ),
        (
            "USER_PASSWORD_AUTH",
            {"PASSWORD": ""},
            "InvalidParameterException: Missing required parameter PASSWORD",
        ),
        (
            "REFRESH_TOKEN_AUTH",
            {},
            "InvalidParameterException: Missing required parameter REFRESH_TOKEN",
        ),
        ("REFRESH_TOKEN", {"REFRESH_TOKEN": "x"}, "NotAuthorizedException: Invalid Refresh Token"),
        ("USER_SRP_AUTH", {"SRP_A": "0"}, "InvalidParameterException: SRP_A is out of range"),
        ("USER_SRP_AUTH", {"SRP_A": "xyz"}, "InvalidParameterException: SRP_A is not a hexadecimal number"),
    ],
)
def test_a_flow_that_cannot_start_is_refused(
    account: Any, client_id: str, flow: str, parameters: dict[str, str], refusal: str
) -> None:
    assert account.unchanged("InitiateAuth", **start(client_id, flow, **parameters)) == refusal


def test_a_flow_that_the_client_does_not_allow_is_refused(account: Any, pool_id: str) -> None:
    quiet = account.client(pool_id, ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH"])["ClientId"]
    assert account.unchanged("InitiateAuth", **start(quiet)) == (
        "InvalidParameterException: USER_PASSWORD_AUTH flow not enabled for this client"
    )
    admin = start(quiet, "ADMIN_USER_PASSWORD_AUTH")
    assert account.unchanged("AdminInitiateAuth", UserPoolId=pool_id, **admin) == (
        "InvalidParameterException: Auth flow not enabled for this client"
    )
    missing = account.unchanged("InitiateAuth", **start("unknown"))
    assert missing == "ResourceNotFoundException: User pool client unknown does not exist."


@pytest.mark.parametrize("flow", ["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"])
def test_a_server_signs_users_in(account: Any, pool_id: str, flow: str) -> None:
    client_id = account.client(pool_id, ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"])["ClientId"]
    output = account.call("AdminInitiateAuth", UserPoolId=pool_id, **start(client_id, flow))
    assert output["AuthenticationResult"]["AccessToken"]


@pytest.mark.semantics("COGNITO-27")
def test_wrong_passwords_make_the_next_attempt_wait(account: Any, client_id: str) -> None:
    exceeded = "NotAuthorizedException: Password attempts exceeded"
    for _ in range(5):
        assert account.sign_in_refused(client_id, password="Wrong-1") == WRONG
    assert account.sign_in_refused(client_id) == exceeded
    account.clock.advance(seconds=1)
    assert account.sign_in_refused(client_id, password="Wrong-1") == WRONG
    account.clock.advance(seconds=1)
    assert account.sign_in_refused(client_id) == exceeded
    account.clock.advance(seconds=1)
    assert account.sign_in(client_id)["AuthenticationResult"]
    assert account.sign_in_refused(client_id, password="Wrong-1") == WRONG
    assert account.sign_in(client_id)["AuthenticationResult"]


@pytest.mark.semantics("COGNITO-26", "COGNITO-27")
def test_who_does_not_exist_has_to_wait_too_where_that_is_hidden(account: Any, pool_id: str) -> None:
    hiding = account.client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    refusals = {
        name: [account.sign_in_refused(hiding, name, "Wrong-1") for _ in range(7)]
        for name in ("ada", "nobody")
    }
    assert refusals["ada"] == refusals["nobody"]
    assert refusals["nobody"][-1].endswith("Password attempts exceeded")
    srp = {"ClientId": hiding, "AuthFlow": "USER_SRP_AUTH"}
    parameters = {"USERNAME": "nobody", "SRP_A": "f" * 700}
    assert "exceeded" in account.unchanged("InitiateAuth", **srp, AuthParameters=parameters)
    account.clock.advance(seconds=1)
    assert account.sign_in_refused(hiding, "nobody", "Wrong-1") == WRONG


@pytest.mark.semantics("COGNITO-27")
def test_the_wait_ends_at_a_quarter_of_an_hour(account: Any, client_id: str) -> None:
    for _ in range(20):
        account.sign_in_refused(client_id, password="Wrong-1")
        account.clock.advance(minutes=15)
    assert account.sign_in(client_id)["AuthenticationResult"]


@pytest.mark.semantics("COGNITO-27")
def test_attempts_side_by_side_do_not_get_around_the_wait(account: Any, client_id: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        refusals = list(
            threads.map(lambda _: account.sign_in_refused(client_id, password="Wrong-1"), range(16))
        )
    assert refusals.count(WRONG) >= 5
    assert account.sign_in_refused(client_id).endswith("Password attempts exceeded")


def test_a_temporary_password_has_to_be_changed(account: Any, pool_id: str, client_id: str) -> None:
    account.call(
        "AdminCreateUser",
        UserPoolId=pool_id,
        Username="eve",
        TemporaryPassword="Temporary-1",
        UserAttributes=[{"Name": "email", "Value": "eve@example.com"}],
    )
    challenge = account.sign_in(client_id, "eve", "Temporary-1")
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert json.loads(challenge["ChallengeParameters"]["userAttributes"]) == {"email": "eve@example.com"}
    assert json.loads(challenge["ChallengeParameters"]["requiredAttributes"]) == []
    answer = {
        "ClientId": client_id,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": challenge["Session"],
    }

    def responses(password: str, **more: str) -> dict[str, Any]:
        return {"ChallengeResponses": {"USERNAME": "eve", "NEW_PASSWORD": password, **more}, **answer}

    weak = account.unchanged("RespondToAuthChallenge", **responses("weak"))
    assert weak.startswith("InvalidPasswordException")
    more = {"userAttributes.nickname": "E"}
    output = account.call("RespondToAuthChallenge", **responses("My-Own-Pass-1", **more))
    assert claims(output["AuthenticationResult"]["IdToken"])["nickname"] == "E"
    again = account.unchanged("RespondToAuthChallenge", **responses("My-Own-Pass-2"))
    assert again == "NotAuthorizedException: Invalid session for the user, session is expired."
    found = account.call("AdminGetUser", UserPoolId=pool_id, Username="eve")
    assert found["UserStatus"] == "CONFIRMED"
    assert account.sign_in(client_id, "eve", "My-Own-Pass-1")["AuthenticationResult"]


@pytest.mark.semantics("COGNITO-33")
def test_what_the_pool_requires_can_be_given_with_the_first_password(account: Any) -> None:
    pool_id = account.pool(Schema=[{"Name": "email", "Required": True, "Mutable": False}])
    account.call("AdminCreateUser", UserPoolId=pool_id, Username="eve", TemporaryPassword="Temporary-1")
    client_id = account.client(pool_id)["ClientId"]
    challenge = account.sign_in(client_id, "eve", "Temporary-1")
    required = json.loads(challenge["ChallengeParameters"]["requiredAttributes"])
    assert required == ["userAttributes.email"]
    answer = {"ClientId": client_id, "ChallengeName": "NEW_PASSWORD_REQUIRED"}
    given = {"USERNAME": "eve", "NEW_PASSWORD": "My-Own-Pass-1"}

    def respond(**responses: str) -> dict[str, Any]:
        return {**answer, "Session": challenge["Session"], "ChallengeResponses": {**given, **responses}}

    missing = account.unchanged("RespondToAuthChallenge", **respond())
    assert "The attribute email is required" in missing
    done = account.call("RespondToAuthChallenge", **respond(**{required[0]: "eve@example.com"}))
    assert claims(done["AuthenticationResult"]["IdToken"])["email"] == "eve@example.com"


@pytest.mark.semantics("COGNITO-29")
def test_a_temporary_password_ends(account: Any, pool_id: str, client_id: str) -> None:
    key = {"UserPoolId": pool_id, "Username": "ada", "Password": "Temporary-1"}
    account.call("AdminSetUserPassword", **key)
    account.clock.advance(days=7)
    assert account.sign_in_refused(client_id, password="Temporary-1") == (
        "NotAuthorizedException: Temporary password has expired and must be reset by an administrator."
    )


@pytest.mark.semantics("COGNITO-28")
def test_a_session_is_one_clients_one_kinds_and_short(account: Any, pool_id: str, client_id: str) -> None:
    other = account.client(pool_id)["ClientId"]
    account.call("AdminSetUserPassword", UserPoolId=pool_id, Username="ada", Password="Temporary-1")

    def answer(client: str, session: str, name: str = "NEW_PASSWORD_REQUIRED") -> dict[str, Any]:
        given = {"USERNAME": "ada", "NEW_PASSWORD": "My-Own-Pass-1", "ANSWER": "x"}
        return {
            "ClientId": client,
            "ChallengeName": name,
            "Session": session,
            "ChallengeResponses": given,
        }

    session = account.sign_in(client_id, password="Temporary-1")["Session"]
    expired = "NotAuthorizedException: Invalid session for the user, session is expired."
    respond = "RespondToAuthChallenge"
    assert account.unchanged(respond, **answer(other, session)) == expired
    assert account.unchanged(respond, **answer(client_id, "x" * 40)) == expired
    admin = account.unchanged("AdminRespondToAuthChallenge", UserPoolId=pool_id, **answer(client_id, session))
    assert admin == expired
    assert "does not belong" in account.unchanged(respond, **answer(client_id, session, "CUSTOM_CHALLENGE"))
    assert "does not support" in account.unchanged(respond, **answer(client_id, session, "SMS_MFA"))
    no_session = {key: value for key, value in answer(client_id, session).items() if key != "Session"}
    assert "Missing required parameter Session" in account.unchanged(respond, **no_session)
    account.clock.advance(minutes=3)
    assert account.unchanged(respond, **answer(client_id, session)) == expired


def test_a_password_set_meanwhile_wins(account: Any, pool_id: str, client_id: str) -> None:
    key = {"UserPoolId": pool_id, "Username": "ada"}
    account.call("AdminSetUserPassword", **key, Password="Temporary-1")
    session = account.sign_in(client_id, password="Temporary-1")["Session"]
    account.call("AdminSetUserPassword", **key, Password="Set-By-Admin-1", Permanent=True)
    refusal = account.unchanged(
        "RespondToAuthChallenge",
        ClientId=client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=session,
        ChallengeResponses={"USERNAME": "ada", "NEW_PASSWORD": "My-Own-Pass-1"},
    )
    assert refusal.startswith("NotAuthorizedException: Invalid session")
    assert account.sign_in(client_id, password="Set-By-Admin-1")["AuthenticationResult"]


def test_lifetimes_are_the_clients(account: Any, pool_id: str) -> None:
    client = account.client(
        pool_id,
        AccessTokenValidity=10,
        IdTokenValidity=2,
        TokenValidityUnits={"AccessToken": "minutes", "IdToken": "hours"},
    )
    result = account.sign_in(client["ClientId"])["AuthenticationResult"]
    access, identity = claims(result["AccessToken"]), claims(result["IdToken"])
    assert result["ExpiresIn"] == access["exp"] - access["iat"] == 600
    assert identity["exp"] - identity["iat"] == 7200
