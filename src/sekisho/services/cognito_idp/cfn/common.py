"""What the types of this service have in common."""

from collections.abc import Mapping
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Calls

SERVICE = "cognito-idp"
NAME_LIMIT = 128
"""Most characters of the name of a pool, an app client or a group."""

POOL = frozenset({"UserPoolId"})


def pick(properties: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the properties of those names that are given."""
    return {name: properties[name] for name in names if name in properties}


def delete(calls: Calls, operation: str, params: Mapping[str, Any]) -> None:
    """Delete, taking what is gone already for deleted."""
    try:
        calls(operation, params)
    except ServiceError as error:
        if error.code not in ("ResourceNotFoundException", "UserNotFoundException"):
            raise
