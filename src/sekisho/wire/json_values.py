"""Values of a model's shapes to and from JSON, for both JSON protocols.

https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#shape-serialization
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from sekisho.kernel.errors import ServiceError
from sekisho.wire.scalars import (
    EPOCH,
    MalformedValueError,
    check_text,
    decode_base64,
    encode_base64,
    format_time,
    from_epoch,
    parse_time,
    refusal,
    type_word,
)
from sekisho.wire.validate import member_path, unknown_member

SERIALIZATION = "SerializationException"

_NUMBERS: Mapping[str, tuple[type, ...]] = {
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
}


def load_json(body: bytes, code: str = SERIALIZATION, prefix: str = "") -> Any:
    """Return the JSON value of a body.

    Raises:
        ServiceError: the body is not JSON, or nested too deeply; with the given code.
    """
    try:
        return json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        # A decoder's message holds a position, never a part of the body.
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "it is not valid JSON"
        raise ServiceError(code, f"{prefix or 'Could not parse request body into json: '}{reason}") from None


def dump_json(value: Any) -> bytes:
    """Return a JSON value as compact UTF-8."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def decode_members(service: str, members: Mapping[str, Shape], value: Any, path: str) -> dict[str, Any]:
    """Return the members of a structure from a JSON object, by the model's names.

    ``null`` means absent. ``__type`` is a hint for clients and is skipped.

    Raises:
        ServiceError: a member has the wrong type or is not known to the model.
    """
    if not isinstance(value, dict):
        raise refusal(SERIALIZATION, f"{_start_of(value)} found where not expected", path)
    names = {shape.serialization.get("name", name): name for name, shape in members.items()}
    decoded = {}
    for wire_name, item in value.items():
        name = names.get(wire_name)
        if name is None:
            if wire_name == "__type":
                continue
            raise unknown_member(service, wire_name, path)
        if item is not None:
            decoded[name] = _decode(service, members[name], item, member_path(path, name))
    return decoded


def _decode(service: str, shape: Shape, value: Any, path: str) -> Any:
    if shape.metadata.get("document"):
        return value
    if isinstance(shape, StructureShape):
        return decode_members(service, shape.members, value, path)
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [
            None if item is None else _decode(service, shape.member, item, f"{path}.{number}.member")
            for number, item in enumerate(value, 1)
        ]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {
            _decode_scalar(shape.key, key, path): None
            if item is None
            else _decode(service, shape.value, item, path)
            for key, item in value.items()
        }
    return _decode_scalar(shape, value, path)


def _decode_scalar(shape: Shape, value: Any, path: str) -> Any:
    try:
        match shape.type_name, value:
            case (("string" | "character"), str()):
                return check_text(value)
            case "boolean", bool():
                return value
            case "timestamp", str():
                return parse_time(value)
            case "timestamp", int() | float() if not isinstance(value, bool):
                return from_epoch(value)
            case "blob", str():
                return decode_base64(value)
        if not isinstance(value, bool) and isinstance(value, _NUMBERS.get(shape.type_name, ())):
            return value
    except MalformedValueError as error:
        raise refusal(SERIALIZATION, error, path) from None
    if isinstance(value, dict | list):
        raise refusal(SERIALIZATION, f"{_start_of(value)} found where not expected", path)
    raise refusal(SERIALIZATION, f"{_start_of(value)} can not be converted to {type_word(shape)}", path)


def encode_members(members: Mapping[str, Shape], value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a structure as a JSON object; members that are None are left out.

    Raises:
        ValueError: the value has a member that the model does not know: a bug of the operation.
    """
    unknown = value.keys() - members.keys()
    if unknown:
        raise ValueError(f"the model has no members {sorted(unknown)}")
    return {
        members[name].serialization.get("name", name): encode_json(members[name], item)
        for name, item in value.items()
        if item is not None
    }


def encode_json(shape: Shape, value: Any) -> Any:
    """Return a value as JSON. Times are epoch seconds unless the model says otherwise."""
    if shape.metadata.get("document"):
        return value
    if isinstance(shape, StructureShape):
        return encode_members(shape.members, value)
    if isinstance(shape, ListShape):
        return [encode_json(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {str(key): encode_json(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp":
        return format_time(value, shape.serialization.get("timestampFormat", EPOCH))
    return encode_base64(value) if shape.type_name == "blob" else value


def _start_of(value: Any) -> str:
    """Return what was met on the wire as AWS's deserializers name it."""
    match value:
        case bool():
            return "TRUE_VALUE" if value else "FALSE_VALUE"
        case int() | float():
            return "NUMBER_VALUE"
        case str():
            return "STRING_VALUE"
        case list():
            return "Start of list"
        case None:
            return "NULL_VALUE"
        case _:
            return "Start of structure or map"


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
