"""What the resource types of Lambda have in common."""

from collections.abc import Mapping
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Applied, Calls, Desired


def pick(properties: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return those of the properties that are given."""
    return {name: properties[name] for name in names if name in properties}


def has_changed(desired: Desired, applied: Applied, *names: str) -> bool:
    """Tell whether one of the properties is not what was applied."""
    return any(desired.properties.get(name) != applied.properties.get(name) for name in names)


def delete_resource(calls: Calls, operation: str, params: Mapping[str, Any]) -> None:
    """Delete, taking what is gone already for deleted."""
    try:
        calls(operation, params)
    except ServiceError as error:
        if error.code != "ResourceNotFoundException":
            raise
