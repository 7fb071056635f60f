"""What a user pool refuses, with the code and text that Cognito answers with; what is right works afterwards."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from tests.support.pools import PASSWORD, Pool, make_pool, secret_hash
from tests.support.process import ServerProcess
from tests.support.tenants import REGION

from sekisho.app import Server
from sekisho.kernel.settings import Settings

pytestmark = pytest.mark.slow

WRONG = ("NotAuthorizedException", "Incorrect username or password.")


@pytest.fixture(scope="module")
def pool(sekisho_server: ServerProcess) -> Pool:
    return make_pool(sekisho_server)


@pytest.fixture(scope="module")
def app_client(pool: Pool) -> str:
    return str(pool.make_client()["ClientId"])


def refused(call: Callable[..., Any], *arguments: Any, **given: Any) -> tuple[str, str]:
    """Return code and message of the error that a call ends with; every one is HTTP 400."""
    with pytest.raises(ClientError) as caught:
        call(*arguments, **given)
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return response["Error"]["Code"], response["Error"]["Message"]


def test_a_wrong_password(pool: Pool, app_client: str) -> None:
    username = pool.make_user()
    assert refused(pool.sign_in, app_client, username, "Wrong123!") == WRONG
    body = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": app_client,
        "AuthParameters": {"USERNAME": username, "PASSWORD": "Wrong123!"},
    }
    headers = {
        "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth",
        "content-type": "application/x-amz-json-1.1",
    }
    answer = httpx.post(pool.server.url, json=body, headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()) == (400, {"__type": WRONG[0], "message": WRONG[1]})
    assert "AuthenticationResult" in pool.sign_in(app_client, username)


@pytest.mark.semantics("COGNITO-26")
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ("UserNotFoundException", "User does not exist.")),
        ({"PreventUserExistenceErrors": "LEGACY"}, ("UserNotFoundException", "User does not exist.")),
        ({"PreventUserExistenceErrors": "ENABLED"}, WRONG),
    ],
    ids=["default", "legacy", "enabled"],
)
def test_an_unknown_user(pool: Pool, settings: dict[str, str], expected: tuple[str, str]) -> None:
    client = pool.make_client(**settings)["ClientId"]
    assert refused(pool.sign_in, client, "nobody") == expected
    assert "AuthenticationResult" in pool.sign_in(client, pool.make_user())


def test_with_the_aws_command_line(pool: Pool, app_client: str) -> None:
    server = pool.server
    shown = "An error occurred ({}) when calling the InitiateAuth operation: {}"
    for username, error in (
        ("nobody", ("UserNotFoundException", "User does not exist.")),
        (pool.make_user(), WRONG),
    ):
        done = server.aws(
            *("cognito-idp", "initiate-auth", "--auth-flow", "USER_PASSWORD_AUTH", "--client-id", app_client),
            *("--auth-parameters", f"USERNAME={username},PASSWORD=Wrong123!", "--region", REGION),
        )
        assert done.returncode != 0
        assert shown.format(*error) in done.stderr


def test_a_disabled_user(pool: Pool, app_client: str) -> None:
    user = {"UserPoolId": pool.id, "Username": pool.make_user()}
    tokens = pool.sign_in(app_client, user["Username"])["AuthenticationResult"]
    pool.cognito.admin_disable_user(**user)
    disabled = ("NotAuthorizedException", "User is disabled.")
    assert refused(pool.sign_in, app_client, user["Username"]) == disabled
    assert refused(pool.refresh, app_client, tokens["RefreshToken"])[0] == "NotAuthorizedException"
    pool.cognito.admin_enable_user(**user)
    assert "AuthenticationResult" in pool.sign_in(app_client, user["Username"])


WEAK = {
    "Short1!": "Password not long enough",
    "lowercase1!": "Password must have uppercase characters",
    "UPPERCASE1!": "Password must have lowercase characters",
    "NoNumbers!": "Password must have numeric characters",
    "NoSymbols1": "Password must have symbol characters",
}


@pytest.mark.semantics("COGNITO-24")
@pytest.mark.parametrize("password", WEAK)
def test_a_weak_password(pool: Pool, app_client: str, password: str) -> None:
    expected = ("InvalidPasswordException", f"Password did not conform with policy: {WEAK[password]}")
    user = {"UserPoolId": pool.id, "Username": pool.make_user("Temporary1!", permanent=False)}
    set_password = pool.cognito.admin_set_user_password
    assert refused(set_password, **user, Password=password, Permanent=True) == expected
    challenge = pool.sign_in(app_client, user["Username"], "Temporary1!")
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    answer = {
        "ClientId": app_client,
        "ChallengeName": challenge["ChallengeName"],
        "Session": challenge["Session"],
    }
    respond = pool.cognito.respond_to_auth_challenge

    def responses(new: str) -> dict[str, str]:
        return {"USERNAME": user["Username"], "NEW_PASSWORD": new}

    assert refused(respond, **answer, ChallengeResponses=responses(password)) == expected
    done = respond(**answer, ChallengeResponses=responses(PASSWORD))["AuthenticationResult"]
    change = pool.cognito.change_password
    given = {"AccessToken": done["AccessToken"], "PreviousPassword": PASSWORD}
    assert refused(change, **given, ProposedPassword=password) == expected
    assert "AuthenticationResult" in pool.sign_in(app_client, user["Username"])


@pytest.mark.semantics("COGNITO-17", "COGNITO-14")
def test_a_refresh_token_after_its_revocation(pool: Pool, app_client: str) -> None:
    username = pool.make_user()
    revoked, other = (pool.sign_in(app_client, username)["AuthenticationResult"] for _ in range(2))
    renewed = pool.refresh(app_client, revoked["RefreshToken"])
    pool.cognito.revoke_token(Token=revoked["RefreshToken"], ClientId=app_client)
    gone = ("NotAuthorizedException", "Refresh Token has been revoked")
    assert refused(pool.refresh, app_client, revoked["RefreshToken"]) == gone
    get_tokens = pool.cognito.get_tokens_from_refresh_token
    assert refused(get_tokens, RefreshToken=revoked["RefreshToken"], ClientId=app_client) == gone
    for token in (revoked["AccessToken"], renewed["AccessToken"]):
        expected = ("NotAuthorizedException", "Access Token has been revoked")
        assert refused(pool.cognito.get_user, AccessToken=token) == expected
    pool.cognito.revoke_token(Token=revoked["RefreshToken"], ClientId=app_client)
    assert pool.refresh(app_client, other["RefreshToken"])["TokenType"] == "Bearer"
    assert pool.cognito.get_user(AccessToken=other["AccessToken"])["Username"] == username


@pytest.mark.semantics("COGNITO-23")
def test_a_missing_and_a_wrong_secret_hash(pool: Pool, app_client: str) -> None:
    client = pool.make_client(GenerateSecret=True)
    client_id = client["ClientId"]
    username = pool.make_user()
    right = secret_hash(username, client)
    missing = f"Client {client_id} is configured with secret but SECRET_HASH was not received"
    assert refused(pool.sign_in, client_id, username) == ("NotAuthorizedException", missing)
    for given in (
        "A" + right[1:] if right[0] != "A" else "B" + right[1:],
        "rubbish",
        secret_hash("other", client),
    ):
        wrong = f"Unable to verify secret hash for client {client_id}"
        found = refused(pool.sign_in, client_id, username, SECRET_HASH=given)
        assert found == ("NotAuthorizedException", wrong)
    public = f"Unable to verify secret hash for client {app_client}"
    found = refused(pool.sign_in, app_client, username, SECRET_HASH=right)
    assert found == ("NotAuthorizedException", public)
    assert "AuthenticationResult" in pool.sign_in(client_id, username, SECRET_HASH=right)


class ShiftedClock:
    """The machine's clock, set forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.mark.semantics("COGNITO-29")
