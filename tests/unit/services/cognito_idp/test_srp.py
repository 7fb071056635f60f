"""SRP, with pycognito as the other side: an implementation that real pools accept."""

from typing import Any

import pytest
from pycognito.aws_srp import AWSSRP
from pycognito.exceptions import ForceChangePasswordException

from sekisho.kernel.errors import ServiceError
from sekisho.services.cognito_idp import srp

PASSWORD = "Correct-Horse-7"


class Client:
    """What pycognito calls, as boto3's client has it."""

    def __init__(self, account: Any) -> None:
        self._account = account

    def initiate_auth(self, **params: Any) -> dict[str, Any]:
        output: dict[str, Any] = self._account.call("InitiateAuth", **params)
        return output

    def respond_to_auth_challenge(self, **params: Any) -> dict[str, Any]:
        output: dict[str, Any] = self._account.call("RespondToAuthChallenge", **params)
        return output


@pytest.fixture
def pool_id(account: Any) -> str:
    pool_id = str(account.pool())
    account.user(pool_id)
    return pool_id


def side(
    account: Any, pool_id: str, username: str = "ada", password: str = PASSWORD, **client: Any
) -> AWSSRP:
    made = account.client(pool_id, **client)
    return AWSSRP(
        username=username,
        password=password,
        pool_id=pool_id,
        client_id=made["ClientId"],
        client=Client(account),
        client_secret=made.get("ClientSecret"),
    )


@pytest.mark.parametrize("client", [{}, {"GenerateSecret": True}, {"PreventUserExistenceErrors": "ENABLED"}])
def test_pycognito_signs_in(account: Any, pool_id: str, client: dict[str, Any]) -> None:
    for _ in range(4):  # numbers of other lengths are padded otherwise
        assert side(account, pool_id, **client).authenticate_user()["AuthenticationResult"]["IdToken"]


def test_pycognito_changes_a_temporary_password(account: Any, pool_id: str) -> None:
    account.call("AdminSetUserPassword", UserPoolId=pool_id, Username="ada", Password="Temporary-1")
    client = side(account, pool_id, password="Temporary-1")
    with pytest.raises(ForceChangePasswordException):
        client.authenticate_user()
    tokens = client.set_new_password_challenge("My-Own-Pass-1")
    assert tokens["AuthenticationResult"]["AccessToken"]
    assert side(account, pool_id, password="My-Own-Pass-1").authenticate_user()["AuthenticationResult"]


def test_a_user_is_found_by_email_too(account: Any) -> None:
    pool_id = account.pool(UsernameAttributes=["email"])
    account.user(pool_id, "ada@example.com")
    assert side(account, pool_id, "ada@example.com").authenticate_user()["AuthenticationResult"]


@pytest.mark.semantics("COGNITO-26")
def test_a_wrong_password_and_a_hidden_user_look_alike(account: Any, pool_id: str) -> None:
    hides = {"PreventUserExistenceErrors": "ENABLED"}
    refusals = []
    for username, password in (("ada", "Wrong-Horse-7"), ("nobody", PASSWORD)):
        with pytest.raises(ServiceError) as caught:
            side(account, pool_id, username, password, **hides).authenticate_user()
        refusals.append((caught.value.code, caught.value.message))
    assert refusals == [("NotAuthorizedException", "Incorrect username or password.")] * 2
    client_id = account.client(pool_id, **hides)["ClientId"]
    start = {
        "ClientId": client_id,
        "AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": {"USERNAME": "nobody", "SRP_A": "f" * 700},
    }
    first, second = (account.call("InitiateAuth", **start)["ChallengeParameters"] for _ in range(2))
    assert first["SALT"] == second["SALT"]
    assert first["SRP_B"] != second["SRP_B"]
    start["AuthParameters"]["USERNAME"] = "ada"
    assert account.call("InitiateAuth", **start)["ChallengeParameters"].keys() == first.keys()


def test_a_proof_is_good_once_and_for_one_password(account: Any, pool_id: str) -> None:
    client = side(account, pool_id)
    started = account.call(
        "InitiateAuth",
        ClientId=client.client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters=client.get_auth_params(),
    )
    assert "Session" not in started
    proof = client.process_challenge(started["ChallengeParameters"], client.get_auth_params())
    answer = {"ClientId": client.client_id, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": proof}
    stale = {**answer, "ChallengeResponses": {**proof, "TIMESTAMP": "yesterday"}}
    assert "TIMESTAMP" in account.unchanged("RespondToAuthChallenge", **stale)
    account.call("RespondToAuthChallenge", **answer)
    assert "session is expired" in account.refused("RespondToAuthChallenge", **answer)

    restarted = account.call(
        "InitiateAuth",
        ClientId=client.client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters=client.get_auth_params(),
    )
    proof = client.process_challenge(restarted["ChallengeParameters"], client.get_auth_params())
    account.call(
        "AdminSetUserPassword", UserPoolId=pool_id, Username="ada", Password=PASSWORD, Permanent=True
    )
    assert "Incorrect" in account.refused("RespondToAuthChallenge", **{**answer, "ChallengeResponses": proof})


@pytest.mark.semantics("COGNITO-27")
def test_wrong_proofs_count_as_wrong_passwords(account: Any, pool_id: str) -> None:
    for _ in range(5):
        with pytest.raises(ServiceError, match="Incorrect username or password"):
            side(account, pool_id, password="Wrong-Horse-7").authenticate_user()
    with pytest.raises(ServiceError, match="Password attempts exceeded"):
        side(account, pool_id).authenticate_user()


def test_values_that_would_open_the_key_are_refused() -> None:
    for text in ("0", f"{srp.N:x}", f"{srp.N * 2:x}", "-1", "not hexadecimal"):
        with pytest.raises(srp.SrpError):
            srp.parse_client_public(text)


def test_the_group_is_the_one_of_rfc_3526() -> None:
    # https://www.rfc-editor.org/rfc/rfc3526#section-4: 2^3072 - 2^3008 - 1 + 2^64 * ([2^2942 pi] + 1690314)
    assert srp.N.bit_length() == 3072
    assert srp.N % 2**64 == 2**64 - 1
    assert srp.N >> (3072 - 64) == 2**64 - 1
    assert pow(srp.G, srp.N - 1, srp.N) == 1
    assert pow(srp.G, (srp.N - 1) // 2, srp.N) == 1
