"""One Envoy of this machine, and all that it is connected to: configuration, access log, questions."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from sekisho.kernel.errors import UsageError
from sekisho.kernel.settings import Settings
from sekisho.serve.access_log import AccessLogSink
from sekisho.serve.api_logs.writer import ApiLogs
from sekisho.serve.audit import Audit
from sekisho.serve.control_socket import ControlSocket
from sekisho.serve.edge import Edge
from sekisho.serve.envoy import EnvoySupervisor, bootstrap
from sekisho.serve.holdings import Holdings
from sekisho.serve.key_broker import KeyBroker
from sekisho.serve.questions import Questions
from sekisho.serve.unknown_keys import UnknownKeys
from sekisho.serve.xds import AdsServer

_NODE = "edge-1"


class LocalEnvoy:
    """Runs Envoy and brings it what is compiled; ``decisions`` are those it has made."""

    def __init__(
        self, binary: Path, settings: Settings, holdings: Holdings, broker: KeyBroker, questions: Questions
    ) -> None:
        ads, sockets = AdsServer(), holdings.sockets
        self._ads, self._binary = ads, binary
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.edge = Edge(ads, settings.host)
        self.audit = Audit(lambda: self.edge.compiled)
        unknown_keys = UnknownKeys(broker, lambda: self.edge.compiled)
        api_logs = ApiLogs(holdings.data.path / "access-logs", lambda: self.edge.compiled)
        self.decisions = AccessLogSink((unknown_keys.take,), self.audit.take, api_logs)
        self._sockets = sockets
        self._socket = ControlSocket(sockets.control, ads, self.decisions, questions)
        self._process = EnvoySupervisor(
            binary,
            sockets.path / "bootstrap.json",
            concurrency=settings.envoy_concurrency,
            on_exit=self._note_end,
        )
        self._running = AsyncExitStack()

    async def start(self) -> None:
        """Start to listen for Envoy, then Envoy itself."""
        self._running.push_async_callback(self._socket.stop)
        await self._socket.start()
        self._running.push_async_callback(self._process.stop)
        await self._process.start(bootstrap(self._sockets.control, self._sockets.admin, _NODE))

    async def wait_connected(self) -> None:
        """Wait until Envoy has asked for its configuration.

        Raises:
            UsageError: it has ended instead.
        """
        connected = asyncio.create_task(self._ads.wait_connected(), name="envoy-connects")
        try:
            either: set[asyncio.Future[Any]] = {connected, self._ended}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not connected.done():
                raise UsageError(
                    f"{self._binary} ended with status {self._ended.result()} before it took a configuration; "
                    f"its last words: {self._process.last_line or 'none'}"
                )
        finally:
            connected.cancel()

    def _note_end(self, status: int) -> None:
        if not self._ended.done():
            self._ended.set_result(status)

    async def stop(self) -> None:
        """End Envoy, then the calls that it had open."""
        await self._running.aclose()

    def parts(self) -> dict[str, str]:
        """Return ``ok``, or what is wrong, for the process, the delivery of configuration, and the audit."""
        return {
            "edge": "ok" if self._process.pid is not None else "Envoy is not running",
            "delivery": self._delivery(),
            "audit": self.audit.health,
        }

    def _delivery(self) -> str:
        last = self.edge.last
        if last is None or not last.acknowledged:
            return "the edge has not acknowledged the newest configuration"
        if last.nacks:
            return f"Envoy refused a part of the configuration: {last.nacks[0].detail}"
        return "ok"