def test_a_temporary_password_that_has_expired() -> None:
    clock = ShiftedClock()
    expired = {
        "__type": "NotAuthorizedException",
        "message": "Temporary password has expired and must be reset by an administrator.",
    }

    async def scenario() -> None:
        async with (
            Server(Settings(ephemeral=True, port=0), clock=clock) as server,
            httpx.AsyncClient(base_url=server.url, trust_env=False) as http,
        ):

            async def cognito(operation: str, **params: Any) -> Any:
                return await server.control.call("cognito-idp", operation, params, REGION)

            pool_id = (await cognito("CreateUserPool", PoolName="p"))["UserPool"]["Id"]
            made = await cognito(
                "CreateUserPoolClient",
                UserPoolId=pool_id,
                ClientName="c",
                ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
            )
            user = {"UserPoolId": pool_id, "Username": "a", "MessageAction": "SUPPRESS"}
            await cognito("AdminCreateUser", **user, TemporaryPassword="Temporary1!")

            async def sign_in() -> tuple[int, dict[str, Any]]:
                body = {
                    "AuthFlow": "USER_PASSWORD_AUTH",
                    "ClientId": made["UserPoolClient"]["ClientId"],
                    "AuthParameters": {"USERNAME": "a", "PASSWORD": "Temporary1!"},
                }
                target = {"x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth"}
                answer = await http.post("/", json=body, headers=target)
                return answer.status_code, answer.json()

            clock.ahead = timedelta(days=6, hours=23)
            status, answer = await sign_in()
            assert (status, answer["ChallengeName"]) == (200, "NEW_PASSWORD_REQUIRED")
            clock.ahead = timedelta(days=7, minutes=1)
            assert await sign_in() == (400, expired)
            await cognito("AdminSetUserPassword", UserPoolId=pool_id, Username="a", Password="Temporary1!")
            status, answer = await sign_in()
            assert (status, answer["ChallengeName"]) == (200, "NEW_PASSWORD_REQUIRED")

    asyncio.run(scenario())
