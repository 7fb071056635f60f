"""Messages to users. None is sent: each goes to the outbox, where it can be read."""

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sekisho.kernel.ids import Ids
from sekisho.model.cognito import User, UserPool
from sekisho.model.sign_ins import OutboxMessage
from sekisho.model.triggers import TriggerCall
from sekisho.services.cognito_idp.triggers import PoolTriggers
from sekisho.services.context import LongContext
from sekisho.store.api import Writer

NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"
"""What a trigger gets where no app client is involved."""

_CODE = "{####}"
_USERNAME = "{username}"
_MEDIUM = {"email": "EMAIL", "phone_number": "SMS"}
_ATTRIBUTE = {"EMAIL": "email", "SMS": "phone_number"}
_ADMIN_REASON = "CustomMessage_AdminCreateUser"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a message goes: an attribute of the user that holds an address or a number."""

    attribute: str
    destination: str

    @property
    def medium(self) -> str:
        """Return ``EMAIL`` or ``SMS``."""
        return _MEDIUM[self.attribute]

    def encode(self) -> dict[str, str]:
        """Return ``CodeDeliveryDetails``, which hides most of the destination."""
        return {
            "Destination": mask(self.destination),
            "DeliveryMedium": self.medium,
            "AttributeName": self.attribute,
        }


def new_code(ids: Ids) -> str:
    """Return a confirmation code."""
    return ids.text(6, string.digits)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be told to whom.

    Attributes:
        reason: the trigger source, e.g. ``CustomMessage_SignUp``.
        code: the code or temporary password that the message is about.
        metadata: ``ClientMetadata`` of the request.
        shown: stands in the message in place of a code that must not be kept.
    """

    user: User
    delivery: Delivery
    reason: str
    code: str = field(repr=False)
    client_id: str = NO_CLIENT
    metadata: Mapping[str, str] = field(default_factory=dict)
    shown: str | None = None


def compose(ctx: LongContext, pool: UserPool, letter: Letter) -> OutboxMessage:
    """Return the message, worded by the trigger CustomMessage or by the pool's settings.

    Raises:
        ServiceError: the trigger failed.
    """
    user, medium = letter.user, letter.delivery.medium
    subject, body = _customize(ctx, pool, letter, *_wording(pool, medium, letter.reason))
    shown = letter.code if letter.shown is None else letter.shown
    return OutboxMessage(
        ctx.ids.uuid(),
        pool.id,
        user.username,
        medium,
        letter.delivery.destination,
        letter.reason,
        subject,
        body.replace(_CODE, shown).replace(_USERNAME, user.username),
        shown,
        ctx.clock.now(),
    )


def _customize(ctx: LongContext, pool: UserPool, letter: Letter, subject: str, body: str) -> tuple[str, str]:
    """Return subject and body as the trigger CustomMessage words them, if there is one."""
    invites = letter.reason == _ADMIN_REASON
    request: dict[str, Any] = {
        "userAttributes": letter.user.trigger_attributes,
        "codeParameter": _CODE,
        "usernameParameter": _USERNAME if invites else None,
        **({"clientMetadata": dict(letter.metadata)} if letter.metadata else {}),
    }
    answer = PoolTriggers(ctx.functions).run(
        TriggerCall(
            pool,
            "CustomMessage",
            letter.reason,
            user_name=letter.user.username,
            client_id=letter.client_id,
            request=request,
            response={"smsMessage": None, "emailMessage": None, "emailSubject": None},
        )
    )
    is_sms = letter.delivery.medium == "SMS"
    custom = answer.get("smsMessage" if is_sms else "emailMessage")
    if isinstance(custom, str) and _CODE in custom:
        body = custom
    if not is_sms and isinstance(answer.get("emailSubject"), str):
        subject = str(answer["emailSubject"])
    return subject, body


def forget_messages(state: Writer, user: User, *reasons: str) -> None:
    """Delete the messages to a user whose code or password has been used."""
    for message in state.list(OutboxMessage, user.pool_id):
        if message.username == user.username and message.reason in reasons:
            state.delete(OutboxMessage, message.id)


def mask(destination: str) -> str:
    """Return an address or number with most of it hidden, as AWS shows it: ``j***@e***``, ``+*******0123``."""
    if "@" in destination:
        local, _, host = destination.rpartition("@")
        return f"{local[:1]}***@{host[:1]}***"
    return f"+{'*' * max(len(destination) - 5, 0)}{destination[-4:]}"


def medium_attribute(medium: str) -> str:
    """Return the attribute that a medium delivers to."""
    return _ATTRIBUTE[medium]


def _wording(pool: UserPool, medium: str, reason: str) -> tuple[str, str]:
    """Return subject and body from the pool's settings, or the default ones."""
    if reason == _ADMIN_REASON:
        invite = pool.settings.get("AdminCreateUserConfig", {}).get("InviteMessageTemplate", {})
        default = f"Your username is {_USERNAME} and temporary password is {_CODE}."
        body = invite.get("SMSMessage" if medium == "SMS" else "EmailMessage", default)
        return invite.get("EmailSubject", "Your temporary password"), body
    template = pool.settings.get("VerificationMessageTemplate", {})
    if medium == "SMS":
        body = template.get("SmsMessage") or pool.settings.get("SmsVerificationMessage")
        return "", body or f"Your verification code is {_CODE}."
    subject = template.get("EmailSubject") or pool.settings.get("EmailVerificationSubject")
    body = template.get("EmailMessage") or pool.settings.get("EmailVerificationMessage")
    return subject or "Your verification code", body or f"Your confirmation code is {_CODE}"
