"""Users who create themselves, and what confirms them.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.cognito import STANDARD_ATTRIBUTES, AppClient, User, UserPool
from sekisho.model.triggers import TriggerCall
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.codes import (
    SIGN_UP,
    CodeRequest,
    check_code,
    delivery_to,
    send_code,
    use_code,
)
from sekisho.services.cognito_idp.lookup import find_user, get_client_and_pool, get_pool, get_user
from sekisho.services.cognito_idp.messages import NO_CLIENT, forget_messages
from sekisho.services.cognito_idp.passwords import check_policy, make_password
from sekisho.services.cognito_idp.secret_hash import check_secret_hash
from sekisho.services.cognito_idp.simulation import simulated_delivery
from sekisho.services.cognito_idp.triggers import PoolTriggers
from sekisho.services.cognito_idp.user_creation import new_user, put_new_user
from sekisho.services.cognito_idp.user_values import (
    VERIFIED,
    check_required,
    check_writable,
    decode_attributes,
    put_user,
    with_attributes,
)
from sekisho.services.context import LongContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

_CONTEXT = "AnalyticsMetadata UserContextData"

LEDGER = {
    "SignUpRequest": members(
        enforced="ClientId SecretHash Username Password UserAttributes ValidationData ClientMetadata",
        stored=_CONTEXT,
    ),
    "ConfirmSignUpRequest": members(
        enforced="ClientId SecretHash Username ConfirmationCode ForceAliasCreation ClientMetadata",
        stored=_CONTEXT,
        rejected="Session",
    ),
    "ResendConfirmationCodeRequest": members(
        enforced="ClientId SecretHash Username ClientMetadata", stored=_CONTEXT
    ),
    "AdminConfirmSignUpRequest": members(enforced="UserPoolId Username ClientMetadata"),
}

_MESSAGES = ("CustomMessage_SignUp", "CustomMessage_ResendCode")


@operation("SignUp", transaction=False)
def sign_up(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a user who has to confirm an address or number first."""
    client, pool = _client_and_pool(ctx, request)
    check_secret_hash(client, request.get("SecretHash"), (request["Username"],))
    if not pool.sign_up_allowed:
        raise errors.not_authorized("SignUp is not permitted for this user pool")
    if not request.get("Password"):
        raise errors.invalid_parameter("Sekisho does not support users without a password.")
    check_policy(pool.password_policy, request["Password"])
    attributes = decode_attributes(request.get("UserAttributes"))
    check_writable(client, attributes, STANDARD_ATTRIBUTES)
    user = new_user(ctx, pool, request["Username"], attributes, "UNCONFIRMED")
    check_required(pool, user.attributes)  # COGNITO-33
    _check_is_new(ctx, pool, request["Username"])
    user = _run_pre_sign_up(ctx, pool, client, user, request)
    password = make_password(pool, user.username, request["Password"], ctx.ids, ctx.clock.now())
    user = dataclasses.replace(user, password=password)
    with ctx.store.write() as state:
        if find_user(state, pool, request["Username"]) is not None:
            raise errors.username_exists()
        put_new_user(state, pool, user)
    confirmed = user.status == "CONFIRMED"
    details = None
    if confirmed:
        _run_post_confirmation(ctx, pool, user, client.client_id, request)
    else:
        details = _send(ctx, pool, client, user, "CustomMessage_SignUp", request)
    return {"UserConfirmed": confirmed, "CodeDeliveryDetails": details, "UserSub": user.sub}


