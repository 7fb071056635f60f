"""USER_SRP_AUTH: the password never leaves the client, which proves by a signature that it knows it."""

import base64
import binascii
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.model.cognito import Password, User
from sekisho.model.keys import SigningKey
from sekisho.model.sign_ins import AuthSession
from sekisho.services.cognito_idp import errors, srp
from sekisho.services.cognito_idp.sign_in.attempt import Attempt
from sekisho.services.cognito_idp.sign_in.finish import run_pre_authentication
from sekisho.services.cognito_idp.sign_in.lockout import check_guess, check_lock, record_failure, record_guess
from sekisho.services.cognito_idp.sign_in.password import accept_password, check_before_password
from sekisho.services.cognito_idp.sign_in.sessions import Challenge, end_session, keep_session, read_session

PASSWORD_VERIFIER = "PASSWORD_VERIFIER"
_BLOCK_BYTES = 1024
_TIMESTAMP = "%a %b %d %H:%M:%S UTC %Y"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose password is to be proved; ``password`` is None for a user that does not exist."""

    key: str
    username: str
    salt: str
    password: Password | None


def start_srp(attempt: Attempt) -> dict[str, Any]:
    """Begin the exchange.

    Raises:
        ServiceError: a parameter is wrong, the user may not sign in, or a trigger refused.
    """
    username = attempt.require("USERNAME")
    client_public = parse_public(attempt.require("SRP_A"))
    user = attempt.find_user(username)
    attempt.check_secret_hash(username, user)
    run_pre_authentication(attempt, user, username)
    if user is not None:
        check_lock(user, attempt.ctx.clock.now())
        check_before_password(attempt, user)
    elif attempt.client.hides_users:
        check_guess(attempt.ctx.store, attempt.key_of(username), attempt.ctx.clock.now())
    else:
        raise errors.user_not_found()
    return ask_for_proof(attempt, find_identity(attempt, user, username), client_public, {})


def parse_public(text: str) -> int:
    """Return the client's public value.

    Raises:
        ServiceError: InvalidParameterException.
    """
    try:
        return srp.parse_client_public(text)
    except srp.SrpError as error:
        raise errors.invalid_parameter(str(error)) from None


def find_identity(attempt: Attempt, user: User | None, username: str) -> Identity:
    """Return whose password is to be proved.

    For a user that does not exist the answer looks like any other, and is the same each time (COGNITO-26).
    """
    if user is not None and user.password is not None:
        return Identity(user.key, user.username, user.password.srp_salt, user.password)
    with attempt.ctx.store.read() as state:
        secret = state.list(SigningKey, attempt.pool.issuer)[0].private_pem.encode()
    key = attempt.key_of(username)
    decoy = hmac.digest(secret, key.encode(), "sha256")
    shown = str(uuid.UUID(bytes=decoy[16:], version=4)) if attempt.pool.username_attributes else username
    return Identity(key, shown, decoy[:16].hex(), None)


def ask_for_proof(
    attempt: Attempt, identity: Identity, client_public: int, extra: dict[str, Any]
) -> dict[str, Any]:
    """Return the challenge PASSWORD_VERIFIER; its secret block stands for the session."""
    ctx = attempt.ctx
    verifier = srp.G if identity.password is None else int(identity.password.srp_verifier, 16)
    keys = srp.make_server_keys(verifier, ctx.ids.token_bytes(srp.ENTROPY_BYTES))
    block = base64.b64encode(ctx.ids.token_bytes(_BLOCK_BYTES)).decode()
    parameters = {
        "SALT": f"{int(identity.salt, 16):x}",
        "SECRET_BLOCK": block,
        "SRP_B": f"{keys.public:x}",
        "USERNAME": identity.username,
        "USER_ID_FOR_SRP": identity.username,
    }
    kept = {
        "a": f"{client_public:x}",
        "b": f"{keys.private:x}",
        "B": f"{keys.public:x}",
        "password_hash": "" if identity.password is None else identity.password.hash,
        "username": identity.username,
        **extra,
    }
    keep_session(attempt, identity.key, Challenge(PASSWORD_VERIFIER, parameters, kept), block)
    return {"ChallengeName": PASSWORD_VERIFIER, "ChallengeParameters": parameters}


def verify_proof(attempt: Attempt) -> tuple[AuthSession, User]:
    """Return the session and the user whose password was proved; the session is over, whatever comes of it.

    Raises:
        ServiceError: the signature is wrong, or the user may not sign in.
    """
    username, timestamp = attempt.require("USERNAME"), _check_timestamp(attempt.require("TIMESTAMP"))
    block, signature = (
        attempt.require("PASSWORD_CLAIM_SECRET_BLOCK"),
        attempt.require("PASSWORD_CLAIM_SIGNATURE"),
    )
    session = read_session(attempt, block, PASSWORD_VERIFIER)
    user = attempt.find_by_key(session.user_key)
    attempt.check_secret_hash(username, user)
    with attempt.ctx.store.write() as state:
        end_session(state, session)
    now = attempt.ctx.clock.now()
    if user is None:
        record_guess(attempt.ctx.store, attempt.pool.id, session.user_key, now)
        raise errors.wrong_password()
    if user.password is None or user.password.hash != session.state["password_hash"]:
        raise errors.wrong_password()
    check_lock(user, now)
    if not _is_right(attempt, session, user.password, _decode_block(block), timestamp, signature):
        record_failure(attempt.ctx.store, user.key, now)
        raise errors.wrong_password()
    return session, accept_password(attempt, user)


def _is_right(
    attempt: Attempt, session: AuthSession, password: Password, block: bytes, timestamp: str, signature: str
) -> bool:
    kept = session.state
    server = srp.ServerKeys(int(kept["b"], 16), int(kept["B"], 16))
    try:
        key = srp.session_key(int(kept["a"], 16), server, int(password.srp_verifier, 16))
    except srp.SrpError:
        return False
    wanted = srp.sign(key, attempt.pool.id, kept["username"], block, timestamp)
    return hmac.compare_digest(wanted.encode(), signature.encode())


def _decode_block(block: str) -> bytes:
    try:
        return base64.b64decode(block, validate=True)
    except (binascii.Error, ValueError):
        raise errors.wrong_password() from None


def _check_timestamp(text: str) -> str:
    try:
        datetime.strptime(text, _TIMESTAMP)  # noqa: DTZ007 - the form is what matters
    except ValueError:
        raise errors.invalid_parameter(
            "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english."
        ) from None
    return text
