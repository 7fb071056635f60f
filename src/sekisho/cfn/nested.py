"""Nested stacks: a stack as a resource of another.

Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sekisho.cfn.errors import TemplateError
from sekisho.cfn.failures import fail_resource
from sekisho.cfn.handlers import desired_of
from sekisho.cfn.lookup import identify
from sekisho.cfn.plan import nested_differs, nested_input
from sekisho.cfn.template import Template
from sekisho.cfn.work import Work
from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import (
    ResourceVersion,
    Stack,
    StackEvent,
    StackInput,
    StackResource,
    Status,
    Touched,
)

_GOOD = (Status.CREATE_COMPLETE, Status.UPDATE_COMPLETE)
_LONGEST_NAME = 128


def apply_nested(
    work: Work, template: Template, resource: StackResource, properties: Mapping[str, Any]
) -> Iterator[StackEvent]:
    """Bring a nested stack to what the template around it asks for.

    Raises:
        ResourceFailedError: it could not be done.
    """
    location = template.document.location(("Resources", resource.logical_id, "Properties", "TemplateURL"))
    try:
        given = nested_input(work, properties)
        if resource.current is None:
            yield work.set_resource(resource, Status.CREATE_IN_PROGRESS)
            resource, events = _begin_create(work, resource, properties, given)
            yield from events
        elif _is_at_rest(work, resource) and nested_differs(work, resource, properties):
            resource, events = _begin_update(work, resource, given)
            yield from events
    except TemplateError as error:
        yield from fail_resource(work, resource, error.message, error.location or location)
    except ServiceError as error:
        yield from fail_resource(work, resource, error.message, location)
    if resource.current is None:
        return
    yield from work.runner.run(resource.current.physical_id)
    yield from _settle(work, resource, properties, location)


def _is_at_rest(work: Work, resource: StackResource) -> bool:
    if resource.current is None:
        return False
    return not work.stack_of(resource.current.physical_id).status.endswith("_IN_PROGRESS")


def _begin_create(
    work: Work, resource: StackResource, properties: Mapping[str, Any], given: StackInput
) -> tuple[StackResource, list[StackEvent]]:
    identity = identify(work.stack, resource.logical_id, 0)
    name = desired_of(identity, properties).generated_name(_LONGEST_NAME)
    root = work.stack.root_id or work.stack.id
    begun = []
    child_id = _find_child(work, name)
    if child_id is None:
        begun = [
            work.runner.begin_create(name, work.stack.region, given, parent_id=work.stack.id, root_id=root)
        ]
        child_id = begun[0].stack_id
    version = ResourceVersion(child_id, dict(properties), {}, child_id)
    created = replace(resource, current=version, touched=Touched.CREATED)
    initiated = work.set_resource(created, Status.CREATE_IN_PROGRESS, "Resource creation Initiated")
    return work.resources[resource.logical_id], [*begun, initiated]


def _find_child(work: Work, name: str) -> str | None:
    """Find the nested stack that an interrupted run began and did not get to record."""
    with work.parts.store.read() as state:
        for stack in state.list(Stack, work.stack.scope):
            if stack.name == name and stack.parent_id == work.stack.id and stack.deleted is None:
                return stack.id
    return None


def _begin_update(
    work: Work, resource: StackResource, given: StackInput
) -> tuple[StackResource, list[StackEvent]]:
    current = resource.current
    if current is None:
        return resource, []
    changing = resource
    if resource.touched is Touched.NO:
        before = work.stack_of(current.physical_id).applied
        changing = replace(resource, previous=current, touched=Touched.UPDATED, nested_before=before)
    events = [work.set_resource(changing, Status.UPDATE_IN_PROGRESS)]
    events += _try_update(work, current.physical_id, given)
    return work.resources[resource.logical_id], events


def _try_update(work: Work, stack_id: str, given: StackInput) -> list[StackEvent]:
    try:
        return [work.runner.begin_update(stack_id, given)]
    except ServiceError as error:
        if error.message != "No updates are to be performed.":
            raise
        return []


def _settle(
    work: Work, resource: StackResource, properties: Mapping[str, Any], location: str
) -> Iterator[StackEvent]:
    """Record how the nested stack has ended up."""
    current = resource.current
    if current is None:
        return
    child = work.stack_of(current.physical_id)
    creating = resource.touched is Touched.CREATED
    if child.status not in _GOOD and resource.touched is not Touched.NO:
        verb = "created" if creating else "updated"
        reason = f"Embedded stack {child.id} was not successfully {verb}: {child.reason}"
        yield from fail_resource(work, resource, reason, location)
    attributes = {f"Outputs.{output.key}": output.value for output in child.outputs}
    version = replace(current, properties=dict(properties), attributes=attributes)
    settled = replace(resource, current=version)
    if resource.status.endswith("_IN_PROGRESS"):
        yield work.set_resource(settled, Status.CREATE_COMPLETE if creating else Status.UPDATE_COMPLETE)
    elif settled != work.resources.get(resource.logical_id):
        with work.step() as step:
            step.put(settled)


def restore_nested(work: Work, resource: StackResource) -> Iterator[StackEvent]:
    """Return a nested stack to what it was made from before the running operation.

    Raises:
        ServiceError: it does not return.
    """
    current, previous, before = resource.current, resource.previous, resource.nested_before
    if current is None or previous is None or before is None:
        return
    yield work.set_resource(resource, Status.UPDATE_IN_PROGRESS)
    yield from work.runner.run(current.physical_id)
    yield from _try_update(work, current.physical_id, before)
    yield from work.runner.run(current.physical_id)
    child = work.stack_of(current.physical_id)
    if child.status not in (*_GOOD, Status.UPDATE_ROLLBACK_COMPLETE):
        raise ServiceError("ValidationError", f"Embedded stack {child.id} is in status {child.status}")
    restored = replace(resource, current=previous, previous=None, touched=Touched.NO, nested_before=None)
    yield work.set_resource(restored, Status.UPDATE_COMPLETE)


def delete_nested(work: Work, current: ResourceVersion) -> Iterator[StackEvent]:
    """Delete a nested stack and everything in it.

    Raises:
        ServiceError: something in it cannot be deleted.
    """
    if work.stack_of(current.physical_id).deleted is not None:
        return
    yield work.runner.begin_delete(current.physical_id)
    yield from work.runner.run(current.physical_id)
    child = work.stack_of(current.physical_id)
    if child.deleted is None:
        raise ServiceError("ValidationError", f"Embedded stack {child.id} was not deleted: {child.reason}")
