"""What a template asks for under given parameters: checked, conditions decided, resources in order.

Sections and attributes: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.cfn.conditions import Conditions
from sekisho.cfn.document import Document, Path
from sekisho.cfn.graph import CircularDependencyError, sort_by_dependency
from sekisho.cfn.intrinsics import NoResources, Resolver, Scope
from sekisho.cfn.parameters import resolve_parameters
from sekisho.cfn.references import Reference, find_references
from sekisho.cfn.rules import check_rules
from sekisho.cfn.types import TypeCatalogue

# fmt: off
_SECTIONS = frozenset((
    "AWSTemplateFormatVersion", "Conditions", "Description", "Globals", "Hooks", "Mappings", "Metadata",
    "Outputs", "Parameters", "Resources", "Rules", "Transform",
))
_ATTRIBUTES = frozenset((
    "Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "Properties", "Type",
    "UpdatePolicy", "UpdateReplacePolicy",
))
# fmt: on
_POLICIES = ("Delete", "Retain", "Snapshot", "RetainExceptOnCreate")


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a stack lives: the values of the pseudo parameters."""

    account_id: str
    region: str
    stack_name: str
    stack_id: str

    def pseudo_parameters(self) -> dict[str, str | list[str]]:
        """Return the pseudo parameters.

        Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
        """
        return {
            "AWS::AccountId": self.account_id,
            "AWS::NotificationARNs": [],
            "AWS::Partition": "aws",
            "AWS::Region": self.region,
            "AWS::StackId": self.stack_id,
            "AWS::StackName": self.stack_name,
            "AWS::URLSuffix": "amazonaws.com",
        }


@dataclass(frozen=True, slots=True)
class ResourceSpec:
    """One resource that the template asks for.

    Attributes:
        properties: as written, functions and all.
        depends_on: logical ids of the resources that it needs, by reference or ``DependsOn``.
        deletion_policy: what becomes of it when it leaves the stack.
        update_replace_policy: what becomes of the old one when it is replaced.
    """

    logical_id: str
    type: str
    properties: Mapping[str, Any]
    depends_on: tuple[str, ...]
    deletion_policy: str
    update_replace_policy: str

    @property
    def path(self) -> Path:
        """Return its place in the template."""
        return ("Resources", self.logical_id)


@dataclass(frozen=True)
class Template:
    """A template under given parameters.

    Attributes:
        resources: those whose condition holds, in order of dependency.
        outputs: those whose condition holds, as written.
    """

    document: Document
    scope: Scope
    resources: Mapping[str, ResourceSpec]
    outputs: Mapping[str, Mapping[str, Any]]

    @property
    def description(self) -> str | None:
        """Return the template's description."""
        description = self.document.body.get("Description")
        return description if isinstance(description, str) else None


def prepare_template(
    document: Document, given: Mapping[str, str], environment: Environment, types: TypeCatalogue
) -> Template:
    """Check the template and decide what it asks for.

    Raises:
        TemplateError: the template is not valid, or a parameter is not.
    """
    check_structure(document, types)
    parameters = {**resolve_parameters(document, given), **environment.pseudo_parameters()}
    conditions = Conditions(document, parameters)
    scope = Scope(document, parameters, {name: conditions[name] for name in conditions})
    check_rules(scope)
    check_references(document, types)
    kept = [name for name, body in document.section("Resources").items() if _is_wanted(scope, body, name)]
    specs = {name: _load_resource(scope, name, frozenset(kept)) for name in kept}
    try:
        # CFN-01
        order = sort_by_dependency({name: spec.depends_on for name, spec in specs.items()})
    except CircularDependencyError as error:
        raise document.error(str(error), ("Resources", error.members[0])) from None
    outputs = {
        name: body
        for name, body in document.section("Outputs").items()
        if _is_wanted(scope, body, name, "Outputs")
    }
    return Template(document, scope, {name: specs[name] for name in order}, outputs)


# ---------------------------------------------------------------- structure


def check_structure(document: Document, types: TypeCatalogue) -> None:
    """Check sections, resource attributes and resource types.

    Raises:
        TemplateError: something is missing, unknown or of the wrong kind.
    """
    unknown = [name for name in document.body if name not in _SECTIONS]
    if unknown:
        raise document.error(f"Invalid template property or properties [{', '.join(unknown)}]", (unknown[0],))
    for name in ("Parameters", "Mappings", "Conditions", "Resources", "Outputs", "Rules"):
        if not isinstance(document.body.get(name, {}), dict):
            raise document.error(f"Template format error: {name} must be an object.", (name,))
    resources = document.section("Resources")
    if not resources:
        raise document.error("Template format error: At least one Resources member must be defined.")
    for name, body in resources.items():
        _check_resource(document, name, body)
    strange = {
        body["Type"]: name
        for name, body in reversed(list(resources.items()))
        if not types.is_known(body["Type"])
    }
    if strange:  # CFN-11
        names = sorted(strange)
        raise document.error(
            f"Template format error: Unrecognized resource types: [{', '.join(names)}]",
            ("Resources", strange[names[0]], "Type"),
        )
    for name, body in document.section("Outputs").items():
        _check_output(document, name, body)


