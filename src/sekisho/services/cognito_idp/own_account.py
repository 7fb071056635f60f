"""What users do with their own account, by an access token with the scope aws.cognito.signin.user.admin."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.model.cognito import STANDARD_ATTRIBUTES, User
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.admin_passwords import put_password, replace_password
from sekisho.services.cognito_idp.codes import (
    CodeRequest,
    attribute_purpose,
    check_code,
    send_code,
    use_code,
)
from sekisho.services.cognito_idp.lookup import get_user
from sekisho.services.cognito_idp.messages import Delivery, forget_messages
from sekisho.services.cognito_idp.owner import Owner, find_owner
from sekisho.services.cognito_idp.passwords import is_password
from sekisho.services.cognito_idp.sign_in.lockout import check_lock, record_failure
from sekisho.services.cognito_idp.user_values import (
    VERIFIED,
    check_attributes,
    check_mutable,
    check_writable,
    decode_attributes,
    delete_user,
    encode_attributes,
    put_user,
    with_attributes,
)
from sekisho.services.context import Context, LongContext, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "GetUserRequest": members(enforced="AccessToken"),
    "UpdateUserAttributesRequest": members(enforced="UserAttributes AccessToken ClientMetadata"),
    "DeleteUserAttributesRequest": members(enforced="UserAttributeNames AccessToken"),
    "DeleteUserRequest": members(enforced="AccessToken"),
    "ChangePasswordRequest": members(enforced="PreviousPassword ProposedPassword AccessToken"),
    "GetUserAttributeVerificationCodeRequest": members(enforced="AccessToken AttributeName ClientMetadata"),
    "VerifyUserAttributeRequest": members(enforced="AccessToken AttributeName Code"),
    "GlobalSignOutRequest": members(enforced="AccessToken"),
}

_UPDATE_MESSAGE = "CustomMessage_UpdateUserAttribute"
_VERIFY_MESSAGE = "CustomMessage_VerifyUserAttribute"


@operation("GetUser", reads=True)
def get_user_operation(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the user, as far as the app client may read."""
    owner = find_owner(ctx, ctx.state, request["AccessToken"])
    readable = {"sub", *(owner.client.read_attributes or STANDARD_ATTRIBUTES)}
    return {"Username": owner.user.username, "UserAttributes": encode_attributes(owner.user, readable)}


