"""Being ended by the user: Ctrl-C and SIGTERM cancel what runs, so that everything that was opened is closed."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run in an event loop of its own; SIGINT or SIGTERM cancels it, a second SIGINT ends it the hard way.

    Raises:
        KeyboardInterrupt: it was cancelled before it came to :func:`until_interrupted`.
    """

    async def cancellable() -> T:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine that runs is in a task
        # asyncio.run does the same for SIGINT.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await main

    try:
        return asyncio.run(cancellable())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def until_interrupted() -> None:
    """Return when the user ends the program: the ordinary end of a server."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
