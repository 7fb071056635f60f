"""The control plane: operations go in, and the edge follows.

An operation is answered when the change that it made is in force at the edge.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from sekisho.compile.compile import Compiled, compile_snapshot
from sekisho.model.snapshot import Snapshot
from sekisho.serve.coalesce import Coalesced
from sekisho.serve.edge import Edge, Published
from sekisho.services.registry import Dispatcher
from sekisho.store.api import Store

log = structlog.get_logger(__name__)

_MOST_OPERATIONS = 256
"""Most operations at a time: an invocation holds a thread until the function answers, and it may call others."""


class Follower(Protocol):
    """A running part that has to know what was compiled: the health checks."""

    async def follow(self, snapshot: Snapshot, compiled: Compiled) -> None:
        """Take up what is new and drop what is gone; returns soon and never raises for what a user did."""
        ...


@dataclass(frozen=True, slots=True)
class State:
    """The last configuration that was compiled, and what came of publishing it."""

    snapshot: Snapshot
    compiled: Compiled
    published: Published


class ControlPlane:
    """Runs operations, compiles what they leave behind and publishes it."""

    def __init__(
        self,
        store: Store,
        dispatcher: Dispatcher,
        edge: Edge,
        take_snapshot: Callable[[], Awaitable[Snapshot]],
        followers: tuple[Follower, ...] = (),
    ) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._edge = edge
        self._take_snapshot = take_snapshot
        self._followers = followers
        self._reconcile = Coalesced(self._follow_the_model)
        # Not the loop's own threads: those have to be there for what a waiting operation waits for.
        self._threads = ThreadPoolExecutor(_MOST_OPERATIONS, "operation")
        self._version = -1
        self.state: State | None = None
        self.failure: str | None = None

    async def call(
        self, service: str, operation: str, params: Mapping[str, Any], region: str
    ) -> dict[str, Any]:
        """Run one operation and return its output when the edge has acknowledged what it changed.

        Raises:
            ServiceError: the operation refused; nothing was changed.
        """
        loop = asyncio.get_running_loop()
        output = await loop.run_in_executor(
            self._threads, self._dispatcher.call, service, operation, params, region
        )
        await self.changed()
        return output

    async def changed(self) -> None:
        """Bring the edge up to date if the model is newer than what it has."""
        if await asyncio.to_thread(self._model_version) != self._version:
            await self.reconcile()

    async def reconcile(self) -> None:
        """Compile and publish anew; for a change that is not in the model: keys, health, addresses."""
        await self._reconcile.run()

    async def stop(self) -> None:
        """Give up what is under way."""
        await self._reconcile.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _model_version(self) -> int:
        with self._store.read() as state:
            return state.version

    async def _follow_the_model(self) -> None:
        try:
            snapshot = await self._take_snapshot()
            # In a thread: requests for functions pass through this loop, and would wait for all of it.
            compiled = await asyncio.to_thread(compile_snapshot, snapshot)
        except Exception as error:
            # A bug of ours: the last good configuration stays, and health says so: a revoked rule may be open.
            name = type(error).__name__
            self.failure = f"{name}: the model could not be compiled; the edge runs an older version"
            log.exception("compile failed; the edge keeps the last good configuration")
            raise
        published = await self._edge.publish(compiled)
        self.failure = None
        self._version = snapshot.version
        self.state = State(snapshot, compiled, published)
        for diagnostic in compiled.diagnostics:
            log.debug("diagnostic", code=diagnostic.code, arn=diagnostic.arn)
        for follower in self._followers:
            await follower.follow(snapshot, compiled)
