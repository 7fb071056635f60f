"""Finds change sets as requests name them."""

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import ChangeSet
from sekisho.services.cloudformation.engine import get_stack
from sekisho.store.api import Reader


def get_change_set(state: Reader, home: str, name: str, stack_name: str | None) -> ChangeSet:
    """Return the change set of that ARN, or that name and stack.

    Raises:
        ServiceError: there is none.
    """
    if name.startswith("arn:"):
        found = state.find(ChangeSet, name)
    elif stack_name is None:
        raise ServiceError("ValidationError", "StackName must be specified if ChangeSetName is not an ARN.")
    else:
        stack = get_stack(state, home, stack_name)
        named = [one for one in state.list(ChangeSet, stack.id) if one.name == name]
        # One that has been executed keeps its name until another takes it.
        found = named[-1] if named else None
    if found is None:
        raise ServiceError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)
    return found
