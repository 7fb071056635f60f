"""Creates and updates the resources of a stack, in order of dependency, each in a transaction of its own."""

from collections.abc import Iterator
from dataclasses import replace

from sekisho.cfn.errors import TemplateError
from sekisho.cfn.failures import fail_resource
from sekisho.cfn.lookup import StackLookup, identify
from sekisho.cfn.nested import apply_nested
from sekisho.cfn.properties import find_origin, find_problem, locate_fault, problem_text
from sekisho.cfn.reasons import handler_reason
from sekisho.cfn.resolve import Resolved, needs_replacement, resolve_resource
from sekisho.cfn.template import ResourceSpec, Template
from sekisho.cfn.types import STACK
from sekisho.cfn.work import Work
from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import StackEvent, StackResource, Status, Touched

_NEW_PHYSICAL_RESOURCE = (
    "Requested update requires the creation of a new physical resource; hence creating one."
)


def apply_resource(
    work: Work, template: Template, lookup: StackLookup, spec: ResourceSpec
) -> Iterator[StackEvent]:
    """Bring one resource to what the template asks for; does nothing where it is there already.

    Raises:
        ResourceFailedError: it could not be done; the resource is as it was.
    """
    existing = work.resources.get(spec.logical_id)
    resource = existing or StackResource(
        work.stack.id, spec.logical_id, spec.type, Status.CREATE_IN_PROGRESS, work.parts.clock.now()
    )
    resource = replace(
        resource,
        depends_on=spec.depends_on,
        deletion_policy=spec.deletion_policy,
        update_replace_policy=spec.update_replace_policy,
    )
    try:
        resolved = resolve_resource(template, lookup, spec)
    except TemplateError as error:
        yield from fail_resource(work, resource, error.message, error.location)
    core = work.parts.types.core(spec.type)
    problem = find_problem(core, resolved.properties) if core is not None else None
    if problem is not None:
        place = template.document.location(find_origin(resolved.resolver.origins, problem.path))
        yield from fail_resource(work, resource, problem_text(spec, problem), place)
    if spec.type == STACK:
        yield from apply_nested(work, template, resource, resolved.properties)
    elif resource.current is None:
        yield from _create(work, template, resource, resolved)
    elif resource.current.properties != resolved.properties:  # CFN-03
        yield from _change(work, template, resource, resolved)
    elif resource != existing:
        with work.step() as step:
            step.put(resource)


def _create(
    work: Work, template: Template, resource: StackResource, resolved: Resolved
) -> Iterator[StackEvent]:
    yield work.set_resource(resource, Status.CREATE_IN_PROGRESS)
    handler = work.handler(resource.type)
    identity = identify(work.stack, resource.logical_id, 0)
    try:
        with work.step() as step:
            version = handler.create(step.state, identity, resolved.properties)
            created = replace(resource, current=version, touched=Touched.CREATED)
            initiated = step.set_resource(created, Status.CREATE_IN_PROGRESS, "Resource creation Initiated")
            complete = step.set_resource(created, Status.CREATE_COMPLETE)
    except ServiceError as error:
        yield from _refused(work, template, resource, resolved, error)
    yield initiated
    yield complete


def _change(
    work: Work, template: Template, resource: StackResource, resolved: Resolved
) -> Iterator[StackEvent]:
    current = resource.current
    if current is None:
        return
    replacing = needs_replacement(work, current, resource.type, resolved.properties)
    yield work.set_resource(resource, Status.UPDATE_IN_PROGRESS, _NEW_PHYSICAL_RESOURCE if replacing else "")
    if replacing:
        yield from _check_name(work, template, resource, resolved)
    handler = work.handler(resource.type)
    generation = current.generation + 1 if replacing else current.generation
    identity = identify(work.stack, resource.logical_id, generation)
    try:
        with work.step() as step:
            if replacing:  # CFN-04
                version = handler.create(step.state, identity, resolved.properties)
            else:
                version = handler.update(step.state, identity, resolved.properties, current)
            # A declared resource that keeps its name keeps its id: nothing of the old one is left to delete.
            is_new = version.physical_id != current.physical_id
            touched = Touched.REPLACED if is_new else Touched.UPDATED
            changed = replace(resource, current=version, previous=current, touched=touched)
            complete = step.set_resource(changed, Status.UPDATE_COMPLETE)
    except ServiceError as error:
        yield from _refused(work, template, resource, resolved, error)
    yield complete


def _check_name(
    work: Work, template: Template, resource: StackResource, resolved: Resolved
) -> Iterator[StackEvent]:
    """Refuse to replace what the template itself names, as AWS does: two cannot have one name."""
    core = work.parts.types.core(resource.type)
    name = resolved.properties.get(core.name_property) if core and core.name_property else None
    if name is None or resource.current is None or core is None or core.name_property is None:
        return
    if resource.current.properties.get(core.name_property) == name:  # CFN-05
        yield from fail_resource(
            work,
            resource,
            "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
            f"Rename {name} and update the stack again.",
            template.document.location((*resolved.spec.path, "Properties", core.name_property)),
        )


def _refused(
    work: Work, template: Template, resource: StackResource, resolved: Resolved, error: ServiceError
) -> Iterator[StackEvent]:
    core = work.parts.types.core(resource.type)
    reason = handler_reason(core.service if core else "cloudformation", error, work.parts.ids)
    location = locate_fault(
        template.document, resolved.spec, resolved.resolver.origins, resolved.properties, error.message
    )
    yield from fail_resource(work, resource, reason, location)
