"""Starting processes that never outlive the server."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_PDEATHSIG = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, int(sys.argv[1]))
if os.getppid() != int(sys.argv[2]):
    sys.exit(1)
os.execvp(sys.argv[3], sys.argv[3:])
"""


async def spawn(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
) -> asyncio.subprocess.Process:
    """Start a process in a session of its own, with its output and errors in one pipe.

    On Linux the kernel sends it ``death_signal`` when the server dies, however it dies (prctl(2), PR_SET_PDEATHSIG);
    the signal is set by a small interpreter that then becomes the command, because code between fork and exec is not
    safe in a process with threads. It must be called from the main thread: the kernel watches the thread that forks.
    """
    if sys.platform == "linux":
        wrapper = [sys.executable, "-I", "-S", "-c", _PDEATHSIG, str(int(death_signal)), str(os.getpid())]
        command = [*wrapper, *command]
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env=None if env is None else dict(env),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )


async def stop(process: asyncio.subprocess.Process, grace: float) -> None:
    """End a process: SIGTERM, then SIGKILL after ``grace`` seconds."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), grace)
    except TimeoutError:
        process.kill()
        await process.wait()
