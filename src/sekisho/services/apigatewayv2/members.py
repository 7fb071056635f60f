"""Members of AWS's shapes and fields of the model, by tables."""

from collections.abc import Mapping
from typing import Any

Fields = Mapping[str, str]
"""Member name -> field name."""


def given(request: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """Return the members that a request gives, by the names of their fields; lists as tuples."""
    found = ((field, request.get(member)) for member, field in fields.items())
    return {field: _frozen(value) for field, value in found if value is not None}


def shown(resource: object, fields: Fields) -> dict[str, Any]:
    """Return the members of a resource, without those that are None or empty; tuples as lists."""
    found = ((member, getattr(resource, field)) for member, field in fields.items())
    return {
        member: list(value) if isinstance(value, tuple) else value
        for member, value in found
        if value is not None and (isinstance(value, bool | int) or value)
    }


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
