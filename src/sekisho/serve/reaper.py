"""Processes of the user's that never outlive the server, with all that they have started.

The kernel can signal a child when its parent dies, but not the child's children, and a shell or a process manager has
those. So a small shell, which nothing but the end of its input can stop, holds the ids of the process groups: its
input ends when the server does, however it ends, and then it ends the groups.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

_REAPER = """
trap '' INT TERM HUP
groups=
while read -r verb id; do
    case $verb in
    +) groups="$groups $id" ;;
    -) kept=
       for known in $groups; do [ "$known" = "$id" ] || kept="$kept $known"; done
       groups=$kept ;;
    esac
done
[ -n "$groups" ] || exit 0
for id in $groups; do kill -s TERM -- "-$id"; done
left=20
while [ "$left" -gt 0 ]; do
    alive=
    for id in $groups; do kill -s 0 -- "-$id" && alive=yes; done
    [ -n "$alive" ] || exit 0
    sleep 0.1
    left=$((left - 1))
done
for id in $groups; do kill -s KILL -- "-$id"; done
"""

# A process makes itself known before it becomes the command: there is no moment at which it could be forgotten. Its
# standard input is the reaper's pipe until then.
_ENTER = 'echo "+ $$" >&0 && exec "$@" </dev/null'


class Reaper:
    """Starts process groups and ends them when the server is gone."""

    def __init__(self) -> None:
        self._shell: asyncio.subprocess.Process | None = None
        self._pipe = -1
        self._groups: set[int] = set()
        self._starting = asyncio.Lock()

    async def spawn(
        self, command: Sequence[str], *, cwd: Path, environment: Mapping[str, str]
    ) -> asyncio.subprocess.Process:
        """Start a command as the leader of a process group of its own; output and errors share one pipe.

        A program that is not found ends with status 127, as in a shell.
        """
        await self._ensure_shell()
        process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", _ENTER, "sekisho", *command),
            cwd=cwd,
            env=dict(environment),
            stdin=self._pipe,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        self._groups.add(process.pid)
        return process

    async def end(self, process: asyncio.subprocess.Process, grace: float) -> None:
        """End a process group: SIGTERM, then SIGKILL to what is left when its leader has ended or after ``grace``."""
        if process.returncode is None:
            _signal_group(process.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), grace)
        _signal_group(process.pid, signal.SIGKILL)
        await process.wait()
        self._groups.discard(process.pid)
        with contextlib.suppress(OSError):  # the shell is gone; _ensure_shell tells the next one what is left
            os.write(self._pipe, f"- {process.pid}\n".encode())

    async def stop(self) -> None:
        """Let go of the shell; groups that have not been ended are ended by it."""
        if self._shell is not None:
            os.close(self._pipe)
            await self._shell.wait()
            self._shell, self._pipe = None, -1

    async def _ensure_shell(self) -> None:
        async with self._starting:
            if self._shell is not None and self._shell.returncode is None:
                return
            await self.stop()
            reading, self._pipe = os.pipe()
            try:
                self._shell = await asyncio.create_subprocess_exec(
                    *("/bin/sh", "-c", _REAPER),
                    cwd="/",
                    stdin=reading,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.DEVNULL,
                    start_new_session=True,
                )
            finally:
                os.close(reading)
            os.write(self._pipe, "".join(f"+ {group}\n" for group in self._groups).encode())


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS refuses to signal zombies
        os.killpg(group, number)
