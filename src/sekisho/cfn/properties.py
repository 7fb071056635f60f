"""Checks the properties of core types, and finds the property that a refusal is about."""

import re
from collections.abc import Mapping
from typing import Any

from sekisho.cfn.document import Document, Path
from sekisho.cfn.shapes import ShapeProblem, find_shape_problem
from sekisho.cfn.template import ResourceSpec, Template
from sekisho.cfn.types import TypeCatalogue
from sekisho.cfn.values import find_function
from sekisho.model.cloudformation import CoreType

_MEMBER_PATH = re.compile(r"'([a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)*)'")
_UNSUPPORTED = "Encountered unsupported property"
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]+")


def check_properties(template: Template, types: TypeCatalogue) -> None:
    """Check the properties of every core resource as far as they can be known before anything is resolved.

    Raises:
        TemplateError: a property is not supported, missing or built wrongly; type, property and line are named.
    """
    for spec in template.resources.values():
        core = types.core(spec.type)
        # A function in place of the whole object is resolved only when its turn comes.
        if core is None or find_function(spec.properties) is not None:
            continue
        found = find_problem(core, spec.properties)
        if found is not None:
            path: Path = (*spec.path, "Properties", *found.path)
            raise template.document.error(problem_text(spec, found), path)


def find_problem(core: CoreType, properties: Mapping[str, Any]) -> ShapeProblem | None:
    """Return the first thing that is wrong with the properties of a core resource, or None."""
    for name in properties:
        if name not in core.properties:
            return ShapeProblem((name,), f"{_UNSUPPORTED} {name}")
    for name in sorted(core.required - properties.keys()):
        return ShapeProblem((), f"#: required key [{name}] not found")
    return find_shape_problem(core.name, properties)


def problem_text(spec: ResourceSpec, problem: ShapeProblem) -> str:
    """Return what AWS says of a property that is wrong."""
    if problem.text.startswith(_UNSUPPORTED):
        return f"{problem.text} in resource {spec.logical_id} of type {spec.type}"
    return f"Properties validation failed for resource {spec.logical_id} with message: [{problem.text}]"


def find_origin(origins: Mapping[Path, Path], path: Path) -> Path:
    """Return where a resolved value came from, or the nearest one around it whose origin is known."""
    for length in range(len(path), -1, -1):
        if path[:length] in origins:
            return origins[path[:length]]
    return ()


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
