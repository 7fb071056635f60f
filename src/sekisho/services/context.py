"""What an operation may use: the state, the clock, identifiers, and who is calling."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sekisho.kernel.clock import Clock
from sekisho.kernel.ids import Ids
from sekisho.store.api import Store, Writer


@dataclass(frozen=True, slots=True)
class TargetHealth:
    """The health of one registered target, in AWS's words (``State``, ``Reason``, ``Description``)."""

    state: str
    reason: str | None = None
    description: str | None = None


class Runtime(Protocol):
    """What the running parts know and the state does not."""

    def target_health(self, target_group_arn: str) -> Mapping[str, TargetHealth]:
        """Return the health of the targets of a group, by ``id:port``; targets not checked yet are left out."""
        ...


class Operations(Protocol):
    """Calls operations by name: how CloudFormation creates what a template asks for."""

    def call(self, service: str, operation: str, params: Mapping[str, Any], region: str) -> dict[str, Any]:
        """Run one operation in its own transaction and return its output.

        Raises:
            ServiceError: the operation refused; nothing was changed.
        """
        ...

    def call_within(
        self, state: Writer, service: str, operation: str, params: Mapping[str, Any], region: str
    ) -> dict[str, Any]:
        """Run one operation inside an open transaction and return its output.

        Raises:
            ServiceError: the operation refused; the caller must not commit ``state``.
        """
        ...


@dataclass(frozen=True, slots=True)
class LongContext:
    """What an operation gets that takes many steps, each in a transaction that it opens itself."""

    store: Store
    clock: Clock
    ids: Ids
    account_id: str
    region: str
    operations: Operations

    @property
    def home(self) -> str:
        """Return ``account/region``, the scope of resources that have no parent."""
        return f"{self.account_id}/{self.region}"


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that reaches an operation besides its parameters.

    ``state`` is one transaction: an operation that raises changes nothing.
    """

    state: Writer
    clock: Clock
    ids: Ids
    account_id: str
    region: str
    runtime: Runtime
    operations: Operations

    @property
    def home(self) -> str:
        """Return ``account/region``, the scope of resources that have no parent."""
        return f"{self.account_id}/{self.region}"
