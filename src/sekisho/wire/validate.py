"""Checks an operation's input against the constraints of its model, and says what is wrong in AWS's words.

The constraints are Smithy's (https://smithy.io/2.0/spec/constraint-traits.html), the wording is what AWS's
services answer: ``1 validation error detected: Value 'V' at 'path' failed to satisfy constraint: Member …``.
A value that the model marks as sensitive is left out of the message, as AWS does.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from sekisho.kernel.errors import ServiceError
from sekisho.wire.patterns import is_match

_CODES = {
    "elbv2": "ValidationError",
    "cloudformation": "ValidationError",
    "lambda": "ValidationException",
    "cognito-idp": "InvalidParameterException",
    "apigatewayv2": "BadRequestException",
}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (datetime,),
    "blob": (bytes, bytearray),
    "structure": (Mapping,),
    "map": (Mapping,),
    "list": (list, tuple),
}
_BITS = {"integer": 31, "long": 63}
_SIZED = frozenset({"string", "blob", "list", "map"})
_LONGEST_ECHO = 1024


def validation_code(service: str) -> str:
    """Return the error code with which a service refuses an input, by botocore's name of the service."""
    return _CODES.get(service, "ValidationException")


def check_input(operation_model: OperationModel, params: Mapping[str, Any]) -> None:
    """Check the parameters of an operation against its model.

    Raises:
        ServiceError: a member is unknown, missing, of the wrong type, or breaks a constraint; each is named.
    """
    shape = operation_model.input_shape
    if shape is not None:
        failures = list(_find_failures(shape, params, "", secret=False))
    else:
        failures = [_unknown(name, "") for name in params]
    if failures:
        raise _refusal(operation_model.service_model.service_name, failures)


def unknown_member(service: str, name: str, path: str) -> ServiceError:
    """Return the refusal of a member below ``path`` that the service's model does not have.

    AWS ignores such a member; accepting what is then not done would be pretending.
    """
    return _refusal(service, [_unknown(name, path)])


def member_path(path: str, name: str) -> str:
    """Return the path of a member below ``path`` as AWS writes it: ``actions.1.member.type``."""
    step = name[:1].lower() + name[1:]
    return f"{path}.{step}" if path else step


def _find_failures(shape: Shape, value: Any, path: str, *, secret: bool) -> Iterator[str]:
    secret = secret or bool(shape.metadata.get("sensitive"))
    if shape.metadata.get("document"):
        return
    if not _has_type(shape, value):
        yield _failure(path, None, True, f"Member must be of type {shape.type_name}")
        return
    for constraint in _broken_constraints(shape, value):
        yield _failure(path, value, secret, constraint)
    if isinstance(shape, StructureShape):
        yield from _structure_failures(shape, value, path, secret=secret)
    elif isinstance(shape, ListShape):
        yield from _list_failures(shape, value, path, secret=secret)
    elif isinstance(shape, MapShape):
        yield from _map_failures(shape, value, path, secret=secret)


def _structure_failures(
    shape: StructureShape, value: Mapping[str, Any], path: str, *, secret: bool
) -> Iterator[str]:
    for name in value:
        if name not in shape.members:
            yield _unknown(name, path)
    for name in shape.required_members:
        if value.get(name) is None:
            yield _null(member_path(path, name))
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _find_failures(member, value[name], member_path(path, name), secret=secret)


def _list_failures(shape: ListShape, value: list[Any], path: str, *, secret: bool) -> Iterator[str]:
    member = shape.member
    if not _is_container(member) and all(item is None or _has_type(member, item) for item in value):
        # AWS answers for the list as a whole when its members are scalars.
        if any(item is None or any(_broken_constraints(member, item)) for item in value):
            rules = ", ".join([*_all_constraints(member), "Member must not be null"])
            hidden = secret or bool(member.metadata.get("sensitive"))
            yield _failure(path, value, hidden, f"Member must satisfy constraint: [{rules}]")
        return
    for number, item in enumerate(value, 1):
        step = f"{path}.{number}.member"
        if item is None:
            yield _null(step)
        else:
            yield from _find_failures(member, item, step, secret=secret)


