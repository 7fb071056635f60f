"""How a resource fails: its status and event are recorded, and the stack hears of it."""

from collections.abc import Iterator

from sekisho.cfn.work import Work
from sekisho.model.cloudformation import StackEvent, StackResource, Status


class ResourceFailedError(Exception):
    """A resource could not be made; its events are recorded. ``verb`` is ``create`` or ``update``."""

    def __init__(self, logical_id: str, verb: str) -> None:
        super().__init__(logical_id)
        self.logical_id = logical_id
        self.verb = verb


def fail_resource(work: Work, resource: StackResource, reason: str, location: str) -> Iterator[StackEvent]:
    """Record that a resource could not be made.

    Raises:
        ResourceFailedError: always, when the event has been taken.
    """
    creating = work.stack.status is Status.CREATE_IN_PROGRESS or resource.current is None
    yield work.set_resource(
        resource, Status.CREATE_FAILED if creating else Status.UPDATE_FAILED, reason, location
    )
    raise ResourceFailedError(resource.logical_id, "create" if creating else "update")
