"""Confirmation codes: where they go, how they are checked, and how often one may be wrong."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sekisho.kernel.errors import ServiceError
from sekisho.model.cognito import User, UserPool
from sekisho.model.sign_ins import ConfirmationCode
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.messages import NO_CLIENT, Delivery, Letter, compose, new_code
from sekisho.services.cognito_idp.user_values import VERIFIED
from sekisho.services.context import LongContext
from sekisho.store.api import Store, Writer

SIGN_UP = "sign-up"
FORGOT_PASSWORD = "forgot-password"
LIFETIME = timedelta(hours=24)
RESET_LIFETIME = timedelta(hours=1)
"""Source: https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html"""

_WRONG_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """A code to be sent.

    Attributes:
        purpose: what it is for.
        reason: the trigger source of the message.
        value: the new value of an attribute that takes effect with the code.
    """

    purpose: str
    reason: str
    delivery: Delivery
    lifetime: timedelta = LIFETIME
    client_id: str = NO_CLIENT
    metadata: Mapping[str, str] = field(default_factory=dict)
    value: str | None = None


def attribute_purpose(name: str) -> str:
    """Return the purpose of a code that verifies an attribute."""
    return f"attribute:{name}"


def send_code(ctx: LongContext, pool: UserPool, user: User, request: CodeRequest) -> dict[str, str]:
    """Make a code, put its message into the outbox, and return ``CodeDeliveryDetails``.

    Raises:
        ServiceError: the trigger CustomMessage failed.
    """
    code = new_code(ctx.ids)
    letter = Letter(user, request.delivery, request.reason, code, request.client_id, request.metadata)
    message = compose(ctx, pool, letter)
    expires = ctx.clock.now() + request.lifetime
    with ctx.store.write() as state:
        state.put(
            ConfirmationCode(
                pool.id,
                user.key,
                request.purpose,
                code,
                expires,
                request.value,
                request.delivery.destination,
            )
        )
        state.put(message)
    return request.delivery.encode()


def check_code(store: Store, user: User, purpose: str, given: str, now: datetime) -> ConfirmationCode:
    """Return the code when it is right; after five wrong ones it is not looked at any more (COGNITO-70).

    Raises:
        ServiceError: ExpiredCodeException, CodeMismatchException or TooManyFailedAttemptsException.
    """
    with store.write() as state:
        code = state.find(ConfirmationCode, f"{user.key} {purpose}")
        refusal = _refusal(code, given, now)
        if code is not None and refusal is not None and refusal.code == "CodeMismatchException":
            state.put(replace(code, attempts=code.attempts + 1))
    if refusal is not None:
        raise refusal
    if code is None:
        raise errors.code_expired()
    return code


def use_code(state: Writer, code: ConfirmationCode) -> None:
    """Delete a code that has served.

    Raises:
        ServiceError: ExpiredCodeException where it has served before.
    """
    found = state.find(ConfirmationCode, code.key)
    if found is None or found.code != code.code:
        raise errors.code_expired()
    state.delete(ConfirmationCode, code.key)


def delivery_to(user: User, attributes: Sequence[str], *, verified: bool) -> Delivery | None:
    """Return the first of the attributes that a message can go to; only verified ones where that is asked."""
    for name in attributes:
        value = user.attributes.get(name)
        if value and (not verified or user.attributes.get(VERIFIED[name]) == "true"):
            return Delivery(name, value)
    return None


def _refusal(code: ConfirmationCode | None, given: str, now: datetime) -> ServiceError | None:
    if code is None or now >= code.expires:
        return errors.code_expired()
    if code.attempts >= _WRONG_ATTEMPTS:
        return ServiceError(
            "TooManyFailedAttemptsException", "Attempt limit exceeded, please try after some time."
        )
    if not hmac.compare_digest(code.code.encode(), given.encode()):
        return errors.code_mismatch()
    return None
