"""Checks the properties of core types, and finds the property that a refusal is about."""

import re
from collections.abc import Mapping
from typing import Any

from sekisho.cfn.document import Document, Path
from sekisho.cfn.template import ResourceSpec, Template
from sekisho.cfn.types import TypeCatalogue
from sekisho.cfn.values import find_function

_MEMBER_PATH = re.compile(r"'([a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)*)'")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]+")


def check_properties(template: Template, types: TypeCatalogue) -> None:
    """Check that every core resource has only properties that are supported, and all that are required.

    Raises:
        TemplateError: it has not; names type, property and line.
    """
    for spec in template.resources.values():
        core = types.core(spec.type)
        # A function in place of the whole object is resolved only when its turn comes.
        if core is None or find_function(spec.properties) is not None:
            continue
        path: Path = (*spec.path, "Properties")
        unknown = [name for name in spec.properties if name not in core.properties]
        if unknown:
            raise template.document.error(
                f"Encountered unsupported property {unknown[0]} in resource {spec.logical_id} of type {spec.type}",
                (*path, unknown[0]),
            )
        missing = sorted(core.required - spec.properties.keys())
        if missing:
            raise template.document.error(
                f"Properties validation failed for resource {spec.logical_id} with message: "
                f"[#: required key [{missing[0]}] not found]",
                path,
            )


def locate_fault(
    document: Document, spec: ResourceSpec, origins: Mapping[Path, Path], properties: Any, message: str
) -> str:
    """Return the place of the property that a refusal names, or else of the resource.

    ``origins`` says where in the template each resolved property came from.
    """
    for found in (
        _by_member(message, origins),
        _by_value(message, properties),
        _by_name(message, properties),
    ):
        if found is not None and found in origins:
            return document.location(origins[found])
    return document.location(spec.path)


def _by_member(message: str, origins: Mapping[Path, Path]) -> Path | None:
    """Find ``'actions.1.member.jwtValidationConfig.issuer'`` as ``Actions/0/JwtValidationConfig/Issuer``."""
    for match in _MEMBER_PATH.finditer(message):
        path: Path = tuple(
            int(step) - 1 if step.isdigit() else step[:1].upper() + step[1:]
            for step in match.group(1).split(".")
            if step != "member"
        )
        while path:
            if path in origins:
                return path
            path = path[:-1]
    return None


def _by_value(message: str, value: Any, path: Path = ()) -> Path | None:
    """Find the property whose value the message quotes."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        text = str(value)
        return (
            path
            if text and any(quote.format(text) in message for quote in ("'{}'", "[{}]", '"{}"'))
            else None
        )
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, member in members:
        found = _by_value(message, member, (*path, step))
        if found is not None:
            return found
    return None


def _by_name(message: str, properties: Any) -> Path | None:
    """Find the property that the message calls by its name, ``condition`` for ``Conditions`` included."""
    names = {name.lower(): name for name in properties} if isinstance(properties, dict) else {}
    for match in _WORD.finditer(message):
        word = match.group().lower()
        name = names.get(word) or names.get(f"{word}s")
        if name is not None:
            return (name,)
    return None
