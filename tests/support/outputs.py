"""Checking what operations answer against the service models."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from sekisho.wire.models import load_service_model

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "long": int,
    "double": (int, float),
    "boolean": bool,
    "timestamp": datetime,
}


def check_output(service: str, operation: str, output: Mapping[str, Any]) -> None:
    """Check that an output holds only members of the model, each of its type, and all that are required."""
    shape = load_service_model(service).operation_model(operation).output_shape
    if shape is None:
        assert not output
    else:
        _check(shape, output, operation)


def _check(shape: Shape, value: Any, path: str) -> None:
    if isinstance(shape, StructureShape):
        unknown = value.keys() - shape.members.keys()
        assert not unknown, f"{path}: {unknown}"
        missing = set(shape.required_members) - value.keys()
        assert not missing, f"{path}: {missing}"
        for name, inner in value.items():
            _check(shape.members[name], inner, f"{path}.{name}")
    elif isinstance(shape, ListShape):
        for inner in value:
            _check(shape.member, inner, f"{path}[]")
    elif isinstance(shape, MapShape):
        for key, inner in value.items():
            _check(shape.value, inner, f"{path}.{key}")
    else:
        expected = _TYPES.get(shape.type_name, object)
        assert isinstance(value, expected), f"{path}: {value!r}"
        assert isinstance(value, bool) == (shape.type_name == "boolean"), f"{path}: {value!r}"
        enum = shape.metadata.get("enum")
        assert not enum or value in enum, f"{path}: {value}"
