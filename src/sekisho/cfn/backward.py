"""Takes resources away: after a failure, after an update that no longer needs them, and with their stack."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import replace

from sekisho.cfn.graph import sort_by_dependency
from sekisho.cfn.lookup import identify
from sekisho.cfn.nested import delete_nested, restore_nested
from sekisho.cfn.reasons import handler_reason
from sekisho.cfn.types import STACK
from sekisho.cfn.work import Work
from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import ResourceVersion, StackEvent, StackResource, Status, Touched
from sekisho.store.api import Writer


class RemovalFailedError(Exception):
    """Resources could not be returned to what they were, or deleted; their events are recorded."""

    def __init__(self, logical_ids: list[str]) -> None:
        super().__init__(", ".join(logical_ids))
        self.logical_ids = logical_ids


def in_order_of_removal(work: Work) -> list[StackResource]:
    """Return the resources so that each comes before what it depends on."""
    order = sort_by_dependency({name: one.depends_on for name, one in work.resources.items()})
    return [work.resources[name] for name in reversed(order)]


def roll_back_resources(work: Work) -> Iterator[StackEvent]:
    """Undo what the running operation has done, the last thing first.

    Raises:
        RemovalFailedError: something could not be undone, also when everything else had been.
    """
    refused = yield from _in_rounds(work, in_order_of_removal(work), _undo)
    yield from _give_up(work, refused)


def _in_rounds(
    work: Work,
    resources: Iterable[StackResource],
    remove: Callable[[Work, StackResource], Iterator[StackEvent]],
) -> Generator[StackEvent, None, dict[str, ServiceError]]:
    """Take resources away or back, and try those again that were refused as long as others go.

    A stage that was pointed to a deployment lets go of it only when it is deleted, though it was there before.

    Returns:
        those that are refused to the end, and why.
    """
    waiting = [resource.logical_id for resource in resources]
    while True:
        refused: dict[str, ServiceError] = {}
        for name in waiting:
            try:
                yield from remove(work, work.resources[name])
            except ServiceError as error:
                refused[name] = error
        if len(refused) in (0, len(waiting)):  # CFN-17
            return refused
        waiting = list(refused)


def _give_up(work: Work, refused: Mapping[str, ServiceError]) -> Iterator[StackEvent]:
    """Record what was refused.

    Raises:
        RemovalFailedError: something was.
    """
    for name, error in refused.items():
        resource = work.resources[name]
        deleting = work.stack.status is Status.DELETE_IN_PROGRESS or resource.touched is Touched.CREATED
        status = Status.DELETE_FAILED if deleting else Status.UPDATE_FAILED
        yield work.set_resource(resource, status, _reason(work, resource, error))
    if refused:
        raise RemovalFailedError(list(refused))


def _undo(work: Work, resource: StackResource) -> Iterator[StackEvent]:
    if resource.touched is Touched.CREATED:
        yield from delete_resource(work, resource, is_rollback=True)
    elif resource.touched is Touched.UPDATED and resource.type == STACK:
        yield from restore_nested(work, resource)
    elif resource.touched is Touched.UPDATED:
        yield from _undo_update(work, resource)
    elif resource.touched is Touched.REPLACED:
        yield from _undo_replacement(work, resource)
    elif resource.current is None:
        with work.step() as step:
            step.drop(resource)
    elif resource.status is not Status.CREATE_COMPLETE:
        with work.step() as step:
            step.put(replace(resource, status=Status.UPDATE_COMPLETE, reason=""))


def _undo_update(work: Work, resource: StackResource) -> Iterator[StackEvent]:
    current, previous = resource.current, resource.previous
    if current is None or previous is None:
        return
    yield work.set_resource(resource, Status.UPDATE_IN_PROGRESS)
    identity = identify(work.stack, resource.logical_id, previous.generation)
    with work.step() as step:
        version = work.handler(resource.type).update(step.state, identity, previous.properties, current)
        restored = replace(resource, current=version, previous=None, touched=Touched.NO)
        complete = step.set_resource(restored, Status.UPDATE_COMPLETE)
    yield complete


def _undo_replacement(work: Work, resource: StackResource) -> Iterator[StackEvent]:
    current, previous = resource.current, resource.previous
    if current is None or previous is None:
        return
    with work.step() as step:
        _delete_version(work, step.state, resource, current)
        restored = replace(resource, current=previous, previous=None, touched=Touched.NO)
        deleted = step.note(resource, current.physical_id, Status.DELETE_COMPLETE)
        complete = step.set_resource(restored, Status.UPDATE_COMPLETE)
    yield deleted
    yield complete


def clean_up(work: Work, kept: frozenset[str]) -> Iterator[StackEvent]:
    """Delete what an update replaced, and the resources that are not ``kept``.

    A resource that cannot be deleted is left behind and leaves the stack, as AWS does.
    """

    def remove(work: Work, resource: StackResource) -> Iterator[StackEvent]:
        if resource.logical_id not in kept:  # CFN-06
            yield from delete_resource(work, resource)
        elif resource.touched is Touched.REPLACED:
            yield from _delete_replaced(work, resource)

    refused = yield from _in_rounds(work, in_order_of_removal(work), remove)
    for name, error in refused.items():
        yield _leave_behind(work, work.resources[name], error, is_kept=name in kept)


def _delete_replaced(work: Work, resource: StackResource) -> Iterator[StackEvent]:
    previous = resource.previous
    if previous is None:
        return
    with work.step() as step:
        if _keeps(resource.update_replace_policy):
            event = step.note(resource, previous.physical_id, Status.DELETE_SKIPPED)
        else:
            _delete_version(work, step.state, resource, previous)
            event = step.note(resource, previous.physical_id, Status.DELETE_COMPLETE)
        step.put(replace(resource, previous=None, touched=Touched.NO))
    yield event


def _leave_behind(work: Work, resource: StackResource, error: ServiceError, *, is_kept: bool) -> StackEvent:
    """Let go of what could not be deleted: a version that was replaced, or the whole resource."""
    gone = resource.previous if is_kept else resource.current
    with work.step() as step:
        physical_id = gone.physical_id if gone is not None else ""
        event = step.note(resource, physical_id, Status.DELETE_FAILED, _reason(work, resource, error))
        if is_kept:
            step.put(replace(resource, previous=None, touched=Touched.NO))
        else:
            step.drop(resource)
    return event


def delete_all(work: Work) -> Iterator[StackEvent]:
    """Delete every resource of the stack; what cannot be deleted does not keep others from it.

    Raises:
        RemovalFailedError: some could not be deleted.
    """
    refused = yield from _in_rounds(work, in_order_of_removal(work), delete_resource)
    yield from _give_up(work, refused)


def delete_resource(
    work: Work, resource: StackResource, *, is_rollback: bool = False
) -> Iterator[StackEvent]:
    """Delete a resource as its policy says, and forget it.

    Raises:
        ServiceError: the service refuses to delete it.
    """
    current = resource.current
    if current is None:
        with work.step() as step:
            step.drop(resource)
        return
    keep = _keeps(resource.deletion_policy, is_rollback=is_rollback)
    if not keep:
        yield work.set_resource(resource, Status.DELETE_IN_PROGRESS)
        if resource.type == STACK:  # CFN-14
            yield from delete_nested(work, current)
    with work.step() as step:
        # What was only declared has nowhere else to live on: its policy changes the event, not what is stored.
        if not keep or work.parts.types.core(resource.type) is None:
            _delete_version(work, step.state, resource, current)
        status = Status.DELETE_SKIPPED if keep else Status.DELETE_COMPLETE
        event = step.drop(resource, status, current.physical_id)
    if event is not None:
        yield event


def _keeps(policy: str, *, is_rollback: bool = False) -> bool:
    # CFN-07
    return policy == "Retain" or (policy == "RetainExceptOnCreate" and not is_rollback)


def _delete_version(work: Work, state: Writer, resource: StackResource, version: ResourceVersion) -> None:
    identity = identify(work.stack, resource.logical_id, version.generation)
    work.handler(resource.type).delete(state, identity, version)


def _reason(work: Work, resource: StackResource, error: ServiceError) -> str:
    core = work.parts.types.core(resource.type)
    return handler_reason(core.service if core else "cloudformation", error, work.parts.ids)
