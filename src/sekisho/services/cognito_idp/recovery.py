"""Forgotten passwords, and passwords that administrators reset.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.cognito import AppClient, User, UserPool
from sekisho.model.triggers import TriggerCall
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.admin_passwords import put_password, replace_password
from sekisho.services.cognito_idp.codes import (
    FORGOT_PASSWORD,
    RESET_LIFETIME,
    CodeRequest,
    check_code,
    delivery_to,
    send_code,
    use_code,
)
from sekisho.services.cognito_idp.lookup import find_user, get_client_and_pool, get_pool, get_user
from sekisho.services.cognito_idp.messages import NO_CLIENT, Delivery, forget_messages
from sekisho.services.cognito_idp.secret_hash import check_secret_hash
from sekisho.services.cognito_idp.simulation import simulated_delivery
from sekisho.services.cognito_idp.triggers import PoolTriggers
from sekisho.services.context import LongContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

_CONTEXT = "AnalyticsMetadata UserContextData"

LEDGER = {
    "ForgotPasswordRequest": members(enforced="ClientId SecretHash Username ClientMetadata", stored=_CONTEXT),
    "ConfirmForgotPasswordRequest": members(
        enforced="ClientId SecretHash Username ConfirmationCode Password ClientMetadata", stored=_CONTEXT
    ),
    "AdminResetUserPasswordRequest": members(enforced="UserPoolId Username ClientMetadata"),
}

_MESSAGE = "CustomMessage_ForgotPassword"
_MECHANISMS = {"verified_email": "email", "verified_phone_number": "phone_number"}
_DEFAULT_ORDER = ("phone_number", "email")
_RESETTABLE = ("CONFIRMED", "RESET_REQUIRED")


@operation("ForgotPassword", transaction=False)
def forgot_password(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Send a code with which the user can set a new password."""
    client, pool, user = _read(ctx, request)
    check_secret_hash(client, request.get("SecretHash"), _names(user, request))
    if user is None:
        if client.hides_users:
            return {"CodeDeliveryDetails": simulated_delivery(ctx, pool, request["Username"])}
        raise errors.user_not_found()
    if not user.enabled:
        raise errors.user_disabled()
    return {"CodeDeliveryDetails": _send(ctx, pool, user, client.client_id, request)}


@operation("ConfirmForgotPassword", transaction=False)
def confirm_forgot_password(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Set a new password with the code that was sent."""
    client, pool, user = _read(ctx, request)
    check_secret_hash(client, request.get("SecretHash"), _names(user, request))
    if user is None:
        raise errors.code_expired() if client.hides_users else errors.user_not_found()
    if not user.enabled:
        raise errors.user_disabled()
    code = check_code(ctx.store, user, FORGOT_PASSWORD, request["ConfirmationCode"], ctx.clock.now())
    password = replace_password(ctx, pool, user, request["Password"])
    with ctx.store.write() as state:
        use_code(state, code)
        current = get_user(state, pool, user.sub)
        changed = put_password(state, pool, current, password, "CONFIRMED")
        forget_messages(state, changed, _MESSAGE)
    PoolTriggers(ctx.functions).run(
        TriggerCall(
            pool,
            "PostConfirmation",
            "PostConfirmation_ConfirmForgotPassword",
            user_name=changed.username,
            client_id=client.client_id,
            request={"userAttributes": changed.trigger_attributes, **_metadata(request)},
            response={},
        )
    )
    return {}


@operation("AdminResetUserPassword", transaction=False)
def admin_reset_user_password(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a user's password useless and send a code for a new one."""
    with ctx.store.read() as state:
        pool = get_pool(ctx, state, request["UserPoolId"])
        user = get_user(state, pool, request["Username"])
    if not user.enabled:
        raise errors.user_disabled()
    _send(ctx, pool, user, NO_CLIENT, request)
    with ctx.store.write() as state:
        current = get_user(state, pool, user.sub)
        state.put(dataclasses.replace(current, status="RESET_REQUIRED", modified=ctx.clock.now()))
    return {}


# --- helpers -------------------------------------------------------------------------------------------------


def _read(ctx: LongContext, request: Mapping[str, Any]) -> tuple[AppClient, UserPool, User | None]:
    with ctx.store.read() as state:
        client, pool = get_client_and_pool(state, request["ClientId"])
        return client, pool, find_user(state, pool, request["Username"])


def _names(user: User | None, request: Mapping[str, Any]) -> tuple[str, ...]:
    return (request["Username"],) if user is None else (request["Username"], user.username, user.sub)


def _metadata(request: Mapping[str, Any]) -> dict[str, Any]:
    return {"clientMetadata": dict(request["ClientMetadata"])} if request.get("ClientMetadata") else {}


def _send(
    ctx: LongContext, pool: UserPool, user: User, client_id: str, request: Mapping[str, Any]
) -> dict[str, str]:
    if user.status == "UNCONFIRMED":
        raise errors.invalid_parameter(
            "Cannot reset password for the user as there is no registered/verified email or phone_number"
        )
    if user.status not in _RESETTABLE:
        raise errors.not_authorized("User password cannot be reset in the current state.")
    code = CodeRequest(
        FORGOT_PASSWORD,
        _MESSAGE,
        _delivery(pool, user),
        RESET_LIFETIME,
        client_id,
        request.get("ClientMetadata") or {},
    )
    return send_code(ctx, pool, user, code)


def _delivery(pool: UserPool, user: User) -> Delivery:
    """Return where a code goes, by what the pool says about recovery (COGNITO-71)."""
    if "admin_only" in pool.recovery:
        raise errors.not_authorized("Contact administrator to reset password.")
    order = tuple(_MECHANISMS[name] for name in pool.recovery) or _DEFAULT_ORDER
    delivery = delivery_to(user, order, verified=True)
    if delivery is None:
        raise errors.invalid_parameter(
            "Cannot reset password for the user as there is no registered/verified email or phone_number"
        )
    return delivery
