"""One operation on one stack while it runs: what it works on, and the durable record of every step."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sekisho.cfn.cdk_out import find_nested_template
from sekisho.cfn.document import Document
from sekisho.cfn.handlers import Handler, Operations, handler_for
from sekisho.cfn.load import load_template
from sekisho.cfn.lookup import StackLookup, list_exports
from sekisho.cfn.properties import check_properties
from sekisho.cfn.template import Environment, Template, prepare_template
from sekisho.cfn.transforms import Transform, apply_transforms
from sekisho.cfn.types import STACK, TypeCatalogue
from sekisho.kernel.clock import Clock
from sekisho.kernel.ids import Ids
from sekisho.model.cloudformation import Stack, StackEvent, StackInput, StackResource, Status
from sekisho.store.api import Store, Writer


class StackRunner(Protocol):
    """Makes stacks: how a stack makes those nested in it."""

    def begin_create(self, name: str, region: str, given: StackInput, **options: Any) -> StackEvent:
        """Begin to create a stack; raises ServiceError."""
        ...

    def begin_update(self, stack_id: str, given: StackInput) -> StackEvent:
        """Begin to update a stack; raises ServiceError."""
        ...

    def begin_delete(self, stack_id: str) -> StackEvent:
        """Begin to delete a stack; raises ServiceError."""
        ...

    def run(self, stack_id: str) -> Iterator[StackEvent]:
        """Run what the stack is in the middle of until it is at rest."""
        ...


@dataclass(frozen=True)
class Parts:
    """What the engine is made of.

    Attributes:
        fetch_template: returns the template of a nested stack by its ``TemplateURL`` and what the stack around
            it is made from, or None; parameters are not its business.
        transforms: macros by name, e.g. ``AWS::Serverless-2016-10-31``; others are refused.
    """

    store: Store
    operations: Operations
    types: TypeCatalogue
    clock: Clock
    ids: Ids
    account_id: str
    fetch_template: Callable[[str, StackInput], StackInput | None] = find_nested_template
    transforms: Mapping[str, Transform] = field(default_factory=dict)

    def load(self, given: StackInput) -> Document:
        """Read a template and apply its transforms.

        Raises:
            TemplateError: the text is not well-formed, or a transform is not known or fails.
        """
        return apply_transforms(
            load_template(given.template, given.source), given.parameters, self.transforms, given.folder
        )

    def prepare(self, stack: Stack, given: StackInput) -> Template:
        """Read a template and check it under its parameters.

        Raises:
            TemplateError: the template is not valid.
        """
        environment = Environment(self.account_id, stack.region, stack.name, stack.id)
        template = prepare_template(self.load(given), given.parameters, environment, self.types)
        check_properties(template, self.types)
        return template


class Work:
    """One stack in memory, in step with the store."""

    def __init__(
        self, parts: Parts, runner: StackRunner, stack: Stack, resources: Mapping[str, StackResource]
    ) -> None:
        self.parts = parts
        self.runner = runner
        self.stack = stack
        self.resources = dict(resources)

    @classmethod
    def open(cls, parts: Parts, runner: StackRunner, stack_id: str) -> "Work":
        """Read the stack and its resources.

        Raises:
            NotFoundError: there is no such stack.
        """
        with parts.store.read() as state:
            stack = state.get(Stack, stack_id)
            resources = state.list(StackResource, stack_id)
        return cls(parts, runner, stack, {resource.logical_id: resource for resource in resources})

    @property
    def given(self) -> StackInput:
        """Return what the stack is being made from, or is made from where nothing runs."""
        return self.stack.pending or self.stack.applied or StackInput("")

    def stack_of(self, stack_id: str) -> Stack:
        """Return another stack, one nested in this.

        Raises:
            NotFoundError: there is no such stack.
        """
        with self.parts.store.read() as state:
            return state.get(Stack, stack_id)

    def handler(self, type_name: str) -> Handler:
        """Return what makes resources of the type."""
        return handler_for(self.parts.types, self.parts.operations, type_name)

    def lookup(self) -> StackLookup:
        """Return what references resolve to; it sees the resources as they become."""
        with self.parts.store.read() as state:
            exports = {
                name: output.value for name, (_, output) in list_exports(state, self.stack.scope).items()
            }
        return StackLookup(self.stack, self.resources, self.parts.types, exports)

    @contextmanager
    def step(self) -> Iterator["Step"]:
        """Open a transaction; what it records is remembered here when it has been committed."""
        with self.parts.store.write() as state:
            step = Step(self, state)
            yield step
        self.stack = step.stack
        for logical_id, resource in step.changed.items():
            if resource is None:
                self.resources.pop(logical_id, None)
            else:
                self.resources[logical_id] = resource

    def set_stack(self, status: Status, reason: str = "", **changes: Any) -> StackEvent:
        """Give the stack a new status in a transaction of its own."""
        with self.step() as step:
            return step.set_stack(status, reason, **changes)

    def set_resource(
        self, resource: StackResource, status: Status, reason: str = "", location: str = ""
    ) -> StackEvent:
        """Give a resource a new status in a transaction of its own."""
        with self.step() as step:
            return step.set_resource(resource, status, reason, location)


class Step:
    """One transaction of the work.

    Attributes:
        state: the open transaction.
        stack: the stack as this step leaves it.
        changed: the resources that this step changed; None where it dropped one.
    """

    def __init__(self, work: Work, state: Writer) -> None:
        self._work = work
        self.state = state
        self.stack = work.stack
        self.changed: dict[str, StackResource | None] = {}

    def set_stack(self, status: Status, reason: str = "", **changes: Any) -> StackEvent:
        """Record a new status of the stack, other changes of it, and the event."""
        self.stack = replace(self.stack, status=status, reason=reason, **changes)
        self.state.put(self.stack)
        return self._event(self.stack.name, self.stack.id, STACK, status, reason)

    def note_stack(self, status: Status, reason: str, location: str) -> StackEvent:
        """Record an event of the stack and leave the stack as it is."""
        return self._event(self.stack.name, self.stack.id, STACK, status, reason, location)

    def put(self, resource: StackResource) -> None:
        """Record a resource without an event."""
        self.state.put(resource)
        self.changed[resource.logical_id] = resource

    def set_resource(
        self, resource: StackResource, status: Status, reason: str = "", location: str = ""
    ) -> StackEvent:
        """Record a resource with a new status, and the event."""
        self.put(replace(resource, status=status, reason=reason, updated=self._work.parts.clock.now()))
        physical_id = resource.current.physical_id if resource.current else ""
        return self._event(resource.logical_id, physical_id, resource.type, status, reason, location)

    def drop(
        self, resource: StackResource, status: Status | None = None, physical_id: str = ""
    ) -> StackEvent | None:
        """Forget a resource, with an event where a status is given."""
        self.state.delete(StackResource, resource.key)
        self.changed[resource.logical_id] = None
        if status is None:
            return None
        return self._event(resource.logical_id, physical_id, resource.type, status)

    def note(self, resource: StackResource, physical_id: str, status: Status, reason: str = "") -> StackEvent:
        """Record an event about one physical resource and leave the resource's record as it is."""
        return self._event(resource.logical_id, physical_id, resource.type, status, reason)

    def _event(
        self,
        logical_id: str,
        physical_id: str,
        type_name: str,
        status: Status,
        reason: str = "",
        location: str = "",
    ) -> StackEvent:
        parts = self._work.parts
        event = StackEvent(
            parts.ids.uuid(),
            self.stack.id,
            self.stack.name,
            logical_id,
            physical_id,
            type_name,
            status,
            parts.clock.now(),
            reason,
            location,
        )
        self.state.put(event)
        return event
