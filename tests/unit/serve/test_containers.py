"""Bound containers as real processes."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sekisho.serve.containers import (
    ContainerEvents,
    ContainerPolicy,
    ContainerSpec,
    ContainerSupervisor,
    container_environment,
)

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not Path("/bin/sh").exists(), reason="there is no POSIX shell"),
]
ENVIRONMENT = {"PATH": os.defpath}
SERVER = """
import os, socket, sys
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("listening", os.getpid(), os.environ["HOST"], os.environ["PORT"], os.environ.get("COLOR"))
while True:
    connection, _ = listener.accept()
    if connection.recv(4) == b"quit":
        sys.exit(3)
    connection.close()
"""
LISTEN = (sys.executable, "-u", "-S", "-c", SERVER, "{host}", "{port}")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Events:
    """Everything that was told, in order."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []
        self._more = asyncio.Event()
        self.listener = ContainerEvents(
            up=lambda *told: self._tell("up", *told),
            down=lambda *told: self._tell("down", *told),
            log=lambda *told: self._tell("log", *told),
            progress=lambda *told: self._tell("progress", *told),
        )

    def _tell(self, *told: object) -> None:
        self.told.append(told)
        self._more.set()

    def all(self, *start: object) -> list[tuple[object, ...]]:
        return [told for told in self.told if told[: len(start)] == start]

    async def next(self, *start: object, count: int = 1) -> tuple[object, ...]:
        """Wait until so many events begin like this; return the last of them."""
        while len(self.all(*start)) < count:
            self._more.clear()
            await self._more.wait()
        return self.all(*start)[count - 1]


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
async def supervisor(tmp_path: Path, events: Events) -> AsyncIterator[ContainerSupervisor]:
    policy = ContainerPolicy(first_restart=0.01, grace=5)
    supervisor = ContainerSupervisor(tmp_path / "data", ENVIRONMENT, events.listener, policy)
    yield supervisor
    await supervisor.stop()


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def spec(tmp_path: Path, port: int, **options: object) -> ContainerSpec:
    return ContainerSpec("App", port, LISTEN, tmp_path, **options)  # type: ignore[arg-type]


async def test_a_container_listens_on_its_port_and_is_told_where(
    supervisor: ContainerSupervisor, events: Events, tmp_path: Path, port: int
) -> None:
    await supervisor.want([spec(tmp_path, port, environment={"COLOR": "blue", "PORT": "1"})])
    assert await events.next("up", "App") == ("up", "App", "127.0.0.1", port)
    line = str((await events.next("log", "App"))[2]).split()
    assert line[0] == "listening"
    assert line[2:] == ["127.0.0.1", str(port), "blue"]


@pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is configured on Linux only")
async def test_a_taken_port_is_had_on_another_loopback_address(
    supervisor: ContainerSupervisor, events: Events, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        await supervisor.want([spec(tmp_path, port)])
        assert await events.next("up", "App") == ("up", "App", "127.0.0.2", port)


async def test_a_port_that_is_taken_everywhere_is_replaced(
    supervisor: ContainerSupervisor, events: Events, tmp_path: Path
) -> None:
    with socket.create_server(("0.0.0.0", 0)) as other:
        port = other.getsockname()[1]
        await supervisor.want([spec(tmp_path, port)])
        _, _, host, found = await events.next("up", "App")
    assert host == "127.0.0.1"
    assert found != port


async def test_two_containers_with_one_port_get_an_address_each(
    supervisor: ContainerSupervisor, events: Events, tmp_path: Path, port: int
) -> None:
    names = ("A", "B")
    await supervisor.want([ContainerSpec(name, port, LISTEN, tmp_path) for name in names])
    addresses = {(await events.next("up", name))[2:] for name in names}
    assert len(addresses) == 2


async def test_a_container_that_ends_is_started_again_on_its_address(
    supervisor: ContainerSupervisor, events: Events, tmp_path: Path, port: int
) -> None:
    await supervisor.want([spec(tmp_path, port)])
    first = await events.next("up", "App")
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"quit")
    assert await events.next("down", "App") == ("down", "App", "ended with status 3")
    assert await events.next("up", "App", count=2) == first


