"""The bridges by which requests come from the edge to functions."""

from contextlib import AsyncExitStack
from pathlib import Path

from sekisho.functions.bridge import LoadBalancerBridge
from sekisho.functions.http_api_bridge import HttpApiBridge
from sekisho.functions.runner import Functions
from sekisho.kernel.clock import Clock
from sekisho.store.api import Store


class Bridges:
    """The bridge of load balancers and that of HTTP APIs."""

    def __init__(self, store: Store, functions: Functions, clock: Clock) -> None:
        self._load_balancers = LoadBalancerBridge(store, functions)
        self._http_apis = HttpApiBridge(functions, clock)
        self._running = AsyncExitStack()

    async def start(self, load_balancers: Path, http_apis: Path) -> None:
        """Listen on two Unix sockets, which the edge alone may reach."""
        await self._load_balancers.start(load_balancers)
        self._running.push_async_callback(self._load_balancers.stop)
        await self._http_apis.start(http_apis)
        self._running.push_async_callback(self._http_apis.stop)

    async def stop(self) -> None:
        """Close the sockets and every connection."""
        await self._running.aclose()
