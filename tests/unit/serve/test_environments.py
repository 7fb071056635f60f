"""Python environments for containers, built by the real pip from files on this machine."""
# ruff: noqa: ASYNC240 - blocking for a moment harms no test

import asyncio
import os
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sekisho.kernel.errors import UsageError
from sekisho.serve.containers import ContainerEvents, ContainerSpec, ContainerSupervisor
from sekisho.serve.environments import PythonEnvironments
from sekisho.serve.reaper import Reaper

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/bin/sh").exists(), reason="there is no POSIX shell"),
]
ENVIRON = {"PATH": os.defpath, "PIP_NO_INDEX": "1"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def environments(tmp_path: Path) -> AsyncIterator[PythonEnvironments]:
    reaper = Reaper()
    yield PythonEnvironments(tmp_path / "environments", ENVIRON, reaper)
    await reaper.stop()


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    """Return a file that asks for a wheel with one program, ``greet``."""
    wheel = tmp_path / "greeter-1.0-py3-none-any.whl"
    metadata = "greeter-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("greeter.py", "def main():\n    print('hello')\n")
        archive.writestr(f"{metadata}/METADATA", "Metadata-Version: 2.1\nName: greeter\nVersion: 1.0\n")
        archive.writestr(
            f"{metadata}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{metadata}/entry_points.txt", "[console_scripts]\ngreet = greeter:main\n")
        archive.writestr(f"{metadata}/RECORD", "")
    file = tmp_path / "requirements.txt"
    file.write_text(f"./{wheel.name}\n")
    return file


async def test_requirements_are_installed_once(environments: PythonEnvironments, requirements: Path) -> None:
    steps: list[str] = []
    homes = await asyncio.gather(*(environments.prepare(requirements, steps.append) for _ in range(2)))
    assert homes[0] == homes[1]
    assert (homes[0] / "bin" / "greet").exists()
    assert [step for step in steps if step.startswith("install")] == [
        f"installing requirements.txt, this first time only; log: {homes[0].with_suffix('.log')}",
        "installed requirements.txt",
    ]
    steps.clear()
    assert await environments.prepare(requirements, steps.append) == homes[0]
    assert steps == []


async def test_what_an_interruption_left_is_built_again(
    environments: PythonEnvironments, requirements: Path
) -> None:
    requirements.write_text("")
    home = await environments.prepare(requirements, lambda _step: None)
    (home / "sekisho-complete").unlink()
    (home / "bin" / "python").unlink()
    assert await environments.prepare(requirements, lambda _step: None) == home
    assert (home / "bin" / "python").exists()


async def test_a_cancelled_installation_leaves_nothing(
    environments: PythonEnvironments, requirements: Path, tmp_path: Path
) -> None:
    began = asyncio.Event()
    task = asyncio.create_task(environments.prepare(requirements, lambda _step: began.set()))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [path.suffix for path in (tmp_path / "environments").iterdir()] in ([], [".log"])


async def test_a_package_that_cannot_be_had_is_told(
    environments: PythonEnvironments, requirements: Path, tmp_path: Path
) -> None:
    requirements.write_text("no-such-package==1.0\n")
    with pytest.raises(UsageError, match=r"requirements\.txt cannot be installed: ERROR: .*no-such-package"):
        await environments.prepare(requirements, lambda _step: None)
    [log] = (tmp_path / "environments").iterdir()
    assert "no-such-package" in log.read_text()


async def test_included_files_count(
    environments: PythonEnvironments, requirements: Path, tmp_path: Path
) -> None:
    included = tmp_path / "base.txt"
    included.write_text("")
    requirements.write_text("-r base.txt\n-c base.txt\n")
    first = await environments.prepare(requirements, lambda _step: None)
    included.write_text("# changed\n")
    assert await environments.prepare(requirements, lambda _step: None) != first
    included.unlink()
    with pytest.raises(UsageError, match=r"base\.txt: cannot be read"):
        await environments.prepare(requirements, lambda _step: None)


async def test_a_container_runs_the_programs_of_its_environment(requirements: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    spoke = asyncio.Event()

    def log(_name: str, line: str) -> None:
        lines.append(line)
        spoke.set()

    supervisor = ContainerSupervisor(tmp_path, ENVIRON, ContainerEvents(log=log))
    await supervisor.want([ContainerSpec("App", 0, ("greet",), tmp_path, requirements=requirements)])
    await spoke.wait()
    await supervisor.stop()
    assert lines[0] == "hello"


async def test_a_container_without_its_environment_is_down(requirements: Path, tmp_path: Path) -> None:
    requirements.write_text("no-such-package\n")
    told: list[str] = []
    is_down = asyncio.Event()

    def down(_name: str, reason: str) -> None:
        told.append(reason)
        is_down.set()

    supervisor = ContainerSupervisor(tmp_path, ENVIRON, ContainerEvents(down=down))
    await supervisor.want([ContainerSpec("App", 0, ("greet",), tmp_path, requirements=requirements)])
    await is_down.wait()
    await supervisor.stop()
    assert "requirements.txt cannot be installed" in told[0]
