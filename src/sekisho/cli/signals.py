"""Waiting for the user to end a server."""

import asyncio
import signal


async def until_interrupted() -> None:
    """Return on the first SIGINT or SIGTERM; a second one ends the process the hard way."""
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()

    def first(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, first, number)
    await asked.wait()
