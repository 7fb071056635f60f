"""Turns the loosely typed scalars of templates into the types that a model asks for.

CloudFormation takes ``"80"`` for a number and ``80`` for a string:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {"true": True, "false": False}


def coerce_input(operation_model: OperationModel, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of the parameters with every scalar in the type of its member.

    Total: what cannot be converted, and what the model does not know, is left for ``check_input`` to refuse.
    """
    shape = operation_model.input_shape
    return dict(params) if shape is None else _coerce(shape, params)


def _coerce(shape: Shape, value: Any) -> Any:
    if shape.metadata.get("document"):
        return value
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        members = shape.members
        return {
            name: _coerce(members[name], item) if name in members else item for name, item in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list | tuple):
        return [_coerce(shape.member, item) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return {_coerce(shape.key, key): _coerce(shape.value, item) for key, item in value.items()}
    return _coerce_scalar(shape.type_name, value)


def _coerce_scalar(type_name: str, value: Any) -> Any:  # noqa: PLR0911 - one line for each conversion
    match type_name, value:
        case "string", bool():
            return "true" if value else "false"
        case "string", int() | float():
            return str(value)
        case "boolean", str():
            return _BOOLEANS.get(value.lower(), value)
        case (("integer" | "long"), str()) if _INTEGER.fullmatch(value):
            return int(value)
        case (("integer" | "long"), float()) if value.is_integer():
            return int(value)
        case (("float" | "double"), str()) if _NUMBER.fullmatch(value):
            return float(value)
        case "timestamp", str():
            return _parse_time(value)
        case _:
            return value


def _parse_time(text: str) -> datetime | str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
