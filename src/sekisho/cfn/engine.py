"""Stacks from one state to the next: begins operations, runs them step by step, and takes up what was interrupted.

Every step is durable before its event is yielded, so an operation that was cut short can be run again from where
it stood. Statuses follow
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-describing-stacks.html
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sekisho.cfn.backward import RemovalFailedError, clean_up, delete_all, roll_back_resources
from sekisho.cfn.errors import TemplateError
from sekisho.cfn.failures import ResourceFailedError
from sekisho.cfn.forward import apply_resource
from sekisho.cfn.lookup import StackLookup
from sekisho.cfn.outputs import check_exports, check_unused, resolve_outputs
from sekisho.cfn.plan import has_changes
from sekisho.cfn.reasons import failed_resources
from sekisho.cfn.template import Template
from sekisho.cfn.work import Parts, Work
from sekisho.kernel.arn import Arn
from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import (
    ChangeSet,
    Output,
    Stack,
    StackEvent,
    StackInput,
    StackResource,
    Status,
    Touched,
)

UPDATABLE = frozenset(
    (
        Status.CREATE_COMPLETE,
        Status.CREATE_FAILED,
        Status.UPDATE_COMPLETE,
        Status.UPDATE_FAILED,
        Status.UPDATE_ROLLBACK_COMPLETE,
    )
)
_DEAD = frozenset((Status.ROLLBACK_COMPLETE, Status.ROLLBACK_FAILED, Status.DELETE_FAILED))
"""Stacks in these can only be deleted."""

_USER = "Rollback requested by user."


class Engine:
    """Creates, updates and deletes stacks."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._runners: Mapping[Status, Callable[[Work], Iterator[StackEvent]]] = {
            Status.CREATE_IN_PROGRESS: self._go_forward,
            Status.UPDATE_IN_PROGRESS: self._go_forward,
            Status.UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: self._clean_up,
            Status.ROLLBACK_IN_PROGRESS: self._roll_back,
            Status.UPDATE_ROLLBACK_IN_PROGRESS: self._roll_back,
            Status.UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: self._finish_rollback,
            Status.DELETE_IN_PROGRESS: self._delete,
        }

    # ------------------------------------------------------------ beginning

    def begin_create(self, name: str, region: str, given: StackInput, **options: Any) -> StackEvent:
        """Check the template and make the stack, with nothing in it yet; ``options`` are fields of Stack.

        Raises:
            TemplateError: the template is refused.
            ServiceError: ``AlreadyExistsException``.
        """
        return self.begin_reviewed(self.new_stack(name, region, **options), given)

    def begin_reviewed(self, stack: Stack, given: StackInput) -> StackEvent:
        """Begin to create a stack that is not stored yet, or is in review.

        Raises:
            TemplateError: the template is refused.
            ServiceError: ``AlreadyExistsException``.
        """
        template = self.parts.prepare(stack, given)
        work = Work(self.parts, self, replace(stack, pending=given, description=template.description), {})
        with work.step() as step:
            existing = find_stack(step.state.list(Stack, stack.scope), stack.name)
            if existing is not None and (existing.id, existing.status) != (
                stack.id,
                Status.REVIEW_IN_PROGRESS,
            ):
                raise ServiceError("AlreadyExistsException", f"Stack [{stack.name}] already exists")
            return step.set_stack(Status.CREATE_IN_PROGRESS, "User Initiated")

    def new_stack(self, name: str, region: str, **options: Any) -> Stack:
        """Return a stack that is not stored yet."""
        arn = Arn("cloudformation", region, self.parts.account_id, f"stack/{name}/{self.parts.ids.uuid()}")
        now = self.parts.clock.now()
        status = Status.REVIEW_IN_PROGRESS
        return Stack(str(arn), name, self.parts.account_id, region, status, now, **options)

    def begin_update(self, stack_id: str, given: StackInput) -> StackEvent:
        """Check the template and set the stack going towards it.

        Raises:
            TemplateError: the template is refused.
            ServiceError: the stack is busy, or nothing would change.
        """
        work = Work.open(self.parts, self, stack_id)
        template = self.parts.prepare(work.stack, given)
        _check_types(work, template)
        _check_updatable(work.stack)
        if not has_changes(work, template, given):  # CFN-08
            raise ServiceError("ValidationError", "No updates are to be performed.")
        with work.step() as step:
            _check_updatable(step.state.get(Stack, stack_id))
            for resource in work.resources.values():
                if resource.touched is not Touched.NO:
                    step.put(replace(resource, touched=Touched.NO, previous=None))
            now = self.parts.clock.now()
            return step.set_stack(Status.UPDATE_IN_PROGRESS, "User Initiated", pending=given, updated=now)

    def begin_delete(self, stack_id: str, retained: Collection[str] = ()) -> StackEvent:
        """Set the stack going towards its deletion; ``retained`` names resources to keep where one has failed.

        Raises:
            ServiceError: it is protected, or nothing may be retained.
        """
        work = Work.open(self.parts, self, stack_id)
        if work.stack.termination_protection:
            raise ServiceError(
                "ValidationError",
                f"Stack [{work.stack.name}] cannot be deleted while TerminationProtection is enabled",
            )
        _check_retained(work, retained)
        with work.step() as step:
            for name in retained:
                step.put(replace(work.resources[name], deletion_policy="Retain"))
            return step.set_stack(Status.DELETE_IN_PROGRESS, "User Initiated", pending=None)

    def begin_rollback_again(self, stack_id: str) -> StackEvent:
        """Set a stack whose rollback has failed going back once more.

        Raises:
            ServiceError: its rollback has not failed.
        """
        work = Work.open(self.parts, self, stack_id)
        if work.stack.status is not Status.UPDATE_ROLLBACK_FAILED:
            raise ServiceError(
                "ValidationError",
                f"Stack:{stack_id} is in {work.stack.status} state and can not continue update rollback.",
            )
        return work.set_stack(Status.UPDATE_ROLLBACK_IN_PROGRESS, "User Initiated")

    # ------------------------------------------------------------ running

    def run(self, stack_id: str) -> Iterator[StackEvent]:
        """Run what the stack is in the middle of until it is at rest, yielding each event when it is durable."""
        work = Work.open(self.parts, self, stack_id)
        while work.stack.status in self._runners:  # CFN-10
            yield from self._runners[work.stack.status](work)

    def finish(self, stack_id: str) -> Status:
        """Run what the stack is in the middle of and return the status that it comes to rest in."""
        for _ in self.run(stack_id):
            pass
        return Work.open(self.parts, self, stack_id).stack.status

    def interrupted(self) -> list[str]:
        """Return the ids of the stacks that were cut short in the middle of something; :meth:`run` takes them up."""
        with self.parts.store.read() as state:
            stacks = [stack for stack in state.list(Stack) if stack.status in self._runners]
        # Those that hold others come first, for they finish what is nested in them.
        return [stack.id for stack in sorted(stacks, key=lambda stack: stack.parent_id is not None)]

    def _go_forward(self, work: Work) -> Iterator[StackEvent]:
        pending = work.stack.pending
        if pending is None:
            raise ValueError(f"{work.stack.id} has nothing to apply")
        try:
            template = self.parts.prepare(work.stack, pending)
            lookup = work.lookup()
            for spec in template.resources.values():
                yield from apply_resource(work, template, lookup, spec)
            outputs = resolve_outputs(template, lookup)
            with self.parts.store.read() as state:
                check_exports(state, work.stack, outputs)
        except ResourceFailedError as error:
            yield self._turn_back(work, failed_resources(error.verb, [error.logical_id]))
        except ServiceError as error:
            yield from self._failed(work, error)
        else:
            yield self._arrive(work, template, lookup, outputs)

    def _failed(self, work: Work, error: ServiceError) -> Iterator[StackEvent]:
        """Turn back for a fault that is no resource's: an output's, or of the template as a whole."""
        if not work.stack.disable_rollback:
            # CFN-16: no resource tells the reason, so an event of the stack does.
            location = error.location if isinstance(error, TemplateError) else ""
            failed = Status.CREATE_FAILED if _is_creating(work) else Status.UPDATE_FAILED
            with work.step() as step:
                event = step.note_stack(failed, error.message, location)
            yield event
        yield self._turn_back(work, f"{error.message} ")

    def _turn_back(self, work: Work, reason: str) -> StackEvent:
        creating = _is_creating(work)
        if work.stack.disable_rollback:
            return work.set_stack(Status.CREATE_FAILED if creating else Status.UPDATE_FAILED, reason)
        # CFN-02
        status = Status.ROLLBACK_IN_PROGRESS if creating else Status.UPDATE_ROLLBACK_IN_PROGRESS
        return work.set_stack(status, f"{reason}{_USER}")

    def _arrive(
        self, work: Work, template: Template, lookup: StackLookup, outputs: tuple[Output, ...]
    ) -> StackEvent:
        """Make what was applied the stack's state: from here on there is no way back."""
        creating = _is_creating(work)
        with work.step() as step:
            if creating:
                _settle(work, step.put)
            return step.set_stack(
                Status.CREATE_COMPLETE if creating else Status.UPDATE_COMPLETE_CLEANUP_IN_PROGRESS,
                applied=work.stack.pending,
                pending=None,
                outputs=outputs,
                imports=tuple(lookup.imported),
                description=template.description,
            )

    def _clean_up(self, work: Work) -> Iterator[StackEvent]:
        applied = work.stack.applied
        kept = self.parts.prepare(work.stack, applied).resources if applied else {}
        yield from clean_up(work, frozenset(kept))
        with work.step() as step:
            _settle(work, step.put)
            event = step.set_stack(Status.UPDATE_COMPLETE)
        yield event

    def _roll_back(self, work: Work) -> Iterator[StackEvent]:
        creating = work.stack.status is Status.ROLLBACK_IN_PROGRESS
        try:
            yield from roll_back_resources(work)
        except RemovalFailedError as error:
            status = Status.ROLLBACK_FAILED if creating else Status.UPDATE_ROLLBACK_FAILED
            verb = "delete" if creating else "update"
            yield work.set_stack(status, failed_resources(verb, error.logical_ids))
            return
        # What was made anew has been deleted on the way back, so that nothing is left to clean up.
        status = Status.ROLLBACK_COMPLETE if creating else Status.UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS
        yield work.set_stack(status, pending=None)

    def _finish_rollback(self, work: Work) -> Iterator[StackEvent]:
        yield work.set_stack(Status.UPDATE_ROLLBACK_COMPLETE)

    def _delete(self, work: Work) -> Iterator[StackEvent]:
        try:
            with self.parts.store.read() as state:
                check_unused(state, work.stack)
            yield from delete_all(work)
        except ServiceError as error:
            yield work.set_stack(Status.DELETE_FAILED, error.message)
        except RemovalFailedError as error:
            yield work.set_stack(Status.DELETE_FAILED, failed_resources("delete", error.logical_ids))
        else:
            with work.step() as step:
                for change_set in step.state.list(ChangeSet, work.stack.id):
                    step.state.delete(ChangeSet, change_set.key)
                now = self.parts.clock.now()
                gone = step.set_stack(Status.DELETE_COMPLETE, deleted=now, outputs=(), imports=())
            yield gone

    # ------------------------------------------------------------ all at once

    def deploy(self, name: str, region: str, given: StackInput) -> Iterator[StackEvent]:
        """Create the stack, or bring it to the template; yields nothing where nothing changes.

        What was interrupted is finished first, a rollback that failed is tried again, and a stack that can only
        be deleted is deleted first. The last event tells how it went.

        Raises:
            TemplateError: the template is refused; nothing was changed.
            ServiceError: the stack is busy.
        """
        with self.parts.store.read() as state:
            stack = find_stack(state.list(Stack, f"{self.parts.account_id}/{region}"), name)
        if stack is not None and stack.status in self._runners:
            yield from self.run(stack.id)
            stack = Work.open(self.parts, self, stack.id).stack
            stack = None if stack.deleted else stack
        if stack is not None and stack.status is Status.UPDATE_ROLLBACK_FAILED:
            yield self.begin_rollback_again(stack.id)
            yield from self.run(stack.id)
        if stack is not None and stack.status in _DEAD:
            yield from self.delete(stack.id)
            stack = None
        if stack is None:
            begun = self.begin_create(name, region, given)
        else:
            try:
                begun = self.begin_update(stack.id, given)
            except ServiceError as error:
                if error.message == "No updates are to be performed.":
                    return
                raise
        yield begun
        yield from self.run(begun.stack_id)

    def delete(self, stack_id: str) -> Iterator[StackEvent]:
        """Delete the stack."""
        yield self.begin_delete(stack_id)
        yield from self.run(stack_id)


