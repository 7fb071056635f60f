"""Process groups end with the server, whichever way it ends."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from sekisho.serve.reaper import Reaper

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not Path("/bin/sh").exists(), reason="there is no POSIX shell"),
]
ENVIRONMENT = {"PATH": os.defpath}
# Holds the pipe open for as long as it lives, as does the child that it starts.
FAMILY = "sleep 1000 & echo started; wait"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def read_line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


async def is_silent(process: asyncio.subprocess.Process) -> bool:
    """Wait until nobody holds the output open any more."""
    assert process.stdout is not None
    return await process.stdout.read() == b""


async def test_a_command_runs_in_a_group_of_its_own(tmp_path: Path) -> None:
    reaper = Reaper()
    # The fifth field is the process group: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    group = "$(cut -d' ' -f5 /proc/$$/stat)"
    command = ["sh", "-c", f'echo "$1 $X $(pwd) {group}"; cat; exit 3', "sh", "a b"]
    process = await reaper.spawn(command, cwd=tmp_path, environment={**ENVIRONMENT, "X": "y"})
    assert await read_line(process) == f"a b y {tmp_path} {process.pid}"
    assert await process.wait() == 3
    await reaper.end(process, grace=1)
    await reaper.stop()


async def test_a_program_that_is_not_there_ends_with_127(tmp_path: Path) -> None:
    reaper = Reaper()
    process = await reaper.spawn(["no-such-program"], cwd=tmp_path, environment=ENVIRONMENT)
    assert "no-such-program" in await read_line(process)
    assert await process.wait() == 127
    await reaper.end(process, grace=1)
    await reaper.stop()


async def test_ending_a_process_ends_its_children(tmp_path: Path) -> None:
    reaper = Reaper()
    process = await reaper.spawn(["sh", "-c", FAMILY], cwd=tmp_path, environment=ENVIRONMENT)
    assert await read_line(process) == "started"
    await reaper.end(process, grace=5)
    assert process.returncode == -signal.SIGTERM
    assert await is_silent(process)
    await reaper.stop()


async def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    reaper = Reaper()
    command = ["sh", "-c", "trap '' TERM; echo started; while :; do sleep 1000; done"]
    process = await reaper.spawn(command, cwd=tmp_path, environment=ENVIRONMENT)
    assert await read_line(process) == "started"
    await reaper.end(process, grace=0.05)
    assert process.returncode == -signal.SIGKILL
    assert await is_silent(process)
    await reaper.stop()


@pytest.mark.slow
async def test_what_was_not_ended_ends_with_the_reaper(tmp_path: Path) -> None:
    reaper = Reaper()
    process = await reaper.spawn(["sh", "-c", FAMILY], cwd=tmp_path, environment=ENVIRONMENT)
    assert await read_line(process) == "started"
    await reaper.stop()
    assert await process.wait() == -signal.SIGTERM
    assert await is_silent(process)


@pytest.mark.slow
async def test_a_reaper_that_was_killed_is_replaced_and_told_everything(tmp_path: Path) -> None:
    reaper = Reaper()
    first = await reaper.spawn(["sh", "-c", FAMILY], cwd=tmp_path, environment=ENVIRONMENT)
    assert await read_line(first) == "started"
    shell = reaper._shell
    assert shell is not None
    shell.kill()
    await shell.wait()
    second = await reaper.spawn(["true"], cwd=tmp_path, environment=ENVIRONMENT)
    await reaper.end(second, grace=1)
    await reaper.stop()
    assert await first.wait() == -signal.SIGTERM
    assert await is_silent(first)


@pytest.mark.slow
async def test_a_server_that_is_killed_leaves_nothing_behind() -> None:
    server = f"""
        import asyncio
        from pathlib import Path
        from sekisho.serve.reaper import Reaper

        async def main():
            reaper = Reaper()
            process = await reaper.spawn(["sh", "-c", {FAMILY!r}], cwd=Path("/"), environment={ENVIRONMENT!r})
            print((await process.stdout.readline()).decode().strip(), process.pid, flush=True)
            await asyncio.Event().wait()

        asyncio.run(main())
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", dedent(server), stdout=asyncio.subprocess.PIPE
    )
    word, group = (await read_line(process)).split()
    assert word == "started"
    process.kill()
    await process.wait()
    await until_gone(int(group))


async def until_gone(group: int) -> None:
    # Nobody tells us about processes that are not our children.
    while True:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        await asyncio.sleep(0.01)
