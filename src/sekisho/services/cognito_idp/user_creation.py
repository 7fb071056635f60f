"""Creating users: an administrator does it here; what SignUp has in common with it is here too.

Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.cognito import Password, User, UserPool
from sekisho.model.sign_ins import OutboxMessage
from sekisho.model.triggers import TriggerCall
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import find_user, fold, get_pool
from sekisho.services.cognito_idp.messages import (
    NO_CLIENT,
    Delivery,
    Letter,
    compose,
    forget_messages,
    medium_attribute,
)
from sekisho.services.cognito_idp.passwords import check_policy, generate_password, make_password
from sekisho.services.cognito_idp.schema import is_email, is_phone_number
from sekisho.services.cognito_idp.triggers import PoolTriggers
from sekisho.services.cognito_idp.user_values import (
    check_attributes,
    decode_attributes,
    encode_user,
    find_taken_alias,
    put_user,
)
from sekisho.services.context import LongContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation
from sekisho.store.api import Writer

LEDGER = {
    "AdminCreateUserRequest": members(
        enforced="UserPoolId Username UserAttributes ValidationData TemporaryPassword ForceAliasCreation"
        " MessageAction DesiredDeliveryMediums ClientMetadata"
    ),
}

INVITATION = "CustomMessage_AdminCreateUser"
_HIDDEN_PASSWORD = "********"


@operation("AdminCreateUser", transaction=False, joins=True)
def admin_create_user(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a user who has to change a temporary password, or invite one again."""
    with ctx.store.read() as state:
        pool = get_pool(ctx, state, request["UserPoolId"])
        existing = find_user(state, pool, request["Username"])
    given = request.get("TemporaryPassword")
    temporary = given or generate_password(pool.password_policy, ctx.ids)
    if given:
        check_policy(pool.password_policy, given)
    if request.get("MessageAction") == "RESEND":
        return _invite_again(ctx, pool, existing, request, temporary)
    if existing is not None:
        raise errors.username_exists("User account already exists")
    user = _decode(ctx, pool, request)
    _run_pre_sign_up(ctx, pool, user, request)
    password = make_password(pool, user.username, temporary, ctx.ids, ctx.clock.now(), temporary=True)
    user = dataclasses.replace(user, password=password)
    messages = _invitations(ctx, pool, user, request, temporary)
    with ctx.store.write() as state:
        if find_user(state, pool, request["Username"]) is not None:
            raise errors.username_exists("User account already exists")
        put_new_user(state, pool, user, take_aliases=bool(request.get("ForceAliasCreation")))
        for message in messages:
            state.put(message)
    return {"User": encode_user(user)}


def new_user(
    ctx: LongContext, pool: UserPool, username: str, attributes: Mapping[str, str], status: str
) -> User:
    """Return a new user, checked against the pool; not stored yet.

    In a pool whose users sign in with an attribute, the username given is that attribute, and the sub the username.

    Raises:
        ServiceError: InvalidParameterException.
    """
    sub, now = ctx.ids.uuid(), ctx.clock.now()
    values = dict(attributes)
    if pool.username_attributes:  # COGNITO-22
        values[_username_attribute(pool, username)] = username
        username = sub
    _check_username(pool, username)
    check_attributes(pool, values)
    kept = {name: value for name, value in values.items() if value != ""}
    return User(pool.id, username, fold(pool, username), sub, status, now, now, kept)


def put_new_user(state: Writer, pool: UserPool, user: User, *, take_aliases: bool = False) -> None:
    """Store a new user.

    Raises:
        ServiceError: UsernameExistsException where another user has an alias of the new one.
    """
    taken = None if take_aliases else find_taken_alias(state, pool, user)
    if taken is not None:
        raise errors.username_exists(f"An account with the given {taken} already exists.")
    put_user(state, pool, user, take_aliases=take_aliases)


# --- helpers -------------------------------------------------------------------------------------------------


