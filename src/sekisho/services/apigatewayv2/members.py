"""Members of AWS's shapes and fields of the model, by tables."""

from collections.abc import Iterable, Mapping
from typing import Any

from sekisho.services.apigatewayv2 import limits
from sekisho.services.apigatewayv2.errors import bad_request

Fields = Mapping[str, str]
"""Member name -> field name."""


def given(request: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """Return the members that a request gives, by the names of their fields; lists as tuples.

    Raises:
        ServiceError: one is too long.
    """
    check_lengths(request, fields)
    found = ((field, request.get(member)) for member, field in fields.items())
    return {field: _frozen(value) for field, value in found if value is not None}


def check_lengths(request: Mapping[str, Any], names: Iterable[str]) -> None:
    """Check that texts are not too long, and that a name has one character at least.

    Raises:
        ServiceError: BadRequestException, naming the member.
    """
    for name in names:
        value, most = request.get(name), limits.LENGTHS.get(name)
        if isinstance(value, str) and most is not None and len(value) > most:
            raise bad_request(f"Invalid length of {name}: it has at most {most} characters")
        if name == "Name" and value == "":
            raise bad_request("Invalid length of Name: it has at least 1 character")


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
