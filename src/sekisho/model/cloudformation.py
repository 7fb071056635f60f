"""Stacks, their resources and events, and the record that says how CloudFormation handles a type.

Statuses: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-describing-stacks.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol


class Status(StrEnum):
    """The statuses of stacks and of resources in them."""

    CREATE_IN_PROGRESS = "CREATE_IN_PROGRESS"
    CREATE_COMPLETE = "CREATE_COMPLETE"
    CREATE_FAILED = "CREATE_FAILED"
    ROLLBACK_IN_PROGRESS = "ROLLBACK_IN_PROGRESS"
    ROLLBACK_COMPLETE = "ROLLBACK_COMPLETE"
    ROLLBACK_FAILED = "ROLLBACK_FAILED"
    UPDATE_IN_PROGRESS = "UPDATE_IN_PROGRESS"
    UPDATE_FAILED = "UPDATE_FAILED"
    UPDATE_COMPLETE = "UPDATE_COMPLETE"
    UPDATE_COMPLETE_CLEANUP_IN_PROGRESS = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
    UPDATE_ROLLBACK_IN_PROGRESS = "UPDATE_ROLLBACK_IN_PROGRESS"
    UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
    UPDATE_ROLLBACK_COMPLETE = "UPDATE_ROLLBACK_COMPLETE"
    UPDATE_ROLLBACK_FAILED = "UPDATE_ROLLBACK_FAILED"
    DELETE_IN_PROGRESS = "DELETE_IN_PROGRESS"
    DELETE_COMPLETE = "DELETE_COMPLETE"
    DELETE_FAILED = "DELETE_FAILED"
    DELETE_SKIPPED = "DELETE_SKIPPED"
    REVIEW_IN_PROGRESS = "REVIEW_IN_PROGRESS"


# ---------------------------------------------------------------- how a type is handled


class Calls(Protocol):
    """Runs operations for one resource; all calls of one step commit together or not at all.

    Parameters are in the shape of the AWS model; numbers and booleans may be given as the strings that
    templates write, as CloudFormation converts them. Members whose value is None are left out.
    """

    def __call__(
        self, operation: str, params: Mapping[str, Any], *, service: str | None = None
    ) -> dict[str, Any]:
        """Run the operation (of the type's own service unless another is named) and return its output.

        Raises:
            ServiceError: the operation refused; the whole step is undone.
        """
        ...


@dataclass(frozen=True, slots=True)
class Desired:
    """What a template asks of one resource, with every intrinsic function resolved.

    Attributes:
        stack_name: name of the stack.
        logical_id: the resource's name in the template.
        properties: its ``Properties``, values as the template wrote them.
        suffix: 12 capital letters and digits, stable for this resource until it is replaced.
        account_id, region: where it is to be.
    """

    stack_name: str
    logical_id: str
    properties: Mapping[str, Any]
    suffix: str
    account_id: str
    region: str

    def generated_name(self, limit: int) -> str:
        """Return the name AWS would generate where the template gives none, at most ``limit`` characters.

        Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html
        """
        room = limit - len(self.suffix) - 2
        stack = self.stack_name[: max(room // 2, room - len(self.logical_id))]
        return f"{stack}-{self.logical_id[: room - len(stack)]}-{self.suffix}"


@dataclass(frozen=True, slots=True)
class Applied:
    """A resource as it was last applied: its physical id, resolved properties and attributes, and where it is."""

    physical_id: str
    properties: Mapping[str, Any]
    attributes: Mapping[str, Any]
    account_id: str
    region: str


def _no_attributes(_calls: Calls, _applied: Applied) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class CoreType:
    """How CloudFormation handles a resource type that runs here: by operations, never by writing state.

    Attributes:
        name: e.g. ``AWS::ElasticLoadBalancingV2::Listener``.
        service: botocore's name of the service whose operations are called, e.g. ``elbv2``.
        properties: every supported property; any other is refused by name and line.
        create: creates the resource and returns its physical id.
        update: brings the resource from ``Applied`` to ``Desired`` in place. None: every change replaces it.
        delete: deletes the resource; one that is gone already is no error.
        read: returns the attributes for ``Fn::GetAtt``, called after create and update (``attributes`` of its
            argument are empty then).
        required: properties that must be given.
        create_only: properties whose change replaces the resource.
        name_property: the property that names it, if any; it cannot be replaced under an unchanged name.
        ref: the attribute that ``Ref`` returns; None: the physical id.
    """

    name: str
    service: str
    properties: frozenset[str]
    create: Callable[[Calls, Desired], str]
    update: Callable[[Calls, Desired, Applied], None] | None
    delete: Callable[[Calls, Applied], None]
    read: Callable[[Calls, Applied], Mapping[str, Any]] = _no_attributes
    required: frozenset[str] = frozenset()
    create_only: frozenset[str] = frozenset()
    name_property: str | None = None
    ref: str | None = None


# ---------------------------------------------------------------- what is stored


@dataclass(frozen=True, slots=True)
class StackInput:
    """What a stack was made from: the template's text and the values for its parameters.

    Attributes:
        template: the text, JSON or YAML.
        parameters: the values as given, by name (not the defaults).
        source: what to call the template in messages, e.g. ``template.yaml``.
        folder: where the files are that the template names; empty where it may name none.
    """

    template: str
    parameters: dict[str, str] = field(default_factory=dict)
    source: str = "template"
    folder: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceVersion:
    """One applied version of a resource of a stack.

    Attributes:
        physical_id: what AWS calls the physical resource id.
        properties: resolved properties.
        attributes: what ``Fn::GetAtt`` answers; empty for a declared type, whose attributes are computed.
        ref: what ``Ref`` answers.
        generation: counts replacements, from 0.
    """

    physical_id: str
    properties: dict[str, Any]
    attributes: dict[str, Any]
    ref: str
    generation: int = 0


class Touched(StrEnum):
    """What the running operation has done to a resource."""

    NO = ""
    CREATED = "created"
    UPDATED = "updated"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class StackResource:
    """One resource of a stack.

    Attributes:
        current: the version that exists now; None before creation and after deletion.
        previous: the version to return to when the running operation rolls back.
        touched: what the running operation has done to it.
        nested_before: of a nested stack, what it was made from before the running operation.
        depends_on: logical ids that must exist before it, and outlive it.
        deletion_policy: what becomes of it when it leaves the stack: ``Delete``, ``Retain`` or another of AWS's.
        update_replace_policy: what becomes of the old one when it is replaced.
    """

    KIND: ClassVar[str] = "cloudformation.resource"

    stack_id: str
    logical_id: str
    type: str
    status: Status
    updated: datetime
    reason: str = ""
    current: ResourceVersion | None = None
    previous: ResourceVersion | None = None
    touched: Touched = Touched.NO
    nested_before: StackInput | None = None
    depends_on: tuple[str, ...] = ()
    deletion_policy: str = "Delete"
    update_replace_policy: str = "Delete"

    @property
    def key(self) -> str:
        """Return stack id and logical id."""
        return f"{self.stack_id}#{self.logical_id}"

    @property
    def scope(self) -> str:
        """Return the stack id."""
        return self.stack_id


@dataclass(frozen=True, slots=True)
class DeclaredResource:
    """A resource of a type that does not run here: its id and what the template says of it, for whoever asks.

    ``physical_id`` is what ``Ref`` returned to others, e.g. ``sg-0123456789abcdef0`` of a security group.
    """

    KIND: ClassVar[str] = "cloudformation.declared"

    stack_id: str
    logical_id: str
    type: str
    physical_id: str
    account_id: str
    region: str
    properties: dict[str, Any]

    @property
    def key(self) -> str:
        """Return stack, logical and physical id (old and new exist side by side during a replacement)."""
        return f"{self.stack_id}#{self.logical_id}#{self.physical_id}"

    @property
    def scope(self) -> str:
        """Return ``account/region``."""
        return f"{self.account_id}/{self.region}"


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a stack, resolved."""

    key: str
    value: str
    description: str | None = None
    export_name: str | None = None


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack.

    Attributes:
        id: the ARN.
        applied: what its resources were made from; None until the first operation has completed.
        pending: what the running operation applies; None when none runs.
        imports: names of the exports that the applied template imports.
        parent_id: the stack that holds this one as a resource.
        deleted: when it was deleted; a deleted stack is found by its ARN only.
    """

    KIND: ClassVar[str] = "cloudformation.stack"

    id: str
    name: str
    account_id: str
    region: str
    status: Status
    created: datetime
    reason: str = ""
    updated: datetime | None = None
    deleted: datetime | None = None
    applied: StackInput | None = None
    pending: StackInput | None = None
    outputs: tuple[Output, ...] = ()
    imports: tuple[str, ...] = ()
    description: str | None = None
    parent_id: str | None = None
    root_id: str | None = None
    disable_rollback: bool = False
    termination_protection: bool = False

    @property
    def key(self) -> str:
        """Return the ARN."""
        return self.id

    @property
    def scope(self) -> str:
        """Return ``account/region``."""
        return f"{self.account_id}/{self.region}"


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What applying a change set would do to one resource.

    Attributes:
        action: ``Add``, ``Modify`` or ``Remove``.
        replacement: ``True``, ``False`` or ``Conditional``, in AWS's spelling; empty unless it is modified.
        properties: the properties that change.
    """

    logical_id: str
    type: str
    action: str
    physical_id: str = ""
    replacement: str = ""
    properties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A change to a stack that has been worked out and not yet applied.

    Attributes:
        id: the ARN.
        kind: ``CREATE`` or ``UPDATE``.
        failure: why it cannot be executed; empty where it can.
        executed: how executing it ended: empty, ``EXECUTE_COMPLETE`` or ``EXECUTE_FAILED``.
    """

    KIND: ClassVar[str] = "cloudformation.change-set"

    id: str
    name: str
    stack_id: str
    stack_name: str
    kind: str
    created: datetime
    given: StackInput
    changes: tuple[ResourceChange, ...] = ()
    failure: str = ""
    executed: str = ""
    description: str | None = None
    on_failure: str | None = None

    @property
    def key(self) -> str:
        """Return the ARN."""
        return self.id

    @property
    def scope(self) -> str:
        """Return the stack id."""
        return self.stack_id


@dataclass(frozen=True, slots=True)
class StackEvent:
    """One thing that happened to a stack or to a resource of it.

    Attributes:
        logical_id: the stack's name where the event is about the stack itself.
        location: where the fault is, ``template.yaml:12:7 Resources/Rule/Properties/Priority``.
    """

    KIND: ClassVar[str] = "cloudformation.event"

    id: str
    stack_id: str
    stack_name: str
    logical_id: str
    physical_id: str
    type: str
    status: Status
    time: datetime
    reason: str = ""
    location: str = ""

    @property
    def key(self) -> str:
        """Return the event's id."""
        return self.id

    @property
    def scope(self) -> str:
        """Return the stack id."""
        return self.stack_id