def _check_resource(document: Document, name: str, body: Any) -> None:
    path: Path = ("Resources", name)
    if not name.isalnum() or not name.isascii():
        raise document.error(f"Template format error: Resource name {name} is non alphanumeric.", path)
    if not isinstance(body, dict) or not isinstance(body.get("Type"), str):
        raise document.error(
            f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member.",
            path,
        )
    for attribute in body:
        if attribute not in _ATTRIBUTES:
            raise document.error(f"Invalid template resource property '{attribute}'", (*path, attribute))
    if not all(isinstance(needed, str) for needed in _depends_on(body)):
        raise document.error(
            "Template format error: Every DependsOn value must be a string.", (*path, "DependsOn")
        )
    if not isinstance(body.get("Properties", {}), dict):
        raise document.error(
            f"Template format error: [/Resources/{name}/Properties] must be an object.", (*path, "Properties")
        )
    _check_nulls(document, body.get("Properties", {}), (*path, "Properties"))


def _check_output(document: Document, name: str, body: Any) -> None:
    path: Path = ("Outputs", name)
    if not isinstance(body, dict) or "Value" not in body:
        raise document.error("Template format error: Every Outputs member must contain a Value object", path)
    _check_nulls(document, body, path)


def _check_nulls(document: Document, value: Any, path: Path) -> None:
    if value is None:
        place = "/".join(str(step) for step in path)
        raise document.error(f"[/{place}] 'null' values are not allowed in templates", path)
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, member in members:
        _check_nulls(document, member, (*path, step))


# ---------------------------------------------------------------- references


def check_references(document: Document, types: TypeCatalogue) -> None:
    """Check that every reference names something of the template, and every attribute is one of its type.

    Raises:
        TemplateError: a reference leads nowhere.
    """
    resources = document.section("Resources")
    known = {*resources, *document.section("Parameters")}
    for section, suffix in (("Resources", " in the Resources block"), ("Outputs", " in the Outputs block")):
        strange: dict[str, Path] = {}
        for reference in _all_references(document, section):
            if not _is_known(reference, known, resources):
                strange.setdefault(reference.name, reference.path)
            elif reference.attribute and not types.has_attribute(
                resources[reference.name]["Type"], reference.attribute
            ):
                raise _unsupported_attribute(document, reference, resources[reference.name]["Type"])
        if strange:
            prefix = "Template format error: " if section == "Resources" else ""
            raise document.error(
                f"{prefix}Unresolved resource dependencies [{', '.join(sorted(strange))}]{suffix} of the "
                "template",
                next(iter(strange.values())),
            )


def _all_references(document: Document, section: str) -> Iterator[Reference]:
    for name, body in document.section(section).items():
        path: Path = (section, name)
        yield from find_references(document, body.get("Properties", {}), (*path, "Properties"))
        yield from find_references(document, body.get("Value", ""), (*path, "Value"))
        yield from find_references(document, body.get("Export", {}), (*path, "Export"))
        for needed in _depends_on(body):
            yield Reference(needed, None, "DependsOn", (*path, "DependsOn"))


def _is_known(reference: Reference, known: set[str], resources: Mapping[str, Any]) -> bool:
    if reference.function == "DependsOn" or reference.attribute is not None:
        return reference.name in resources
    return reference.name in known or reference.name.startswith("AWS::")


def _unsupported_attribute(document: Document, reference: Reference, type_name: str) -> Exception:
    place = "/".join(str(step) for step in reference.path)
    return document.error(
        f"[Error] /{place}: Resource type {type_name} does not support attribute {{{reference.attribute}}}.",
        reference.path,
    )


def _depends_on(body: Mapping[str, Any]) -> list[str]:
    needed = body.get("DependsOn", [])
    return needed if isinstance(needed, list) else [needed]


# ---------------------------------------------------------------- resources


def _is_wanted(scope: Scope, body: Mapping[str, Any], name: str, section: str = "Resources") -> bool:
    condition = body.get("Condition")
    if condition is None:
        return True
    if not isinstance(condition, str) or condition not in scope.conditions:
        raise scope.document.error(
            f"Template format error: Unresolved condition dependency {condition} in the {section} block of "
            "the template",
            (section, name, "Condition"),
        )
    return scope.conditions[condition]


def _load_resource(scope: Scope, name: str, kept: frozenset[str]) -> ResourceSpec:
    document = scope.document
    body = document.section("Resources")[name]
    path: Path = ("Resources", name)
    properties = body.get("Properties", {})
    needed: dict[str, None] = dict.fromkeys(one for one in _depends_on(body) if one in kept)
    for reference in find_references(document, properties, (*path, "Properties"), scope.conditions):
        if reference.name in kept:
            needed[reference.name] = None
        elif reference.name in document.section("Resources"):
            raise document.error(
                f"Template format error: Unresolved resource dependencies [{reference.name}] in the "
                "Resources block of the template",
                reference.path,
            )
    return ResourceSpec(
        name,
        body["Type"],
        properties,
        tuple(needed),
        _policy(scope, body, path, "DeletionPolicy"),
        _policy(scope, body, path, "UpdateReplacePolicy"),
    )


def _policy(scope: Scope, body: Mapping[str, Any], path: Path, name: str) -> str:
    policy = Resolver(scope, NoResources()).resolve(body.get(name, "Delete"), (*path, name))
    if policy not in _POLICIES:
        raise scope.document.error(
            f"Template error: {name} must be one of [{', '.join(_POLICIES)}]", (*path, name)
        )
    return str(policy)
