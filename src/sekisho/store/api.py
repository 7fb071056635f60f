"""The store's interface: typed resources in one transactional database.

A transaction sees one version of everything. A write transaction that commits makes the next version, unless it changed
quiet resources only (:mod:`sekisho.model.resource`), and is durable when its ``with`` block has been left.
"""

from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from sekisho.model.resource import Resource

R = TypeVar("R", bound=Resource)


class NotFoundError(LookupError):
    """There is no resource of that kind with that key."""


class Reader(Protocol):
    """Reads one version of the state."""

    @property
    def version(self) -> int:
        """Return the number of the version that is seen."""
        ...

    def get(self, kind: type[R], key: str) -> R:
        """Return the resource.

        Raises:
            NotFoundError: there is none.
        """
        ...

    def find(self, kind: type[R], key: str) -> R | None:
        """Return the resource, or None where there is none."""
        ...

    def list(self, kind: type[R], scope: str | None = None) -> list[R]:
        """Return the resources of a kind, all or those of one scope, in order of creation."""
        ...


class Writer(Reader, Protocol):
    """Reads and changes the state; nothing is seen by others before the commit."""

    def put(self, resource: Resource) -> None:
        """Insert the resource, or replace the one with its kind and key (which keeps its place in the order)."""
        ...

    def delete(self, kind: type[Resource], key: str) -> None:
        """Delete the resource.

        Raises:
            NotFoundError: there is none.
        """
        ...


class Store(Protocol):
    """Opens transactions. At most one write transaction runs at a time; a ``with`` block that raises rolls back."""

    def read(self) -> AbstractContextManager[Reader]:
        """Open a read transaction."""
        ...

    def write(self) -> AbstractContextManager[Writer]:
        """Open the write transaction; it commits when the block ends, and rolls back when it raises."""
        ...

    def clear(self) -> None:
        """Delete every resource."""
        ...

    def close(self) -> None:
        """Release the database."""
        ...
