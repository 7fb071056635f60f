"""Packages of npm that play a part in a test; where they cannot be installed the test is skipped, and fails in CI."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}  # noqa: TID251 -- where a missing tool is a failure


def installed(config: pytest.Config, package: str) -> Path:
    """Return a folder that has a package, named with its version, e.g. ``openid-client@6.8.9``."""
    assert config.cache is not None
    name, _, _version = package.rpartition("@")
    folder = config.cache.mkdir(name)
    if not (folder / "node_modules" / name).is_dir():
        problem = _install(folder, package)
        if problem:
            assert not IN_CI, problem
            pytest.skip(problem)
    return folder


def run_script(folder: Path, script: Path, asked: dict[str, Any]) -> Any:
    """Run a script beside the package, with JSON as its input, and return the JSON that it prints."""
    copy = folder / script.name
    shutil.copy(script, copy)
    done = subprocess.run(
        ["node", str(copy)], input=json.dumps(asked), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _install(folder: Path, package: str) -> str:
    """Install a package; return what is in the way, or nothing."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return f"Node.js with npm, which {package} needs, is not here"
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), package]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return "" if done.returncode == 0 else f"npm cannot install {package}: {done.stderr}"
