"""Bound containers as supervised local processes: what a container of an ECS task would be on AWS."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sekisho.kernel.errors import UsageError
from sekisho.serve.background import Background, Wait, wait_for_event
from sekisho.serve.environments import PythonEnvironments, read_lines
from sekisho.serve.reaper import Reaper

Address = tuple[str, int]

_LOOPBACK = "127.0.0.1"
_OTHER_LOOPBACKS = tuple(f"127.0.0.{number}" for number in range(2, 32))
_POLL_SECONDS = 0.02
_SILENT_SECONDS = 10
_DRAIN_SECONDS = 1
_NOT_INHERITED = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """What to run for one container.

    Attributes:
        name: unique among the wanted ones; log lines and callbacks carry it.
        port: the container port; another one is used where it is taken. 0 is any.
        command: program and arguments; ``{host}`` and ``{port}`` become the address to listen on.
        directory: where the command runs.
        environment: variables besides the inherited ones; ``HOST`` and ``PORT`` are added.
        requirements: what pip installs into an environment of its own, whose programs are found first.
        url: instead of a command, where somebody else runs the application.
    """

    name: str
    port: int = 0
    command: tuple[str, ...] = ()
    directory: Path = Path()
    environment: Mapping[str, str] = field(default_factory=dict)
    requirements: Path | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ContainerEvents:
    """Who is told what; the first argument is always the container's name.

    Attributes:
        up: the container accepts connections at this host and port.
        down: it does not, or not any more, and why; told after each attempt that has ended.
        log: a line of its output.
        progress: a step towards running it.
    """

    up: Callable[[str, str, int], None] = lambda _name, _host, _port: None
    down: Callable[[str, str], None] = lambda _name, _reason: None
    log: Callable[[str, str], None] = lambda _name, _line: None
    progress: Callable[[str, str], None] = lambda _name, _message: None


@dataclass(frozen=True, slots=True)
class ContainerPolicy:
    """Times, in seconds.

    Attributes:
        first_restart: wait before a container that has ended is started again; it doubles each time.
        longest_restart: the longest wait.
        steady: a container that ran so long is restarted after ``first_restart`` again.
        grace: between SIGTERM and SIGKILL.
    """

    first_restart: float = 0.2
    longest_restart: float = 10
    steady: float = 10
    grace: float = 5


class ContainerSupervisor:
    """Keeps the wanted containers running.

    Args:
        data: the data directory; Python environments are kept in ``environments/``.
        environ: the variables that containers inherit.
        events: who is told.
        policy: how it waits.
        wait: waits before a restart.
    """

    def __init__(
        self,
        data: Path,
        environ: Mapping[str, str],
        events: ContainerEvents | None = None,
        policy: ContainerPolicy | None = None,
        wait: Wait = wait_for_event,
    ) -> None:
        self._environ = {name: value for name, value in environ.items() if name not in _NOT_INHERITED}
        self._events = events or ContainerEvents()
        self._policy = policy or ContainerPolicy()
        self._wait = wait
        self._reaper = Reaper()
        self._environments = PythonEnvironments(data / "environments", self._environ, self._reaper)
        self._background = Background()
        self._running: dict[str, tuple[ContainerSpec, asyncio.Task[None]]] = {}
        self._addresses: dict[str, Address] = {}

    async def want(self, containers: Iterable[ContainerSpec]) -> None:
        """Run exactly these from now on; returns when those that are no longer wanted have ended.

        A container whose spec has changed is ended and started anew.
        """
        wanted = {container.name: container for container in containers}
        ended = [name for name, (spec, _) in self._running.items() if wanted.get(name) != spec]
        tasks = [self._running.pop(name)[1] for name in ended]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for name in ended:
            self._addresses.pop(name, None)
        for name, spec in wanted.items():
            if name not in self._running:
                task = self._background.spawn(self._keep_running(spec), f"container {name}")
                self._running[name] = (spec, task)

    async def stop(self) -> None:
        """End every container."""
        await self._background.stop()
        self._running.clear()
        await self._reaper.stop()

    async def _keep_running(self, spec: ContainerSpec) -> None:
        if spec.url is not None:
            await self._point_at(spec.name, spec.url)
        clock = asyncio.get_running_loop()
        delay = self._policy.first_restart
        while True:
            started = clock.time()
            try:
                await self._run_once(spec, await self._prepare(spec))
            except (UsageError, OSError) as error:
                self._events.down(spec.name, f"cannot be started: {error}")
            if clock.time() - started >= self._policy.steady:
                delay = self._policy.first_restart
            await self._wait(asyncio.Event(), delay)
            delay = min(delay * 2, self._policy.longest_restart)

    async def _point_at(self, name: str, url: str) -> None:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        self._events.up(name, parts.hostname or _LOOPBACK, port)
        try:
            await asyncio.Event().wait()
        finally:
            self._events.down(name, "is no longer wanted")

    async def _prepare(self, spec: ContainerSpec) -> Path | None:
        if spec.requirements is None:
            return None

        def progress(message: str) -> None:
            self._events.progress(spec.name, message)

        return await self._environments.prepare(spec.requirements, progress)

    async def _run_once(self, spec: ContainerSpec, home: Path | None) -> None:
        """Run the command until it ends."""
        host, port = address = self._choose_address(spec)
        command = [part.replace("{host}", host).replace("{port}", str(port)) for part in spec.command]
        variables = container_environment(self._environ, spec, address, home)
        process = await self._reaper.spawn(command, cwd=spec.directory, environment=variables)
        helpers = Background()
        output = helpers.spawn(self._read_output(spec.name, process), f"output of {spec.name}")
        helpers.spawn(self._watch_port(spec.name, address), f"port of {spec.name}")
        reason = "was stopped"
        try:
            reason = _describe(await process.wait())
        finally:
            await self._reaper.end(process, self._policy.grace)
            # Whoever has left the process group may hold the pipe open.
            await asyncio.wait([output], timeout=_DRAIN_SECONDS)
            await helpers.stop()
            self._events.down(spec.name, reason)

    def _choose_address(self, spec: ContainerSpec) -> Address:
        """Return where the container listens: the same address after a restart, if it is free."""
        known = self._addresses.get(spec.name)
        if known is None or not _is_free(known):
            taken = {address for name, address in self._addresses.items() if name != spec.name}
            known = next(
                address for address in _candidates(spec.port) if address not in taken and _is_free(address)
            )
            self._addresses[spec.name] = known
        return known

    async def _read_output(self, name: str, process: asyncio.subprocess.Process) -> None:
        async for line in read_lines(process.stdout):
            self._events.log(name, line)

    async def _watch_port(self, name: str, address: Address) -> None:
        clock = asyncio.get_running_loop()
        silent_at = clock.time() + _SILENT_SECONDS
        while not await _accepts(address):
            await asyncio.sleep(_POLL_SECONDS)
            if clock.time() >= silent_at:
                silent_at = float("inf")
                self._events.progress(name, f"does not listen on {address[0]}:{address[1]} yet")
        self._events.up(name, *address)


def container_environment(
    environ: Mapping[str, str], spec: ContainerSpec, address: Address, home: Path | None
) -> dict[str, str]:
    """Return the variables of a container: inherited ones, its own, and where it has to listen."""
    variables = {"PYTHONUNBUFFERED": "1", **environ}  # log lines are shown when they are written
    if home is not None:
        variables["VIRTUAL_ENV"] = str(home)
        variables["PATH"] = f"{home / 'bin'}:{variables.get('PATH', '/usr/bin:/bin')}"
    return {**variables, **spec.environment, "HOST": address[0], "PORT": str(address[1])}


def _candidates(port: int) -> Iterator[Address]:
    """Yield addresses to listen on, the best first: the container port, if need be on another loopback address."""
    if port:
        yield (_LOOPBACK, port)
        if sys.platform == "linux":  # elsewhere 127.0.0.1 is the only address that is configured
            yield from ((host, port) for host in _OTHER_LOOPBACKS)
    while True:
        with socket.socket() as probe:
            probe.bind((_LOOPBACK, 0))
            chosen = probe.getsockname()
        yield chosen


def _is_free(address: Address) -> bool:
    with socket.socket() as probe:
        # Connections that wait out their time after a restart do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError:
            return False
    with socket.socket() as probe:  # macOS lets one bind beside a listener on all addresses
        return probe.connect_ex(address) != 0


async def _accepts(address: Address) -> bool:
    try:
        _, writer = await asyncio.open_connection(*address)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def _describe(code: int) -> str:
    return f"ended with status {code}" if code >= 0 else f"was ended by signal {-code}"