def find_stack(stacks: list[Stack], name: str) -> Stack | None:
    """Return the stack of that ARN, or the one of that name that is not deleted."""
    for stack in stacks:
        if stack.id == name or (stack.name == name and stack.deleted is None):
            return stack
    return None


def _settle(work: Work, put: Callable[[StackResource], None]) -> None:
    for resource in work.resources.values():
        if resource.touched is not Touched.NO or resource.previous is not None:
            put(replace(resource, touched=Touched.NO, previous=None, nested_before=None))


def _is_creating(work: Work) -> bool:
    return work.stack.status is Status.CREATE_IN_PROGRESS


def _check_updatable(stack: Stack) -> None:
    if stack.status not in UPDATABLE:
        raise ServiceError(
            "ValidationError", f"Stack:{stack.id} is in {stack.status} state and can not be updated."
        )


def _check_retained(work: Work, names: Collection[str]) -> None:
    if names and work.stack.status is not Status.DELETE_FAILED:  # CFN-20
        raise ServiceError(
            "ValidationError",
            f"Invalid operation on stack [{work.stack.id}]. When you delete a stack, specify which resources to"
            " retain only when the stack is in the DELETE_FAILED state.",
        )
    for name in names:
        if name not in work.resources:
            raise ServiceError(
                "ValidationError", f"The following resources to retain do not belong to the stack: [{name}]"
            )


def _check_types(work: Work, template: Template) -> None:
    changed = [
        name
        for name, spec in template.resources.items()
        if name in work.resources and work.resources[name].type != spec.type
    ]
    if changed:
        raise template.document.error(
            "Update of resource type is not permitted. The new template modifies resource type of the following "
            f"resources: [{', '.join(changed)}]",
            ("Resources", changed[0], "Type"),
        )
