"""Bodies checked against their shape, with the messages of the validator that Auth0 uses (z-schema)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sekisho.issuer.management.errors import invalid_body


class Support(StrEnum):
    """What becomes of a member; each is in exactly one set."""

    ENFORCED = "enforced"  # it changes tokens or who gets them
    STORED = "stored"  # kept and echoed
    REJECTED = "rejected"  # refused with a clear error


@dataclass(frozen=True, slots=True)
class Member:
    """What a member of a shape may hold.

    Attributes:
        support: what becomes of it.
        kind: ``string``, ``integer``, ``boolean``, ``array``, ``object`` or ``any``.
        shortest: least characters of a string, least value of an integer.
        longest: most characters of a string, greatest value of an integer.
        choices: the strings that are allowed, or all of them.
        items: what an array holds.
        members: what an object may hold, or anything.
        required: names of members that an object must hold.
        forbidden: characters that a string must not contain.
        hint: why other choices are refused.
    """

    support: Support
    kind: str = "any"
    shortest: int = 0
    longest: int | None = None
    choices: tuple[str, ...] = ()
    items: "Member | None" = None
    members: "Mapping[str, Member] | None" = None
    required: tuple[str, ...] = ()
    forbidden: str = ""
    hint: str = ""


Shape = Mapping[str, Member]


def check_payload(shape: Shape, body: Any, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the body without the members that are null.

    Raises:
        ManagementError: it is no object, lacks a member, has one too many or one that is not supported.
    """
    if not isinstance(body, dict):
        raise invalid_body(f"Expected type object but found type {_kind_of(body)}")
    return _check_members(shape, body, required, "")


def select(shape: Shape, payload: Mapping[str, Any], support: Support) -> dict[str, Any]:
    """Return the members of a checked payload that have that support."""
    return {name: value for name, value in payload.items() if shape[name].support is support}


def _check_members(
    shape: Shape, body: dict[str, Any], required: tuple[str, ...], prefix: str
) -> dict[str, Any]:
    for name in required:
        if body.get(name) is None:
            raise invalid_body(f"Missing required property: {name}", prefix.rstrip("."))
    for name, value in body.items():
        if name not in shape:
            raise invalid_body(f"Additional properties not allowed: {name}", prefix.rstrip("."))
        if value is not None:
            _check(shape[name], value, prefix + name)
    return {name: value for name, value in body.items() if value is not None}


def _check(member: Member, value: Any, path: str) -> None:
    if member.support is Support.REJECTED:  # AUTH0-27
        raise invalid_body("Sekisho does not support this property", path)
    found = _kind_of(value)
    if member.kind not in ("any", found):
        raise invalid_body(f"Expected type {member.kind} but found type {found}", path)
    if found == "string":
        _check_string(member, value, path)
    elif found == "integer":
        if value < member.shortest:
            raise invalid_body(f"Value {value} is less than minimum {member.shortest}", path)
        if member.longest is not None and value > member.longest:
            raise invalid_body(f"Value {value} is greater than maximum {member.longest}", path)
    elif found == "array" and member.items is not None:
        for number, item in enumerate(value):
            _check(member.items, item, f"{path}[{number}]")
    elif found == "object" and member.members is not None:
        _check_members(member.members, value, member.required, f"{path}.")


def _check_string(member: Member, value: str, path: str) -> None:
    if len(value) < member.shortest:
        raise invalid_body(f"String is too short ({len(value)} chars), minimum {member.shortest}", path)
    if member.longest is not None and len(value) > member.longest:
        raise invalid_body(f"String is too long ({len(value)} chars), maximum {member.longest}", path)
    if member.choices and value not in member.choices:
        hint = f" ({member.hint})" if member.hint else ""
        raise invalid_body(f"No enum match for: {value}{hint}", path)
    if set(value) & set(member.forbidden):
        raise invalid_body(f"String does not match pattern ^[^{member.forbidden}]+$: {value}", path)


def _kind_of(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")
