"""The filter of ListUsers: ``attribute = "value"`` or ``attribute ^= "value"``.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
"""

import re
from collections.abc import Callable

from sekisho.model.cognito import User
from sekisho.services.cognito_idp import errors

_FORM = re.compile(r'\s*"?([A-Za-z0-9_:-]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*')
_SEARCHABLE = frozenset(
    {
        "username",
        "email",
        "phone_number",
        "name",
        "given_name",
        "family_name",
        "preferred_username",
        "cognito:user_status",
        "status",
        "sub",
    }
)

_ANY_CASE = frozenset({"cognito:user_status"})
"""Whose values are in upper case, however the filter has them."""


def parse_filter(text: str | None) -> Callable[[User], bool]:
    """Return what tells whether a user passes; without a filter all do.

    Raises:
        ServiceError: InvalidParameterException.
    """
    if not text:
        return lambda _user: True
    match = _FORM.fullmatch(text)
    if match is None:
        raise errors.invalid_parameter("Error while parsing filter.")
    name, operator, value = match[1], match[2], re.sub(r"\\(.)", r"\1", match[3])
    if name in _ANY_CASE:
        value = value.upper()
    if name not in _SEARCHABLE:
        raise errors.invalid_parameter(f"Invalid search attribute: {name}")

    def passes(user: User) -> bool:
        found = _value(user, name)
        return found is not None and (found == value if operator == "=" else found.startswith(value))

    return passes


def _value(user: User, name: str) -> str | None:
    match name:
        case "username":
            return user.username
        case "sub":
            return user.sub
        case "cognito:user_status":
            return user.status
        case "status":
            return "Enabled" if user.enabled else "Disabled"
    return user.attributes.get(name)
