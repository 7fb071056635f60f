"""Challenges that wait for an answer."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sekisho.model.sign_ins import AuthSession
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.sign_in.attempt import Attempt
from sekisho.store.api import Reader, Writer

_BYTES = 96


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge for the client: its name, what the client is told, and what the answer is verified with."""

    name: str
    parameters: Mapping[str, str]
    state: Mapping[str, Any]


def open_session(attempt: Attempt, user_key: str, challenge: Challenge) -> dict[str, Any]:
    """Keep a challenge and return the output that asks for its answer."""
    token = base64.urlsafe_b64encode(attempt.ctx.ids.token_bytes(_BYTES)).decode()
    keep_session(attempt, user_key, challenge, token)
    return {
        "ChallengeName": challenge.name,
        "Session": token,
        "ChallengeParameters": dict(challenge.parameters),
    }


def keep_session(attempt: Attempt, user_key: str, challenge: Challenge, token: str) -> None:
    """Keep a challenge under the token that its answer will show."""
    ctx = attempt.ctx
    session = AuthSession(
        _hash(token),
        attempt.pool.id,
        attempt.client.client_id,
        user_key,
        challenge.name,
        ctx.clock.now() + timedelta(minutes=attempt.client.session_minutes),
        attempt.is_admin,
        dict(challenge.state),
    )
    with ctx.store.write() as state:
        state.put(session)


def read_session(attempt: Attempt, token: str | None, challenge: str) -> AuthSession:
    """Return the challenge that a session stands for (COGNITO-28).

    Raises:
        ServiceError: InvalidParameterException without a session, NotAuthorizedException where it is over or another's.
    """
    if not token:
        raise errors.missing_parameter("Session")
    with attempt.ctx.store.read() as state:
        session = state.find(AuthSession, _hash(token))
    if (
        session is None
        or session.client_id != attempt.client.client_id
        or session.is_admin != attempt.is_admin
        or attempt.ctx.clock.now() >= session.expires
    ):
        raise errors.session_expired()
    if session.challenge != challenge:
        raise errors.invalid_parameter(f"Challenge name {challenge} does not belong to the session.")
    return session


def end_session(state: Writer, session: AuthSession) -> None:
    """Delete a challenge that is being answered.

    Raises:
        ServiceError: NotAuthorizedException where somebody answered it first.
    """
    if not is_open(state, session):
        raise errors.session_expired()
    state.delete(AuthSession, session.session_hash)


def is_open(state: Reader, session: AuthSession) -> bool:
    """Tell whether a challenge still waits."""
    return state.find(AuthSession, session.session_hash) is not None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
