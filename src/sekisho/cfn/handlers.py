"""Creates, updates and deletes one resource inside a transaction: a core one by operations, others by declaring it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sekisho.cfn.declared import DeclaredState, Identity
from sekisho.cfn.types import PublishedType, TypeCatalogue
from sekisho.model.cloudformation import Applied, CoreType, DeclaredResource, Desired, ResourceVersion
from sekisho.store.api import Writer
from sekisho.wire.coerce import coerce_input
from sekisho.wire.models import load_service_model


class Operations(Protocol):
    """Runs AWS operations inside an open transaction."""

    def call_within(
        self, state: Writer, service: str, operation: str, params: Mapping[str, Any], region: str
    ) -> dict[str, Any]:
        """Run one operation on ``state`` and return its output.

        Raises:
            ServiceError: the operation refused; the caller must not commit ``state``.
        """
        ...


class Handler(Protocol):
    """Makes the resources of one type."""

    @property
    def create_only(self) -> frozenset[str]:
        """Return the properties whose change replaces the resource."""
        ...

    def create(self, state: Writer, identity: Identity, properties: Mapping[str, Any]) -> ResourceVersion:
        """Create the resource."""
        ...

    def update(
        self, state: Writer, identity: Identity, properties: Mapping[str, Any], current: ResourceVersion
    ) -> ResourceVersion:
        """Bring the resource to ``properties`` in place."""
        ...

    def delete(self, state: Writer, identity: Identity, current: ResourceVersion) -> None:
        """Delete the resource; one that is gone already is no error."""
        ...


def handler_for(types: TypeCatalogue, operations: Operations, type_name: str) -> Handler:
    """Return what makes the resources of a known type."""
    core = types.core(type_name)
    return DeclaredHandler(types.published(type_name)) if core is None else CoreHandler(core, operations)


@dataclass(frozen=True, slots=True)
class StepCalls:
    """The calls of one step: they share its transaction."""

    operations: Operations
    state: Writer
    service: str
    region: str

    def __call__(
        self, operation: str, params: Mapping[str, Any], *, service: str | None = None
    ) -> dict[str, Any]:
        """Run the operation with scalars converted as CloudFormation does."""
        name = service or self.service
        model = load_service_model(name).operation_model(operation)
        given = {key: value for key, value in params.items() if value is not None}
        return self.operations.call_within(
            self.state, name, operation, coerce_input(model, given), self.region
        )


@dataclass(frozen=True, slots=True)
class CoreHandler:
    """Makes resources of a type that runs here."""

    type: CoreType
    operations: Operations

    @property
    def create_only(self) -> frozenset[str]:
        """Return the properties whose change replaces the resource; all of them where there is no update."""
        return self.type.properties if self.type.update is None else self.type.create_only

    def create(self, state: Writer, identity: Identity, properties: Mapping[str, Any]) -> ResourceVersion:
        """Create the resource by its operations."""
        calls = self._calls(state, identity)
        physical_id = self.type.create(calls, desired_of(identity, properties))
        return self._read(calls, identity, physical_id, properties)

    def update(
        self, state: Writer, identity: Identity, properties: Mapping[str, Any], current: ResourceVersion
    ) -> ResourceVersion:
        """Update the resource by its operations."""
        calls = self._calls(state, identity)
        if self.type.update is not None:
            self.type.update(calls, desired_of(identity, properties), _applied(identity, current))
        return self._read(calls, identity, current.physical_id, properties)

    def delete(self, state: Writer, identity: Identity, current: ResourceVersion) -> None:
        """Delete the resource by its operations."""
        self.type.delete(self._calls(state, identity), _applied(identity, current))

    def _calls(self, state: Writer, identity: Identity) -> StepCalls:
        return StepCalls(self.operations, state, self.type.service, identity.region)

    def _read(
        self, calls: StepCalls, identity: Identity, physical_id: str, properties: Mapping[str, Any]
    ) -> ResourceVersion:
        made = Applied(physical_id, properties, {}, identity.account_id, identity.region)
        attributes = dict(self.type.read(calls, made))
        ref = physical_id if self.type.ref is None else str(attributes[self.type.ref])
        return ResourceVersion(physical_id, dict(properties), attributes, ref, identity.generation)


@dataclass(frozen=True, slots=True)
class DeclaredHandler:
    """Keeps what the template says of a resource that does not run here."""

    type: PublishedType

    @property
    def create_only(self) -> frozenset[str]:
        """Return the properties whose change replaces the resource."""
        return self.type.create_only

    def create(self, state: Writer, identity: Identity, properties: Mapping[str, Any]) -> ResourceVersion:
        """Declare the resource."""
        physical_id = DeclaredState(self.type, identity, properties).physical_id
        state.put(self._resource(identity, physical_id, properties))
        return ResourceVersion(physical_id, dict(properties), {}, physical_id, identity.generation)

    def update(
        self, state: Writer, identity: Identity, properties: Mapping[str, Any], current: ResourceVersion
    ) -> ResourceVersion:
        """Declare it anew under its physical id."""
        state.put(self._resource(identity, current.physical_id, properties))
        return ResourceVersion(current.physical_id, dict(properties), {}, current.ref, current.generation)

    def delete(self, state: Writer, identity: Identity, current: ResourceVersion) -> None:
        """Forget the resource."""
        gone = self._resource(identity, current.physical_id, {})
        if state.find(DeclaredResource, gone.key) is not None:
            state.delete(DeclaredResource, gone.key)

    def _resource(
        self, identity: Identity, physical_id: str, properties: Mapping[str, Any]
    ) -> DeclaredResource:
        return DeclaredResource(
            identity.stack_id,
            identity.logical_id,
            self.type.name,
            physical_id,
            identity.account_id,
            identity.region,
            dict(properties),
        )


def desired_of(identity: Identity, properties: Mapping[str, Any]) -> Desired:
    """Return what a template asks of the resource."""
    return Desired(
        identity.stack_name,
        identity.logical_id,
        properties,
        identity.suffix,
        identity.account_id,
        identity.region,
    )


def _applied(identity: Identity, version: ResourceVersion) -> Applied:
    return Applied(
        version.physical_id, version.properties, version.attributes, identity.account_id, identity.region
    )
