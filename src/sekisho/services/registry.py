"""The operation registry: every operation is one function, marked here and called from one place."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

from sekisho.kernel.clock import Clock
from sekisho.kernel.errors import ServiceError
from sekisho.kernel.functions import FunctionInvoker, NoFunctions
from sekisho.kernel.ids import Ids
from sekisho.services.context import Context, LongContext, ReadContext, Runtime, UserPoolTokens
from sekisho.services.hosting import FunctionHosting
from sekisho.services.issuers import IssuerDiscovery
from sekisho.services.ledger import Ledger, find_rejected, merge
from sekisho.store.api import Reader, Store, Writer
from sekisho.wire.models import load_service_model
from sekisho.wire.validate import check_input, validation_code

Handler = Callable[[Any, Any], Mapping[str, Any] | None]
"""``(ctx, request) -> output``; ctx is a Context, a ReadContext or a LongContext, as the operation is marked."""

C = TypeVar("C", bound=ReadContext)
F = TypeVar("F", bound=Callable[..., Any])

_MARK = "__sekisho_operation__"
_READS = "__sekisho_reading_operation__"
_LONG = "__sekisho_long_operation__"
_JOINS = "__sekisho_joining_operation__"


def operation(
    name: str, *, reads: bool = False, transaction: bool = True, joins: bool = False
) -> Callable[[F], F]:
    """Mark a function ``(ctx, request) -> output`` as the operation of that name.

    The request and the output are dicts in the shape of the AWS model. Nothing is registered by importing: a
    :class:`Service` collects the marked functions of the modules that it names. One that only ``reads`` gets a
    :class:`ReadContext` and waits for nobody. With ``transaction=False`` the function gets a :class:`LongContext` and
    opens its transactions itself; one that ``joins`` can also run inside the transaction of a caller, who then waits
    for all of it.
    """

    def mark(function: F) -> F:
        setattr(function, _MARK, name)
        setattr(function, _READS, reads)
        setattr(function, _LONG, not transaction)
        setattr(function, _JOINS, joins)
        return function

    return mark


def only_reads(handler: Handler) -> bool:
    """Return whether the operation changes nothing."""
    return bool(getattr(handler, _READS, False))


@dataclass(frozen=True)
class Service:
    """One AWS service: botocore's name for it, its operations and its ledger."""

    name: str
    operations: Mapping[str, Handler]
    ledger: Ledger

    @classmethod
    def from_modules(cls, name: str, modules: tuple[ModuleType, ...]) -> "Service":
        """Collect the marked functions and the ``LEDGER`` of each module."""
        operations: dict[str, Handler] = {}
        for module in modules:
            for member in vars(module).values():
                mark = getattr(member, _MARK, None)
                if mark is not None and member.__module__ == module.__name__:
                    operations[mark] = member
        ledger = merge(*(getattr(module, "LEDGER", {}) for module in modules))
        return cls(name, operations, ledger)


class Dispatcher:
    """Runs operations: checks the input, opens the transaction, calls the function."""

    def __init__(  # noqa: PLR0913 - one for each part that operations may need
        self,
        services: tuple[Service, ...],
        store: Store,
        clock: Clock,
        ids: Ids,
        account_id: str,
        runtime: Runtime,
        functions: FunctionInvoker | None = None,
        tokens: UserPoolTokens | None = None,
        *,
        hosting: FunctionHosting | None = None,
        discovery: IssuerDiscovery | None = None,
    ) -> None:
        self._services = {service.name: service for service in services}
        self._store = store
        self._clock = clock
        self._ids = ids
        self._account_id = account_id
        self._runtime = runtime
        self._functions = functions or NoFunctions()
        self._tokens = tokens
        self._hosting = hosting
        self._discovery = discovery

    def call(self, service: str, operation: str, params: Mapping[str, Any], region: str) -> dict[str, Any]:
        """Run one operation in its own transaction, or in those it opens itself, and return its output.

        Raises:
            ServiceError: the input is not valid, asks for what is not supported, or the operation refused.
        """
        handler = self._check(service, operation, params)
        if getattr(handler, _LONG, False):
            return dict(handler(self.long_context(region), params) or {})
        if only_reads(handler):
            with self._store.read() as seen:
                return dict(handler(self._context(ReadContext, seen, region), params) or {})
        with self._store.write() as state:
            return dict(handler(self._context(Context, state, region), params) or {})

    def call_within(
        self, state: Writer, service: str, operation: str, params: Mapping[str, Any], region: str
    ) -> dict[str, Any]:
        """Run one operation inside an open transaction of the caller's and return its output.

        Raises:
            ServiceError: as for :meth:`call`; the caller must not commit ``state``.
            TypeError: the operation opens transactions itself, which would wait for the caller's for ever.
        """
        handler = self._check(service, operation, params)
        if not getattr(handler, _LONG, False):
            return dict(handler(self._context(Context, state, region), params) or {})
        if not getattr(handler, _JOINS, False):
            raise TypeError(f"{operation} cannot run inside a transaction")
        context = self._long_context(_JoinedStore(state), region, from_template=True)
        return dict(handler(context, params) or {})

    def long_context(self, region: str) -> LongContext:
        """Return what an operation without a transaction gets, for work that no operation stands for."""
        return self._long_context(self._store, region, from_template=False)

    def _long_context(self, store: Store, region: str, *, from_template: bool) -> LongContext:
        return LongContext(
            store,
            self._clock,
            self._ids,
            self._account_id,
            region,
            operations=self,
            functions=self._functions,
            tokens=self._tokens,
            hosting=self._hosting,
            from_template=from_template,
            discovery=self._discovery,
        )

    def _context(self, kind: Callable[..., C], state: Reader, region: str) -> C:
        return kind(
            state,
            self._clock,
            self._ids,
            self._account_id,
            region,
            self._runtime,
            operations=self,
            tokens=self._tokens,
        )

    def _check(self, service: str, operation: str, params: Mapping[str, Any]) -> Handler:
        found = self._services[service]
        model = load_service_model(service).operation_model(operation)
        handler = found.operations.get(operation)
        if handler is None:
            raise ServiceError(
                validation_code(service),
                f"The operation {operation} of {service} is not supported by Sekisho.",
                501,
                sender_fault=False,
            )
        check_input(model, params)
        rejected = list(find_rejected(found.ledger, model.input_shape, params)) if model.input_shape else []
        if rejected:
            raise ServiceError(
                validation_code(service),
                f"Sekisho does not support the member '{rejected[0]}' of {operation}; nothing was changed.",
            )
        return handler


class _JoinedStore:
    """A store whose transactions are all the one that a caller has open."""

    def __init__(self, state: Writer) -> None:
        self._state = state

    @contextmanager
    def read(self) -> Iterator[Writer]:
        """Return the caller's transaction."""
        yield self._state

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """Return the caller's transaction; it commits when the caller does."""
        yield self._state

    def clear(self) -> None:
        """Refuse: the state is not the caller's."""
        raise TypeError("the store cannot be cleared inside a transaction")

    def close(self) -> None:
        """Refuse: the state is not the caller's."""
        raise TypeError("the store cannot be closed inside a transaction")