@operation("ConfirmSignUp", transaction=False)
def confirm_sign_up(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Confirm a user with the code that was sent, which verifies where it was sent to as well."""
    client, pool = _client_and_pool(ctx, request)
    user = _find(ctx, pool, request)
    check_secret_hash(client, request.get("SecretHash"), _names(user, request))
    if user is None:
        raise errors.code_expired() if client.hides_users else errors.user_not_found()
    _check_unconfirmed(user)
    code = check_code(ctx.store, user, SIGN_UP, request["ConfirmationCode"], ctx.clock.now())
    with ctx.store.write() as state:
        use_code(state, code)
        current = get_user(state, pool, user.sub)
        _check_unconfirmed(current)
        proved = {
            VERIFIED[name]: "true"
            for name in VERIFIED
            if name == code.value and current.attributes.get(name) == code.destination
        }
        verified = with_attributes(current, proved)
        confirmed = dataclasses.replace(verified, status="CONFIRMED", modified=ctx.clock.now())
        put_user(state, pool, confirmed, take_aliases=bool(request.get("ForceAliasCreation")))
        forget_messages(state, confirmed, *_MESSAGES)
    _run_post_confirmation(ctx, pool, confirmed, client.client_id, request)
    return {}


@operation("ResendConfirmationCode", transaction=False)
def resend_confirmation_code(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Send another code; the one of before is not good any more."""
    client, pool = _client_and_pool(ctx, request)
    user = _find(ctx, pool, request)
    check_secret_hash(client, request.get("SecretHash"), _names(user, request))
    if user is None:
        if client.hides_users:
            return {"CodeDeliveryDetails": simulated_delivery(ctx, pool, request["Username"])}
        raise errors.user_not_found()
    if user.status != "UNCONFIRMED":
        raise errors.invalid_parameter("User is already confirmed.")
    details = _send(ctx, pool, client, user, "CustomMessage_ResendCode", request)
    if details is None:
        raise errors.invalid_parameter("Auto verification not turned on.")
    return {"CodeDeliveryDetails": details}


@operation("AdminConfirmSignUp", transaction=False)
def admin_confirm_sign_up(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Confirm a user without a code; nothing is verified."""
    with ctx.store.write() as state:
        pool = get_pool(ctx, state, request["UserPoolId"])
        user = get_user(state, pool, request["Username"])
        _check_unconfirmed(user)
        confirmed = dataclasses.replace(user, status="CONFIRMED", modified=ctx.clock.now())
        put_user(state, pool, confirmed)
        forget_messages(state, confirmed, *_MESSAGES)
    _run_post_confirmation(ctx, pool, confirmed, NO_CLIENT, request)
    return {}


# --- helpers -------------------------------------------------------------------------------------------------


def _client_and_pool(ctx: LongContext, request: Mapping[str, Any]) -> tuple[AppClient, UserPool]:
    with ctx.store.read() as state:
        return get_client_and_pool(state, request["ClientId"])


def _find(ctx: LongContext, pool: UserPool, request: Mapping[str, Any]) -> User | None:
    with ctx.store.read() as state:
        return find_user(state, pool, request["Username"])


def _names(user: User | None, request: Mapping[str, Any]) -> tuple[str, ...]:
    return (request["Username"],) if user is None else (request["Username"], user.username, user.sub)


def _check_is_new(ctx: LongContext, pool: UserPool, username: str) -> None:
    with ctx.store.read() as state:
        if find_user(state, pool, username) is not None:
            raise errors.username_exists()


def _check_unconfirmed(user: User) -> None:
    if user.status != "UNCONFIRMED":
        raise errors.not_authorized(f"User cannot be confirmed. Current status is {user.status}")


def _run_pre_sign_up(
    ctx: LongContext, pool: UserPool, client: AppClient, user: User, request: Mapping[str, Any]
) -> User:
    """Return the user, confirmed and verified where the trigger PreSignUp says so."""
    answer = PoolTriggers(ctx.functions).run(
        TriggerCall(
            pool,
            "PreSignUp",
            "PreSignUp_SignUp",
            user_name=user.username,
            client_id=client.client_id,
            request={
                "userAttributes": dict(user.attributes),
                "validationData": decode_attributes(request.get("ValidationData")) or None,
                **_metadata(request),
            },
            response={"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
        )
    )
    flags = {"email": answer.get("autoVerifyEmail"), "phone_number": answer.get("autoVerifyPhone")}
    verified = {
        VERIFIED[name]: "true" for name, flag in flags.items() if flag is True and name in user.attributes
    }
    status = "CONFIRMED" if answer.get("autoConfirmUser") is True else user.status
    return dataclasses.replace(with_attributes(user, verified), status=status)


def _run_post_confirmation(
    ctx: LongContext, pool: UserPool, user: User, client_id: str, request: Mapping[str, Any]
) -> None:
    PoolTriggers(ctx.functions).run(
        TriggerCall(
            pool,
            "PostConfirmation",
            "PostConfirmation_ConfirmSignUp",
            user_name=user.username,
            client_id=client_id,
            request={"userAttributes": user.trigger_attributes, **_metadata(request)},
            response={},
        )
    )


def _metadata(request: Mapping[str, Any]) -> dict[str, Any]:
    return {"clientMetadata": dict(request["ClientMetadata"])} if request.get("ClientMetadata") else {}


def _send(
    ctx: LongContext,
    pool: UserPool,
    client: AppClient,
    user: User,
    reason: str,
    request: Mapping[str, Any],
) -> dict[str, str] | None:
    """Send a code to what the pool verifies by itself, a number before an address; None where there is neither."""
    wanted = [name for name in ("phone_number", "email") if name in pool.auto_verified_attributes]
    delivery = delivery_to(user, wanted, verified=False)
    if delivery is None:
        return None
    code = CodeRequest(
        SIGN_UP,
        reason,
        delivery,
        client_id=client.client_id,
        metadata=request.get("ClientMetadata") or {},
        value=delivery.attribute,
    )
    return send_code(ctx, pool, user, code)
