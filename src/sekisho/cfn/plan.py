"""What an update would do, found out without doing any of it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sekisho.cfn.errors import TemplateError
from sekisho.cfn.intrinsics import Lookup
from sekisho.cfn.outputs import resolve_outputs
from sekisho.cfn.resolve import needs_replacement, resolve_resource
from sekisho.cfn.template import ResourceSpec, Template
from sekisho.cfn.types import STACK
from sekisho.cfn.values import is_scalar, to_text
from sekisho.cfn.work import Work
from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import ResourceChange, StackInput, StackResource

ADD, MODIFY, REMOVE = "Add", "Modify", "Remove"


class UnknownValue(Exception):  # noqa: N818 - a signal, not an error
    """The value will be known only when the update runs."""


class PlanLookup:
    """Answers references from the resources as they are, except from those that the update makes anew."""

    def __init__(self, known: Lookup) -> None:
        self._known = known
        self.unknown: set[str] = set()

    def ref(self, logical_id: str) -> str:
        """Return what ``Ref`` of the resource is; raises UnknownValue where the update decides."""
        self._check(logical_id)
        return self._known.ref(logical_id)

    def attribute(self, logical_id: str, name: str) -> Any:
        """Return an attribute; raises UnknownValue where the update decides."""
        self._check(logical_id)
        return self._known.attribute(logical_id, name)

    def export(self, name: str) -> str:
        """Return the value of an export."""
        return self._known.export(name)

    def _check(self, logical_id: str) -> None:
        if logical_id in self.unknown:
            raise UnknownValue(logical_id)


def plan_changes(work: Work, template: Template) -> tuple[ResourceChange, ...]:
    """Return what applying the template would do to the resources of the stack.

    Raises:
        TemplateError: a property cannot be resolved.
    """
    lookup = PlanLookup(work.lookup())
    changes = [*_plan_wanted(work, template, lookup)]
    for logical_id, resource in work.resources.items():
        if logical_id not in template.resources:
            changes.append(ResourceChange(logical_id, resource.type, REMOVE, _physical_id(resource)))
    return tuple(changes)


def has_changes(work: Work, template: Template, given: StackInput) -> bool:
    """Tell whether an update would change a resource, an output or a tag."""
    lookup = PlanLookup(work.lookup())
    if any(True for _ in _plan_wanted(work, template, lookup)) or work.resources.keys() - template.resources:
        return True
    applied = work.stack.applied
    if applied is None or applied.tags != given.tags:
        return True
    try:
        return resolve_outputs(template, lookup) != work.stack.outputs
    except TemplateError:
        return True


def _plan_wanted(work: Work, template: Template, lookup: PlanLookup) -> Iterator[ResourceChange]:
    for spec in template.resources.values():
        change = _plan_one(work, template, lookup, spec)
        if change is not None:
            if change.action == ADD or change.replacement != "False":
                lookup.unknown.add(spec.logical_id)
            yield change


def _plan_one(
    work: Work, template: Template, lookup: PlanLookup, spec: ResourceSpec
) -> ResourceChange | None:
    resource = work.resources.get(spec.logical_id)
    if resource is None or resource.current is None:
        return ResourceChange(spec.logical_id, spec.type, ADD)
    current = resource.current
    try:
        wanted = resolve_resource(template, lookup, spec).properties
    except UnknownValue:
        return ResourceChange(spec.logical_id, spec.type, MODIFY, current.physical_id, "Conditional")
    if spec.type == STACK:
        nested = ResourceChange(spec.logical_id, spec.type, MODIFY, current.physical_id, "Conditional")
        return nested if nested_differs(work, resource, wanted) else None
    names = current.properties.keys() | wanted.keys()
    changed = sorted(name for name in names if current.properties.get(name) != wanted.get(name))
    if not changed:
        return None
    replacing = needs_replacement(work, current, spec.type, wanted)
    return ResourceChange(
        spec.logical_id, spec.type, MODIFY, current.physical_id, str(replacing), tuple(changed)
    )


# ---------------------------------------------------------------- nested stacks


def nested_input(work: Work, properties: Mapping[str, Any]) -> StackInput:
    """Return what a nested stack is to be made from.

    Raises:
        ServiceError: its template cannot be found.
    """
    url = str(properties.get("TemplateURL", ""))
    found = work.parts.fetch_template(url, work.given)
    if found is None:
        raise ServiceError("ValidationError", f"TemplateURL must be a supported URL. ({url})")
    parameters = {}
    for name, value in (properties.get("Parameters") or {}).items():
        parameters[name] = (
            ",".join(value) if isinstance(value, list) else to_text(value) if is_scalar(value) else ""
        )
    return replace(found, parameters=parameters, tags=work.given.tags, capabilities=work.given.capabilities)


def nested_differs(work: Work, resource: StackResource, properties: Mapping[str, Any]) -> bool:
    """Tell whether a nested stack would change if it were made from what ``properties`` ask for.

    Raises:
        ServiceError: the template cannot be found, or is refused.
    """
    if resource.current is None:
        return True
    child = Work.open(work.parts, work.runner, resource.current.physical_id)
    applied, wanted = child.stack.applied, nested_input(work, properties)
    if applied is not None and (applied.template, applied.parameters) == (wanted.template, wanted.parameters):
        return False
    return has_changes(child, work.parts.prepare(child.stack, wanted), wanted)


def _physical_id(resource: StackResource) -> str:
    return resource.current.physical_id if resource.current else ""
