"""Tasks that run beside a part, and waiting that tests can drive by hand."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

Wait = Callable[[asyncio.Event, float], Awaitable[None]]
"""Waits until the event is set, at most for that many seconds."""


Listener = Callable[[], Awaitable[None] | None]
"""Called when something has changed; may be async."""


async def wait_for_event(event: asyncio.Event, seconds: float) -> None:
    """Wait until the event is set or the time is over."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


class Background:
    """The tasks of one part. One that fails is reported by the event loop at once, not when it is collected."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Start a task that ends with :meth:`stop` at the latest."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    async def stop(self) -> None:
        """Cancel what still runs and wait until it has ended."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            context = {"message": f"{task.get_name()} failed", "exception": error, "task": task}
            task.get_loop().call_exception_handler(context)


class Notifier:
    """Calls a listener after changes, one call at a time; changes during a call cause one more.

    A call that fails is reported by the event loop and does not end the telling.
    """

    def __init__(self, background: Background, listener: Listener, name: str) -> None:
        self._background = background
        self._listener = listener
        self._name = name
        self._changed = asyncio.Event()

    def start(self) -> None:
        """Begin to tell; it ends when the background is stopped."""
        self._background.spawn(self._tell(), f"{self._name} notifier")

    def notify(self) -> None:
        """Say that something has changed."""
        self._changed.set()

    async def _tell(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await asyncio.wait([self._background.spawn(self._call(), f"{self._name} listener")])

    async def _call(self) -> None:
        done = self._listener()
        if done is not None:
            await done
