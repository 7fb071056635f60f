"""Asynchronous invocations: each event is in the state before it is accepted, and until it has been handled."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from sekisho.model.lambda_ import QueuedEvent
from sekisho.services.hosting import FunctionNotRunError, FunctionRun
from sekisho.store.api import Store

log = structlog.get_logger(__name__)

Handle = Callable[[str, bytes, str], Awaitable[FunctionRun]]
"""Runs a function: ``(ARN, payload, client context)``."""

_THROTTLED_SECONDS = 1.0


class EventQueue:
    """Handles queued events, each in a task of its own."""

    def __init__(self, store: Store, handle: Handle) -> None:
        self._store = store
        self._handle = handle
        self._woken = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self) -> None:
        """Begin to handle events, those first that are there already."""
        self._woken.set()
        self._watcher = asyncio.create_task(self._watch(), name="function events")

    def wake(self) -> None:
        """Look for events."""
        self._woken.set()

    async def stop(self) -> None:
        """Give up what is under way; those events are handled after the next start."""
        tasks = [*self._tasks.values(), *([self._watcher] if self._watcher else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            for event in await asyncio.to_thread(self._list):
                if event.id not in self._tasks:
                    self._tasks[event.id] = asyncio.create_task(self._take(event), name=f"event {event.id}")

    async def _take(self, event: QueuedEvent) -> None:
        try:
            while not await self._try(event):  # noqa: ASYNC110 - nobody tells when a worker is free
                await asyncio.sleep(_THROTTLED_SECONDS)
            await asyncio.to_thread(self._delete, event)
        finally:
            del self._tasks[event.id]

    async def _try(self, event: QueuedEvent) -> bool:
        """Handle an event; tell whether that is done with."""
        try:
            await self._handle(event.resource, event.payload, event.client_context)
        except FunctionNotRunError as error:
            if error.code == "TooManyRequestsException":
                return False
            log.warning("an event was dropped", function=event.resource, reason=error.message)
        return True  # LAMBDA-08

    def _list(self) -> list[QueuedEvent]:
        with self._store.read() as state:
            return state.list(QueuedEvent)

    def _delete(self, event: QueuedEvent) -> None:
        with self._store.write() as state:
            if state.find(QueuedEvent, event.key) is not None:
                state.delete(QueuedEvent, event.key)
