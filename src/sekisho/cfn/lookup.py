"""Answers references from a stack's resources as they are now, and from the exports of other stacks."""

from collections.abc import Mapping
from typing import Any

from sekisho.cfn.declared import DeclaredState, Identity
from sekisho.cfn.functions import FunctionError
from sekisho.cfn.types import STACK, TypeCatalogue
from sekisho.model.cloudformation import Output, Stack, StackResource
from sekisho.store.api import Reader


class StackLookup:
    """Looks up resources and exports for one stack.

    Attributes:
        imported: the names of the exports that were asked for.
    """

    def __init__(
        self,
        stack: Stack,
        resources: Mapping[str, StackResource],
        types: TypeCatalogue,
        exports: Mapping[str, str],
    ) -> None:
        self._stack = stack
        self._resources = resources
        self._types = types
        self._exports = exports
        self.imported: dict[str, None] = {}

    def ref(self, logical_id: str) -> str:
        """Return what ``Ref`` of a resource is."""
        resource = self._resources.get(logical_id)
        if resource is None or resource.current is None:
            raise FunctionError(f"Unresolved resource dependencies [{logical_id}]")
        return resource.current.ref

    def attribute(self, logical_id: str, name: str) -> Any:
        """Return an attribute of a resource; raises FunctionError where there is none."""
        resource = self._resources.get(logical_id)
        if resource is None or resource.current is None:
            raise FunctionError(f"Unresolved resource dependencies [{logical_id}]")
        current = resource.current
        published = self._types.published(resource.type)
        if name in current.attributes:
            return current.attributes[name]
        is_run = resource.type == STACK or self._types.core(resource.type) is not None
        if not is_run and published.kind_of(name) is not None:
            identity = identify(self._stack, logical_id, current.generation)
            return DeclaredState(published, identity, current.properties).attribute(name)
        if name in current.properties and published.kind_of(name) is not None:
            return current.properties[name]
        raise FunctionError(f"Resource type {resource.type} does not support attribute {{{name}}}.")

    def export(self, name: str) -> str:
        """Return the value of an export; raises FunctionError where there is none."""
        self.imported[name] = None
        if name not in self._exports:
            raise FunctionError(f"No export named {name} found.")
        return self._exports[name]


def identify(stack: Stack, logical_id: str, generation: int) -> Identity:
    """Return which resource it is."""
    return Identity(stack.account_id, stack.region, stack.name, stack.id, logical_id, generation)


def list_exports(state: Reader, scope: str) -> dict[str, tuple[Stack, Output]]:
    """Return the exports of the stacks of an account and region, by name."""
    return {
        output.export_name: (stack, output)
        for stack in state.list(Stack, scope)
        if stack.deleted is None
        for output in stack.outputs
        if output.export_name is not None
    }