async def test_a_killed_container_says_by_which_signal(
    supervisor: ContainerSupervisor, events: Events, tmp_path: Path, port: int
) -> None:
    await supervisor.want([spec(tmp_path, port)])
    await events.next("up", "App")
    pid = int(str((await events.next("log", "App"))[2]).split()[1])
    os.kill(pid, signal.SIGKILL)
    assert await events.next("down", "App") == ("down", "App", "was ended by signal 9")


async def test_restarts_become_rarer(tmp_path: Path, events: Events) -> None:
    waits: list[float] = []
    enough = asyncio.Event()

    async def wait(_event: asyncio.Event, seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 5:
            enough.set()
            await asyncio.Event().wait()

    policy = ContainerPolicy(first_restart=1, longest_restart=5)
    supervisor = ContainerSupervisor(tmp_path, ENVIRONMENT, events.listener, policy, wait)
    await supervisor.want([ContainerSpec("App", 0, ("false",), tmp_path)])
    await enough.wait()
    await supervisor.stop()
    assert waits == [1, 2, 4, 5, 5]
    assert events.all("down")[0] == ("down", "App", "ended with status 1")


async def test_what_is_no_longer_wanted_has_ended_when_want_returns(
    supervisor: ContainerSupervisor, events: Events, tmp_path: Path, port: int
) -> None:
    await supervisor.want([spec(tmp_path, port)])
    await events.next("up", "App")
    await supervisor.want([spec(tmp_path, port)])
    assert not events.all("down")
    await supervisor.want([])
    assert events.all("down") == [("down", "App", "was stopped")]
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


async def test_a_changed_container_is_started_anew(
    supervisor: ContainerSupervisor, events: Events, tmp_path: Path, port: int
) -> None:
    await supervisor.want([spec(tmp_path, port)])
    await events.next("up", "App")
    await supervisor.want([spec(tmp_path, port, environment={"COLOR": "red"})])
    await events.next("up", "App", count=2)
    assert str((await events.next("log", "App", count=2))[2]).endswith(" red")


async def test_output_is_told_line_by_line(
    supervisor: ContainerSupervisor, events: Events, tmp_path: Path
) -> None:
    script = r"printf 'one\r\ntwo\n\377\nlast' >&2; head -c 40000 /dev/zero | tr '\0' x; sleep 1000"
    await supervisor.want([ContainerSpec("App", 0, ("sh", "-c", script), tmp_path)])
    await events.next("log", "App", count=5)
    lines = [str(told[2]) for told in events.all("log")]
    assert lines[:3] == ["one", "two", "\ufffd"]
    assert lines[3].startswith("lastxxx")
    assert [len(line) for line in lines[3:]] == [16 * 1024] * 2


async def test_a_folder_that_is_gone_is_told(
    supervisor: ContainerSupervisor, events: Events, tmp_path: Path
) -> None:
    await supervisor.want([ContainerSpec("App", 0, ("true",), tmp_path / "gone")])
    assert "cannot be started" in str(await events.next("down", "App"))


async def test_a_url_is_up_at_once(supervisor: ContainerSupervisor, events: Events) -> None:
    urls = {"A": "http://127.0.0.1:8000/x", "B": "https://app.example", "C": "http://[::1]"}
    await supervisor.want([ContainerSpec(name, 80, url=url) for name, url in urls.items()])
    assert await events.next("up", "A") == ("up", "A", "127.0.0.1", 8000)
    assert await events.next("up", "B") == ("up", "B", "app.example", 443)
    assert await events.next("up", "C") == ("up", "C", "::1", 80)
    await supervisor.want([])
    assert len(events.all("down")) == 3


def test_a_container_gets_its_variables_and_its_programs_first() -> None:
    environ = {"PATH": "/usr/bin", "HOME": "/home/me", "COLOR": "red"}
    container = ContainerSpec("App", environment={"COLOR": "blue"})
    assert container_environment(environ, container, ("127.0.0.1", 8000), Path("/venv")) == {
        "PYTHONUNBUFFERED": "1",
        "PATH": "/venv/bin:/usr/bin",
        "HOME": "/home/me",
        "COLOR": "blue",
        "VIRTUAL_ENV": "/venv",
        "HOST": "127.0.0.1",
        "PORT": "8000",
    }
    assert "VIRTUAL_ENV" not in container_environment(environ, container, ("127.0.0.1", 1), None)
