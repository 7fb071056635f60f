"""Writing the access logs of HTTP APIs: off the path of requests, one file for each log group."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import structlog
from envoy.data.accesslog.v3.accesslog_pb2 import HTTPAccessLogEntry

from sekisho.compile.compile import Compiled
from sekisho.model.ir import Route
from sekisho.model.ir_http_api import ApiLog
from sekisho.serve.api_logs.lines import log_file, render_line
from sekisho.serve.api_logs.values import read_values

log = structlog.get_logger(__name__)


class ApiLogs:
    """Writes a line for each request that a stage with an access log has taken."""

    def __init__(self, folder: Path, compiled: Callable[[], Compiled | None]) -> None:
        """Take the folder, which is made when it is needed, and where the configuration in force is."""
        self._folder = folder
        self._compiled = compiled
        self._known: Compiled | None = None
        self._routes: Mapping[tuple[str, str], Route] = {}

    async def take(self, listener: str, entries: Iterable[HTTPAccessLogEntry]) -> None:
        """Write the lines of the entries of one listener, by its ARN; returns when they are in their files."""
        self._look()
        found = [
            (entry, route, route.api.log)
            for entry in entries
            if (route := self._routes.get((listener, entry.common_properties.route_name))) is not None
            and route.api.log is not None
        ]
        if found:
            await asyncio.to_thread(self._write, found)

    def _write(self, found: Iterable[tuple[HTTPAccessLogEntry, Route, ApiLog]]) -> None:
        lines: dict[Path, list[str]] = {}
        for entry, route, settings in found:
            line = render_line(settings.format, read_values(entry, route, settings))
            lines.setdefault(log_file(self._folder, settings.destination), []).append(line)
        _append(lines)

    def _look(self) -> None:
        """Learn the routes of a new configuration."""
        compiled = self._compiled()
        if compiled is None or compiled is self._known:
            return
        self._known = compiled
        self._routes = {
            (listener.arn, route.name): route
            for listener in compiled.edge.listeners
            for route in listener.routes
            if route.api.log is not None
        }


def _append(lines: Mapping[Path, list[str]]) -> None:
    for file, found in lines.items():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            # Opened anew each time, so that whoever rotates logs can move the file away.
            with file.open("a", encoding="utf-8") as opened:
                opened.write("".join(f"{line}\n" for line in found))
        except OSError as error:
            log.warning("an access log cannot be written", file=str(file), reason=error.strerror)
