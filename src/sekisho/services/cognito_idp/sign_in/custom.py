"""CUSTOM_AUTH: three functions of the pool's owner define, make and verify the challenges.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-challenge.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cognito import User
from sekisho.model.triggers import TriggerCall
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.sign_in.attempt import Attempt
from sekisho.services.cognito_idp.sign_in.finish import check_may_sign_in, finish, run_pre_authentication
from sekisho.services.cognito_idp.sign_in.sessions import (
    Challenge,
    end_session,
    open_session,
    read_session,
)
from sekisho.services.cognito_idp.sign_in.srp_flow import (
    PASSWORD_VERIFIER,
    ask_for_proof,
    find_identity,
    parse_public,
    verify_proof,
)

CUSTOM_CHALLENGE = "CUSTOM_CHALLENGE"
_NAMES = ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")


@dataclass(frozen=True, slots=True)
class Round:
    """Where a custom sign-in stands.

    Attributes:
        user: None for a user that does not exist, where the app client must not know.
        username: as the client gave it.
        results: what came of the challenges so far, as the triggers get it.
        client_public: the client's SRP value, where it began with one.
    """

    user: User | None
    username: str
    results: Sequence[Mapping[str, Any]]
    client_public: int | None = None


def start_custom(attempt: Attempt) -> dict[str, Any]:
    """Ask the pool's functions what comes first.

    Raises:
        ServiceError: the functions refuse, or the user may not sign in.
    """
    username = attempt.require("USERNAME")
    for name in _NAMES:
        if name not in attempt.pool.triggers:
            raise errors.invalid_parameter("Custom auth lambda trigger is not configured for the user pool.")
    user = attempt.find_user(username)
    attempt.check_secret_hash(username, user)
    if user is None and not attempt.client.hides_users:
        raise errors.user_not_found()
    if user is not None:
        check_may_sign_in(user)
    run_pre_authentication(attempt, user, username)
    if attempt.parameters.get("CHALLENGE_NAME") != "SRP_A":
        return _advance(attempt, Round(user, username, ()))
    client_public = parse_public(attempt.require("SRP_A"))
    return _advance(attempt, Round(user, username, (_result("SRP_A", passed=True),), client_public))


def answer_custom_challenge(attempt: Attempt, token: str | None) -> dict[str, Any]:
    """Have the answer verified, and ask what comes next.

    Raises:
        ServiceError: the session is over, or the functions refuse.
    """
    session = read_session(attempt, token, CUSTOM_CHALLENGE)
    username, answer = attempt.require("USERNAME"), attempt.require("ANSWER")
    state_of = session.state
    user = attempt.find_by_key(session.user_key)
    # A user that was created meanwhile is not the one that the challenge was for.
    user = user if user is not None and user.sub == state_of["sub"] else None
    attempt.check_secret_hash(username, user)
    with attempt.ctx.store.write() as state:
        end_session(state, session)
    now = Round(user, state_of["username"], state_of["results"])
    request = {
        **_request(attempt, now),
        "privateChallengeParameters": state_of["private"],
        "challengeAnswer": answer,
    }
    del request["session"]
    verified = _run(attempt, now, "VerifyAuthChallengeResponse", request, {"answerCorrect": None})
    result = _result(
        CUSTOM_CHALLENGE, passed=verified.get("answerCorrect") is True, metadata=state_of["metadata"]
    )
    return _advance(attempt, Round(user, now.username, (*now.results, result)))


def answer_password_verifier(attempt: Attempt, _token: str | None) -> dict[str, Any]:
    """Verify a signature that proves the password; inside a custom sign-in the functions say what comes next.

    Raises:
        ServiceError: the signature is wrong, the user may not sign in, or the functions refuse.
    """
    session, user = verify_proof(attempt)
    if "results" not in session.state:
        return finish(attempt, user)
    results = (*session.state["results"], _result(PASSWORD_VERIFIER, passed=True))
    return _advance(attempt, Round(user, session.state["custom_username"], results))


def _advance(attempt: Attempt, now: Round) -> dict[str, Any]:
    """Ask DefineAuthChallenge and do what it says."""
    undecided = {"challengeName": None, "issueTokens": None, "failAuthentication": None}
    defined = _run(attempt, now, "DefineAuthChallenge", _request(attempt, now), undecided)
    if defined.get("failAuthentication") is True:
        raise errors.wrong_password()
    if defined.get("issueTokens") is True:
        if now.user is None:
            raise errors.wrong_password()
        current = attempt.find_by_key(now.user.key)
        if current is None:
            raise errors.wrong_password()
        check_may_sign_in(current)
        return finish(attempt, current)
    name = defined.get("challengeName")
    if name == CUSTOM_CHALLENGE:
        return _ask(attempt, now)
    if name == PASSWORD_VERIFIER and now.client_public is not None:
        identity = find_identity(attempt, now.user, now.username)
        kept = {"results": list(now.results), "custom_username": now.username}
        return ask_for_proof(attempt, identity, now.client_public, kept)
    raise ServiceError("InvalidLambdaResponseException", "Unrecognizable lambda output")


def _ask(attempt: Attempt, now: Round) -> dict[str, Any]:
    request = {**_request(attempt, now), "challengeName": CUSTOM_CHALLENGE}
    empty = {"publicChallengeParameters": None, "privateChallengeParameters": None, "challengeMetadata": None}
    created = _run(attempt, now, "CreateAuthChallenge", request, empty)
    public = _strings(created.get("publicChallengeParameters"))
    state = {
        "private": _strings(created.get("privateChallengeParameters")),
        "metadata": created.get("challengeMetadata"),
        "results": list(now.results),
        "username": now.username,
        "sub": None if now.user is None else now.user.sub,
    }
    shown = now.username if now.user is None else now.user.username
    key = f"{attempt.pool.id} {shown}" if now.user is None else now.user.key
    return open_session(attempt, key, Challenge(CUSTOM_CHALLENGE, {**public, "USERNAME": shown}, state))


def _request(attempt: Attempt, now: Round) -> dict[str, Any]:
    request: dict[str, Any] = {
        "userAttributes": {} if now.user is None else now.user.trigger_attributes,
        "session": list(now.results),
    }
    if attempt.metadata:
        request["clientMetadata"] = dict(attempt.metadata)
    if attempt.client.hides_users:
        request["userNotFound"] = now.user is None
    return request


def _run(
    attempt: Attempt, now: Round, trigger: str, request: Mapping[str, Any], response: Mapping[str, Any]
) -> Mapping[str, Any]:
    return attempt.triggers.run(
        TriggerCall(
            attempt.pool,
            trigger,
            f"{trigger}_Authentication",
            user_name=now.username if now.user is None else now.user.username,
            client_id=attempt.client.client_id,
            request=request,
            response=response,
        )
    )


def _result(name: str, *, passed: bool, metadata: Any = None) -> dict[str, Any]:
    return {"challengeName": name, "challengeResult": passed, "challengeMetadata": metadata}


def _strings(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise ServiceError("InvalidLambdaResponseException", "Unrecognizable lambda output")
    return dict(value)
