"""One Envoy of this machine, and all that it is connected to: configuration, access log, questions."""

from contextlib import AsyncExitStack
from pathlib import Path

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
        self.edge = Edge(ads, settings.host)
        self.audit = Audit(lambda: self.edge.compiled)
        unknown_keys = UnknownKeys(broker, lambda: self.edge.compiled)
        api_logs = ApiLogs(holdings.data.path / "access-logs", lambda: self.edge.compiled)
        self.decisions = AccessLogSink((unknown_keys.take,), self.audit.take, api_logs)
        self._sockets = sockets
        self._socket = ControlSocket(sockets.control, ads, self.decisions, questions)
        self._process = EnvoySupervisor(
            binary, sockets.path / "bootstrap.json", concurrency=settings.envoy_concurrency
        )
        self._running = AsyncExitStack()

    async def start(self) -> None:
        """Start to listen for Envoy, then Envoy itself."""
        self._running.push_async_callback(self._socket.stop)
        await self._socket.start()
        self._running.push_async_callback(self._process.stop)
        await self._process.start(bootstrap(self._sockets.control, self._sockets.admin, _NODE))

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