@operation("UpdateUserAttributes", transaction=False)
def update_user_attributes(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change attributes; a new address or number is unverified until its code is given (COGNITO-72)."""
    with ctx.store.read() as state:
        owner = find_owner(ctx, state, request["AccessToken"])
    changes = decode_attributes(request["UserAttributes"])
    pool, user = owner.pool, owner.user
    check_writable(owner.client, changes, STANDARD_ATTRIBUTES)
    check_attributes(pool, changes)
    check_mutable(pool, user, changes)
    to_verify = [
        name for name in VERIFIED if changes.get(name) and changes[name] != user.attributes.get(name)
    ]
    pending = [name for name in to_verify if name in pool.attributes_verified_before_update]
    now = {name: value for name, value in changes.items() if name not in pending}
    now |= {VERIFIED[name]: "false" for name in to_verify if name not in pending}
    with ctx.store.write() as state:
        current = get_user(state, pool, user.sub)
        changed = dataclasses.replace(with_attributes(current, now), modified=ctx.clock.now())
        put_user(state, pool, changed)
    details = [
        _send(ctx, owner, changed, Delivery(name, changes[name]), _UPDATE_MESSAGE, request, pending)
        for name in to_verify
        if name in pending or name in pool.auto_verified_attributes
    ]
    return {"CodeDeliveryDetailsList": details}


@operation("DeleteUserAttributes")
def delete_user_attributes(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Clear attributes."""
    owner = find_owner(ctx, ctx.state, request["AccessToken"])
    changes = dict.fromkeys(request["UserAttributeNames"], "")
    check_writable(owner.client, changes, STANDARD_ATTRIBUTES)
    check_attributes(owner.pool, changes)
    check_mutable(owner.pool, owner.user, changes)
    changed = dataclasses.replace(with_attributes(owner.user, changes), modified=ctx.clock.now())
    put_user(ctx.state, owner.pool, changed)
    return {}


@operation("DeleteUser")
def delete_user_operation(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete the user."""
    delete_user(ctx.state, find_owner(ctx, ctx.state, request["AccessToken"]).user)


@operation("ChangePassword", transaction=False)
def change_password(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the password by a new one; wrong attempts count as those at sign-in do."""
    with ctx.store.read() as state:
        owner = find_owner(ctx, state, request["AccessToken"])
    user, now = owner.user, ctx.clock.now()
    check_lock(user, now)
    if not is_password(user, request.get("PreviousPassword") or ""):
        record_failure(ctx.store, user.key, now)
        raise errors.wrong_password()
    password = replace_password(ctx, owner.pool, user, request["ProposedPassword"])
    with ctx.store.write() as state:
        current = get_user(state, owner.pool, user.sub)
        check_lock(current, now)
        if current.password != user.password:
            raise errors.wrong_password()
        put_password(state, owner.pool, current, password, "CONFIRMED")
    return {}


@operation("GetUserAttributeVerificationCode", transaction=False)
def get_user_attribute_verification_code(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Send a code that verifies an address or number."""
    with ctx.store.read() as state:
        owner = find_owner(ctx, state, request["AccessToken"])
    name = request["AttributeName"]
    if name not in VERIFIED:
        raise errors.invalid_parameter(f"{name} cannot be verified.")
    value = owner.user.attributes.get(name)
    if not value:
        raise errors.invalid_parameter(f"User has no {name}.")
    details = _send(ctx, owner, owner.user, Delivery(name, value), _VERIFY_MESSAGE, request)
    return {"CodeDeliveryDetails": details}


@operation("VerifyUserAttribute", transaction=False)
def verify_user_attribute(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Verify an address or number with its code; a value that waited for it takes effect."""
    with ctx.store.read() as state:
        owner = find_owner(ctx, state, request["AccessToken"])
    name = request["AttributeName"]
    if name not in VERIFIED:
        raise errors.invalid_parameter(f"{name} cannot be verified.")
    code = check_code(ctx.store, owner.user, attribute_purpose(name), request["Code"], ctx.clock.now())
    with ctx.store.write() as state:
        use_code(state, code)
        current = get_user(state, owner.pool, owner.user.sub)
        value = {name: code.value} if code.value is not None else {}
        if not value and current.attributes.get(name) != code.destination:
            raise errors.code_expired()
        changed = with_attributes(current, {**value, VERIFIED[name]: "true"})
        put_user(state, owner.pool, dataclasses.replace(changed, modified=ctx.clock.now()))
        forget_messages(state, changed, _UPDATE_MESSAGE, _VERIFY_MESSAGE)
    return {}


@operation("GlobalSignOut")
def global_sign_out(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """End every sign-in of the user."""
    owner = find_owner(ctx, ctx.state, request["AccessToken"])
    ctx.state.put(dataclasses.replace(owner.user, signed_out=ctx.clock.now()))
    return {}


# --- helpers -------------------------------------------------------------------------------------------------


def _send(
    ctx: LongContext,
    owner: Owner,
    user: User,
    delivery: Delivery,
    reason: str,
    request: Mapping[str, Any],
    pending: Sequence[str] = (),
) -> dict[str, str]:
    value = delivery.destination if delivery.attribute in pending else None
    code = CodeRequest(
        attribute_purpose(delivery.attribute),
        reason,
        delivery,
        client_id=owner.client.client_id,
        metadata=request.get("ClientMetadata") or {},
        value=value,
    )
    return send_code(ctx, owner.pool, user, code)
