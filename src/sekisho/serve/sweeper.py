"""Deletes expired sign-ins every hour, so that the state does not grow with them."""

import asyncio

import structlog

from sekisho.kernel.clock import Clock
from sekisho.serve.background import Background, Wait, wait_for_event
from sekisho.services.cognito_idp.expiry import delete_expired
from sekisho.store.api import Store

log = structlog.get_logger(__name__)

_INTERVAL_SECONDS = 3600.0


class Sweeper:
    """Runs beside the server; a sweep that fails is reported by the event loop and ends the sweeping."""

    def __init__(self, store: Store, clock: Clock, wait: Wait = wait_for_event) -> None:
        self._store = store
        self._clock = clock
        self._wait = wait
        self._background = Background()
        self._never = asyncio.Event()

    def start(self) -> None:
        """Begin; the first sweep is at once."""
        self._background.spawn(self._sweep(), "sweeper")

    async def stop(self) -> None:
        """End."""
        await self._background.stop()

    async def _sweep(self) -> None:
        while True:
            count = await asyncio.to_thread(delete_expired, self._store, self._clock.now())
            if count:
                log.info("deleted expired sign-ins", count=count)
            await self._wait(self._never, _INTERVAL_SECONDS)