def _username_attribute(pool: UserPool, username: str) -> str:
    forms = {"email": is_email, "phone_number": is_phone_number}
    for attribute in pool.username_attributes:
        if forms[attribute](username):
            return attribute
    if len(pool.username_attributes) > 1:
        raise errors.invalid_parameter("Username should be either an email or a phone number.")
    word = "an email" if pool.username_attributes[0] == "email" else "a phone number"
    raise errors.invalid_parameter(f"Username should be {word}.")


def _check_username(pool: UserPool, username: str) -> None:
    forms = {"email": (is_email, "email"), "phone_number": (is_phone_number, "phone number")}
    for attribute in pool.alias_attributes:
        form = forms.get(attribute)
        if form is not None and form[0](username):
            raise errors.invalid_parameter(
                f"Username cannot be of {form[1]} format, since user pool is configured for {form[1]} alias."
            )


def _decode(ctx: LongContext, pool: UserPool, request: Mapping[str, Any]) -> User:
    attributes = decode_attributes(request.get("UserAttributes"))
    return new_user(ctx, pool, request["Username"], attributes, "FORCE_CHANGE_PASSWORD")


def _run_pre_sign_up(ctx: LongContext, pool: UserPool, user: User, request: Mapping[str, Any]) -> None:
    PoolTriggers(ctx.functions).run(
        TriggerCall(
            pool,
            "PreSignUp",
            "PreSignUp_AdminCreateUser",
            user_name=user.username,
            client_id=NO_CLIENT,
            request={
                "userAttributes": dict(user.attributes),
                "validationData": decode_attributes(request.get("ValidationData")) or None,
                **(
                    {"clientMetadata": dict(request["ClientMetadata"])}
                    if request.get("ClientMetadata")
                    else {}
                ),
            },
            response={"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
        )
    )


def _invitations(
    ctx: LongContext, pool: UserPool, user: User, request: Mapping[str, Any], password: str
) -> list[OutboxMessage]:
    """Return the messages with the temporary password; one that the administrator chose is not kept in them."""
    if request.get("MessageAction") == "SUPPRESS":
        return []
    letters = (
        Letter(
            user,
            delivery,
            INVITATION,
            password,
            metadata=request.get("ClientMetadata") or {},
            shown=_HIDDEN_PASSWORD if request.get("TemporaryPassword") else None,
        )
        for delivery in _deliveries(user, request)
    )
    return [compose(ctx, pool, letter) for letter in letters]


def _deliveries(user: User, request: Mapping[str, Any]) -> list[Delivery]:
    """Return where the invitation goes: by every medium that is asked for, or by SMS (COGNITO-35)."""
    mediums = dict.fromkeys(request.get("DesiredDeliveryMediums") or ("SMS",))
    attributes = (medium_attribute(medium) for medium in mediums)
    return [Delivery(name, user.attributes[name]) for name in attributes if name in user.attributes]


def _invite_again(
    ctx: LongContext, pool: UserPool, user: User | None, request: Mapping[str, Any], temporary: str
) -> dict[str, Any]:
    if user is None:
        raise errors.user_not_found()
    if user.status != "FORCE_CHANGE_PASSWORD":
        raise errors.unsupported_state("Resend not possible. User status is not FORCE_CHANGE_PASSWORD")
    password = make_password(pool, user.username, temporary, ctx.ids, ctx.clock.now(), temporary=True)
    messages = _invitations(ctx, pool, user, request, temporary)
    with ctx.store.write() as state:
        changed = _with_password(state.find(User, user.key), password)
        forget_messages(state, user, INVITATION)
        state.put(changed)
        for message in messages:
            state.put(message)
    return {"User": encode_user(changed)}


def _with_password(user: User | None, password: Password) -> User:
    if user is None:
        raise errors.user_not_found()
    return dataclasses.replace(user, password=password, modified=password.set_at)
