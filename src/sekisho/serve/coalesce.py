"""One run for many callers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Coalesced(Generic[T]):
    """Runs an async function for callers so that each gets a run that began after it asked.

    Callers that come while a run is under way share the next one.
    """

    def __init__(self, work: Callable[[], Awaitable[T]]) -> None:
        self._work = work
        self._next: asyncio.Future[T] | None = None
        self._task: asyncio.Task[None] | None = None

    async def run(self) -> T:
        """Return the result of a run that begins after this call; raises what the run raises."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        waiting = self._next
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain(), name="coalesced")
        return await asyncio.shield(waiting)

    async def stop(self) -> None:
        """Give up what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._next is not None:
            self._next.cancel()

    async def _drain(self) -> None:
        while self._next is not None:
            waiting, self._next = self._next, None
            try:
                result = await self._work()
            except asyncio.CancelledError:
                waiting.cancel()
                raise
            except Exception as error:  # noqa: BLE001 - handed to the callers, who decide
                waiting.set_exception(error)
                waiting.exception()
            else:
                waiting.set_result(result)