def _map_failures(shape: MapShape, value: Mapping[Any, Any], path: str, *, secret: bool) -> Iterator[str]:
    hidden = secret or any(part.metadata.get("sensitive") for part in (shape.key, shape.value))
    if any(not _has_type(shape.key, key) or any(_broken_constraints(shape.key, key)) for key in value):
        rules = ", ".join(_all_constraints(shape.key) or [f"Member must be of type {shape.key.type_name}"])
        yield _failure(path, value, hidden, f"Map keys must satisfy constraint: [{rules}]")
    for key, item in value.items():
        if item is None or _is_container(shape.value) or not _has_type(shape.value, item):
            step = f"{path}.{'***' if hidden else _clip(str(key))}"
            if item is None:
                yield _null(step)
            else:
                yield from _find_failures(shape.value, item, step, secret=hidden)
        elif any(_broken_constraints(shape.value, item)):
            rules = ", ".join([*_all_constraints(shape.value), "Member must not be null"])
            yield _failure(path, {key: item}, hidden, f"Map value must satisfy constraint: [{rules}]")


def _has_type(shape: Shape, value: Any) -> bool:
    if isinstance(value, bool) and shape.type_name != "boolean":
        return False
    return isinstance(value, _TYPES[shape.type_name])


def _is_container(shape: Shape) -> bool:
    return shape.type_name in ("structure", "list", "map")


def _broken_constraints(shape: Shape, value: Any) -> Iterator[str]:
    """Yield the constraints of the shape itself that a value of the right type breaks."""
    metadata = shape.metadata
    sized = shape.type_name in _SIZED
    size = len(value) if sized else value if isinstance(value, int | float) else None
    too_big = False
    if size is not None:
        least, most = _limits(shape)
        too_big = most is not None and not size <= most
        if too_big or (isinstance(size, float) and math.isnan(size)):
            yield _limit_text(shape, "less", most)
        if least is not None and size < least:
            yield _limit_text(shape, "greater", least)
    # A value that is too long is not matched as well: some of the models' patterns take cubic time.
    pattern = metadata.get("pattern")
    if pattern and isinstance(value, str) and not too_big and not is_match(pattern, value):
        yield f"Member must satisfy regular expression pattern: {pattern}"
    enum = metadata.get("enum")
    if enum and value not in enum:
        yield _enum_text(enum)


def _all_constraints(shape: Shape) -> list[str]:
    least, most = (shape.metadata.get("min"), shape.metadata.get("max"))
    texts = []
    if most is not None:
        texts.append(_limit_text(shape, "less", most))
    if least is not None:
        texts.append(_limit_text(shape, "greater", least))
    if pattern := shape.metadata.get("pattern"):
        texts.append(f"Member must satisfy regular expression pattern: {pattern}")
    if enum := shape.metadata.get("enum"):
        texts.append(_enum_text(enum))
    return texts


def _limits(shape: Shape) -> tuple[float | None, float | None]:
    """Return the least and the greatest size or value, those of the type included."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    bits = _BITS.get(shape.type_name)
    if bits is not None:
        least = -(2**bits) if least is None else least
        most = 2**bits - 1 if most is None else most
    return least, most


def _limit_text(shape: Shape, direction: str, limit: float | None) -> str:
    kind = "length" if shape.type_name in _SIZED else "value"
    return f"Member must have {kind} {direction} than or equal to {limit}"


def _enum_text(enum: list[str]) -> str:
    return f"Member must satisfy enum value set: [{', '.join(enum)}]"


def _failure(path: str, value: Any, secret: bool, constraint: str) -> str:
    echo = None if secret else _echo(value)
    shown = "Value" if echo is None else f"Value '{echo}'"
    return f"{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _refusal(service: str, failures: list[str]) -> ServiceError:
    count = f"{len(failures)} validation error{'s' if len(failures) > 1 else ''} detected"
    return ServiceError(validation_code(service), f"{count}: {'; '.join(failures)}")


def _null(path: str) -> str:
    return f"Value null at '{path}' failed to satisfy constraint: Member must not be null"


def _unknown(name: str, path: str) -> str:
    # A template may bring a name that is no text.
    shown = f"{path}.{name}" if path else str(name)
    return f"Value at '{_clip(shown)}' failed to satisfy constraint: Member is not known"


def _echo(value: Any) -> str | None:
    """Return a value as AWS prints it, or None for what is left out: structures may hold secrets."""
    if isinstance(value, bytes | bytearray):
        return None
    if isinstance(value, list | tuple):
        parts = [_echo(item) for item in value]
        return None if None in parts else _clip(f"[{', '.join(part or '' for part in parts)}]")
    if isinstance(value, Mapping):
        pairs = [(str(key), _echo(item)) for key, item in value.items()]
        if any(text is None for _, text in pairs):
            return None
        return _clip("{" + ", ".join(f"{key}={text}" for key, text in pairs) + "}")
    return str(value).lower() if isinstance(value, bool) else _clip(str(value))


def _clip(text: str) -> str:
    return text if len(text) <= _LONGEST_ECHO else f"{text[:_LONGEST_ECHO]}..."
