"""Time that is moved by hand, for tests of parts that wait."""

import asyncio
from datetime import datetime, timedelta

from sekisho.kernel.clock import ManualClock


class ManualTime:
    """A clock, and a way of waiting that ends when the clock has been moved far enough.

    Give ``clock`` and ``wait`` to the part, then let time pass: each waiting task is called at its hour and runs until
    it waits again before the next one is.
    """

    def __init__(self) -> None:
        self.clock = ManualClock()
        self._sleepers: dict[object, tuple[datetime, asyncio.Event, asyncio.Event]] = {}
        self._stirred = asyncio.Event()

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until the event is set or so many seconds have been made to pass."""
        hour, me = asyncio.Event(), object()
        self._sleepers[me] = (self.clock.now() + timedelta(seconds=seconds), hour, event)
        self._stirred.set()
        waiting = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(hour.wait())]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._sleepers[me]
            self._stirred.set()
            for task in waiting:
                task.cancel()

    async def all_asleep(self, count: int) -> None:
        """Wait until so many tasks wait, none of which has been called."""
        while len(self._sleepers) != count or self._is_someone_called():
            self._stirred.clear()
            await self._stirred.wait()

    async def passes(self, seconds: float) -> None:
        """Move the clock on, stopping wherever a task wants to be called."""
        count = len(self._sleepers)
        end = self.clock.now() + timedelta(seconds=seconds)
        while due := [(at, hour) for at, hour, _ in self._sleepers.values() if at <= end]:
            at, hour = min(due, key=lambda sleeper: sleeper[0])
            self.clock.advance(seconds=max(0, (at - self.clock.now()).total_seconds()))
            hour.set()
            await self.all_asleep(count)
        self.clock.advance(seconds=(end - self.clock.now()).total_seconds())

    def _is_someone_called(self) -> bool:
        return any(hour.is_set() or event.is_set() for _, hour, event in self._sleepers.values())
