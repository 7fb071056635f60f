"""What every stored resource has in common."""

from typing import ClassVar, Protocol, runtime_checkable


@runtime_checkable
class Resource(Protocol):
    """A frozen dataclass that the store can keep.

    ``KIND`` names the table of its like; ``key`` is unique within the kind; ``scope`` is what it is listed by
    (a parent's key, or ``account/region``). A class with ``QUIET = True`` is quiet: nothing that is compiled depends
    on its resources, so that changing one makes no new version of the model.
    """

    KIND: ClassVar[str]

    @property
    def key(self) -> str:
        """Return the primary key, usually the ARN."""
        ...

    @property
    def scope(self) -> str:
        """Return what the resource is listed by."""
        ...
