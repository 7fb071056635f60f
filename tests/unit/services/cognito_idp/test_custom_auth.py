from typing import Any

import pytest
from pycognito.aws_srp import AWSSRP

PASSWORD = "Correct-Horse-7"
WRONG = "NotAuthorizedException: Incorrect username or password."


def define(event: dict[str, Any]) -> dict[str, Any]:
    session, response = event["request"]["session"], event["response"]
    passed = [each for each in session if each["challengeName"] == "CUSTOM_CHALLENGE"]
    if session and session[0]["challengeName"] == "SRP_A" and len(session) == 1:
        response["challengeName"] = "PASSWORD_VERIFIER"
    elif passed and passed[-1]["challengeResult"]:
        response["issueTokens"] = True
    elif len(passed) >= 2:
        response["failAuthentication"] = True
    else:
        response["challengeName"] = "CUSTOM_CHALLENGE"
    return event


def create(event: dict[str, Any]) -> dict[str, Any]:
    event["response"] = {
        "publicChallengeParameters": {"question": "1 + 1"},
        "privateChallengeParameters": {"answer": "2"},
        "challengeMetadata": "SUM",
    }
    return event


def verify(event: dict[str, Any]) -> dict[str, Any]:
    request = event["request"]
    right = request["privateChallengeParameters"]["answer"] == request["challengeAnswer"]
    event["response"]["answerCorrect"] = right
    return event


@pytest.fixture
def pool_id(account: Any) -> str:
    config = {
        "DefineAuthChallenge": account.functions.add("define", define),
        "CreateAuthChallenge": account.functions.add("create", create),
        "VerifyAuthChallengeResponse": account.functions.add("verify", verify),
    }
    pool_id = str(account.pool(LambdaConfig=config))
    account.user(pool_id)
    return pool_id


def client(account: Any, pool_id: str, **params: Any) -> str:
    made = account.client(pool_id, ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH"], **params)
    return str(made["ClientId"])


def start(client_id: str, username: str = "ada", **parameters: str) -> dict[str, Any]:
    given = {"USERNAME": username, **parameters}
    return {"ClientId": client_id, "AuthFlow": "CUSTOM_AUTH", "AuthParameters": given}


def answer(client_id: str, session: str, text: str, username: str = "ada") -> dict[str, Any]:
    return {
        "ClientId": client_id,
        "ChallengeName": "CUSTOM_CHALLENGE",
        "Session": session,
        "ChallengeResponses": {"USERNAME": username, "ANSWER": text},
        "ClientMetadata": {"from": "test"},
    }


def test_a_right_answer_signs_in(account: Any, pool_id: str) -> None:
    client_id = client(account, pool_id)
    asked = account.call("InitiateAuth", **start(client_id))
    assert asked["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert asked["ChallengeParameters"] == {"question": "1 + 1", "USERNAME": "ada"}
    again = account.call("RespondToAuthChallenge", **answer(client_id, asked["Session"], "3"))
    assert again["ChallengeName"] == "CUSTOM_CHALLENGE"
    done = account.call("RespondToAuthChallenge", **answer(client_id, again["Session"], "2"))
    assert done["AuthenticationResult"]["AccessToken"]
    assert "session is expired" in account.unchanged(
        "RespondToAuthChallenge", **answer(client_id, again["Session"], "2")
    )
    verified = next(
        event for event in account.functions.events if "VerifyAuthChallengeResponse" in event["triggerSource"]
    )
    assert verified["request"]["clientMetadata"] == {"from": "test"}
    assert verified["callerContext"]["clientId"] == client_id
    defined = [event for event in account.functions.events if "DefineAuth" in event["triggerSource"]]
    assert defined[1]["request"]["session"] == [
        {"challengeName": "CUSTOM_CHALLENGE", "challengeResult": False, "challengeMetadata": "SUM"}
    ]


def test_wrong_answers_end_it(account: Any, pool_id: str) -> None:
    client_id = client(account, pool_id)
    session = account.call("InitiateAuth", **start(client_id))["Session"]
    session = account.call("RespondToAuthChallenge", **answer(client_id, session, "3"))["Session"]
    assert account.refused("RespondToAuthChallenge", **answer(client_id, session, "4")) == WRONG


@pytest.mark.semantics("COGNITO-26")
def test_an_unknown_user_is_challenged_and_never_signed_in(account: Any, pool_id: str) -> None:
    hiding = client(account, pool_id, PreventUserExistenceErrors="ENABLED")
    asked = account.call("InitiateAuth", **start(hiding, "nobody"))
    assert asked["ChallengeParameters"] == {"question": "1 + 1", "USERNAME": "nobody"}
    assert account.functions.events[0]["request"]["userNotFound"] is True
    account.user(pool_id, "nobody")
    right = answer(hiding, asked["Session"], "2", "nobody")
    assert account.refused("RespondToAuthChallenge", **right) == WRONG
    legacy = client(account, pool_id)
    assert account.unchanged("InitiateAuth", **start(legacy, "someone")).startswith("UserNotFoundException")


def test_a_password_proof_can_come_first(account: Any, pool_id: str) -> None:
    client_id = client(account, pool_id)
    helper = AWSSRP("ada", PASSWORD, pool_id, client_id, client=object())
    parameters = {"SRP_A": helper.get_auth_params()["SRP_A"], "CHALLENGE_NAME": "SRP_A"}
    asked = account.call("InitiateAuth", **start(client_id, **parameters))
    assert asked["ChallengeName"] == "PASSWORD_VERIFIER"
    proof = helper.process_challenge(asked["ChallengeParameters"], helper.get_auth_params())
    second = account.call(
        "RespondToAuthChallenge",
        ClientId=client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=proof,
    )
    assert second["ChallengeName"] == "CUSTOM_CHALLENGE"
    done = account.call("RespondToAuthChallenge", **answer(client_id, second["Session"], "2"))
    assert done["AuthenticationResult"]["IdToken"]


def test_a_pool_without_the_functions_has_no_custom_challenges(account: Any) -> None:
    pool_id = account.pool()
    refusal = account.unchanged("InitiateAuth", **start(client(account, pool_id)))
    assert refusal.startswith("InvalidParameterException: Custom auth lambda trigger is not configured")


@pytest.mark.parametrize(
    "decision",
    [{}, {"challengeName": "SMS_MFA"}, {"issueTokens": "yes"}, {"challengeName": "PASSWORD_VERIFIER"}],
)
def test_a_decision_that_is_none_is_refused(account: Any, pool_id: str, decision: dict[str, Any]) -> None:
    account.functions.add("define", lambda event: {**event, "response": decision})
    refusal = account.unchanged("InitiateAuth", **start(client(account, pool_id)))
    assert refusal == "InvalidLambdaResponseException: Unrecognizable lambda output"
