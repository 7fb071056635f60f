"""What follows a first factor: a new password where the old one was temporary, else tokens."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sekisho.kernel.errors import TokenRefusedError
from sekisho.model.cognito import User
from sekisho.model.triggers import TriggerCall
from sekisho.model.user_tokens import SignIn, UserTokens
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import require_tokens
from sekisho.services.cognito_idp.sign_in.attempt import Attempt
from sekisho.services.cognito_idp.sign_in.sessions import Challenge, open_session
from sekisho.services.cognito_idp.user_values import missing_attributes

NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"
AUTHENTICATION = "TokenGeneration_Authentication"
NEW_PASSWORD = "TokenGeneration_NewPasswordChallenge"


def check_may_sign_in(user: User) -> None:
    """Check the status of a user whose password is right.

    Raises:
        ServiceError: NotAuthorizedException, UserNotConfirmedException or PasswordResetRequiredException.
    """
    if not user.enabled:
        raise errors.user_disabled()
    if user.status == "UNCONFIRMED":
        raise errors.user_not_confirmed()
    if user.status == "RESET_REQUIRED":
        raise errors.password_reset_required()


def check_temporary_password(attempt: Attempt, user: User) -> None:
    """Check that a temporary password is not too old (COGNITO-29).

    Raises:
        ServiceError: NotAuthorizedException.
    """
    if user.password is None or not user.password.temporary:
        return
    lifetime = timedelta(days=attempt.pool.password_policy.temporary_validity_days)
    if attempt.ctx.clock.now() >= user.password.set_at + lifetime:
        raise errors.not_authorized("Temporary password has expired and must be reset by an administrator.")


def run_pre_authentication(attempt: Attempt, user: User | None, username: str) -> None:
    """Run the trigger PreAuthentication.

    Raises:
        ServiceError: the trigger refused.
    """
    request: dict[str, Any] = {
        "userAttributes": {} if user is None else user.trigger_attributes,
        "validationData": dict(attempt.metadata) or None,
    }
    if attempt.client.hides_users:
        request["userNotFound"] = user is None
    attempt.triggers.run(
        TriggerCall(
            attempt.pool,
            "PreAuthentication",
            "PreAuthentication_Authentication",
            user_name=username if user is None else user.username,
            client_id=attempt.client.client_id,
            request=request,
            response={},
        )
    )


def run_post_authentication(attempt: Attempt, user: User, metadata: Mapping[str, str] | None = None) -> None:
    """Run the trigger PostAuthentication.

    Raises:
        ServiceError: the trigger refused.
    """
    attempt.triggers.run(
        TriggerCall(
            attempt.pool,
            "PostAuthentication",
            "PostAuthentication_Authentication",
            user_name=user.username,
            client_id=attempt.client.client_id,
            request={
                "userAttributes": user.trigger_attributes,
                "newDeviceUsed": False,
                **({"clientMetadata": dict(metadata)} if metadata else {}),
            },
            response={},
        )
    )


def finish(attempt: Attempt, user: User) -> dict[str, Any]:
    """Return what the first factor leads to: the challenge NEW_PASSWORD_REQUIRED, or tokens."""
    if user.status == "FORCE_CHANGE_PASSWORD":
        return open_session(attempt, user.key, new_password_challenge(attempt, user))
    return issue_tokens(attempt, user, AUTHENTICATION)


def issue_tokens(
    attempt: Attempt, user: User, source: str, metadata: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the output that holds the tokens of a sign-in.

    Raises:
        ServiceError: a trigger refused, or the user was disabled meanwhile.
    """
    run_post_authentication(attempt, user, metadata)
    ctx = attempt.ctx
    sign_in = SignIn(attempt.pool, attempt.client, user, source, ctx.clock.now(), metadata=metadata or {})
    try:
        tokens = require_tokens(ctx).issue(ctx.store, sign_in)
    except TokenRefusedError as error:
        raise errors.not_authorized(error.message) from None
    return {"ChallengeParameters": {}, "AuthenticationResult": encode_tokens(tokens)}


def encode_tokens(tokens: UserTokens) -> dict[str, Any]:
    """Return ``AuthenticationResult``."""
    return {
        "AccessToken": tokens.access_token,
        "ExpiresIn": tokens.expires_in,
        "TokenType": "Bearer",
        "RefreshToken": tokens.refresh_token,
        "IdToken": tokens.id_token,
    }


def new_password_challenge(attempt: Attempt, user: User) -> Challenge:
    """Return the challenge that asks for a password in place of a temporary one."""
    missing = [f"userAttributes.{name}" for name in missing_attributes(attempt.pool, user.attributes)]
    parameters = {
        "USER_ID_FOR_SRP": user.username,
        "requiredAttributes": json.dumps(missing, separators=(",", ":")),
        "userAttributes": json.dumps(dict(user.attributes), ensure_ascii=False, separators=(",", ":")),
    }
    password_hash = "" if user.password is None else user.password.hash
    return Challenge(NEW_PASSWORD_REQUIRED, parameters, {"password_hash": password_hash})
