"""Python environments for bound containers: what building the image would have installed.

One environment for each content of a requirements file and each interpreter, made once. It is built in its final
place, because scripts hold the absolute path of their interpreter; a marker that is written last tells a whole one
from what an interruption has left.
"""

import asyncio
import hashlib
import importlib.util
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

from sekisho.kernel.errors import UsageError
from sekisho.serve.files import write_whole
from sekisho.serve.reaper import Reaper

_MARKER = "sekisho-complete"
_INCLUDES = ("-r", "--requirement", "-c", "--constraint")
_LINE_LIMIT = 16 * 1024
_SHOWN_STEPS = ("Collecting ", "Downloading ", "Installing ", "Building ")


class PythonEnvironments:
    """Makes and finds environments.

    Args:
        directory: where they are kept, each beside the log of its installation.
        environ: the variables that pip gets.
        reaper: starts pip.
    """

    def __init__(self, directory: Path, environ: Mapping[str, str], reaper: Reaper) -> None:
        self._directory = directory.resolve()  # scripts hold the path: it must not depend on a link
        self._environ = environ
        self._reaper = reaper
        self._building: dict[Path, asyncio.Lock] = {}

    async def prepare(self, requirements: Path, progress: Callable[[str], None]) -> Path:
        """Return the folder of the environment, which is built the first time.

        Raises:
            UsageError: the file cannot be read, or pip cannot install it.
        """
        home = self._directory / _fingerprint(requirements)
        async with self._building.setdefault(home, asyncio.Lock()):
            if not (home / _MARKER).exists():
                await self._build(home, requirements, progress)
        return home

    async def _build(self, home: Path, requirements: Path, progress: Callable[[str], None]) -> None:
        await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)
        home.parent.mkdir(parents=True, exist_ok=True)
        log = home.with_suffix(".log")
        progress(f"installing {requirements.name}, this first time only; log: {log}")
        try:
            log.write_bytes(b"")
            for command in _commands(home, requirements):
                await self._run(command, requirements, log, progress)
            write_whole(home / _MARKER, b"")
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)
            raise
        progress(f"installed {requirements.name}")

    async def _run(
        self, command: list[str], requirements: Path, log: Path, progress: Callable[[str], None]
    ) -> None:
        process = await self._reaper.spawn(command, cwd=requirements.parent, environment=self._environ)
        last = ""
        try:
            with log.open("a") as file:
                async for line in read_lines(process.stdout):
                    file.write(f"{line}\n")
                    last = line if line.startswith("ERROR") or not last.startswith("ERROR") else last
                    if line.startswith(_SHOWN_STEPS):
                        progress(line.partition(" (from ")[0])
            code = await process.wait()
        finally:
            await self._reaper.end(process, grace=1)
        if code:
            raise UsageError(f"{requirements} cannot be installed: {last or f'status {code}'} (log: {log})")


async def read_lines(stream: asyncio.StreamReader | None) -> AsyncIterator[str]:
    """Yield the lines of a process's output as they come; a longer line than 16 KiB is cut into such pieces."""
    pending = b""
    while stream is not None and (chunk := await stream.read(_LINE_LIMIT)):
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            for piece in _pieces(line) or [b""]:
                yield piece.decode(errors="replace").rstrip("\r")
        *whole, pending = _pieces(pending) or [b""]
        for piece in whole:
            yield piece.decode(errors="replace")
    if pending:
        yield pending.decode(errors="replace")


def _pieces(line: bytes) -> list[bytes]:
    return [line[start : start + _LINE_LIMIT] for start in range(0, len(line), _LINE_LIMIT)]


def _commands(home: Path, requirements: Path) -> Iterator[list[str]]:
    """Yield what to run. Installing from outside saves the seconds that putting pip into the environment takes."""
    install = ["install", "--disable-pip-version-check", "--no-input", "-r", str(requirements)]
    if importlib.util.find_spec("pip") is None:
        yield [sys.executable, "-m", "venv", str(home)]
        yield [str(home / "bin" / "python"), "-m", "pip", *install]
    else:
        yield [sys.executable, "-m", "venv", "--without-pip", str(home)]
        yield [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), *install]


def _fingerprint(requirements: Path) -> str:
    digest = hashlib.sha256(f"{sys.version}\n{sys.base_prefix}\n".encode())
    for file, content in _read_included(requirements, set()):
        digest.update(f"{file}\n".encode() + content)
    return digest.hexdigest()[:24]


def _read_included(file: Path, seen: set[Path]) -> Iterator[tuple[Path, bytes]]:
    """Yield a requirements file and those that it includes, with their contents."""
    if file in seen:
        return
    seen.add(file)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
    yield file, content
    for line in content.decode(errors="replace").splitlines():
        option, _, name = line.strip().replace("=", " ", 1).partition(" ")
        if option in _INCLUDES and name.strip() and "://" not in name:
            yield from _read_included((file.parent / name.strip()).resolve(), seen)
