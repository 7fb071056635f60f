"""Snapshots and what the compiler makes of them: the IR, Envoy's resources, the diagnostics.

``pytest tests/golden --rewrite-golden`` writes the files anew; the diff is what is reviewed.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from sekisho.compile.compile import compile_snapshot
from sekisho.kernel.errors import UsageError
from sekisho.serve.envoy import find_envoy

from .cases import CASES
from .render import render
from .validate import static_bootstrap

HERE = Path(__file__).parent / "expected"


@pytest.mark.parametrize("name", CASES)
def test_the_compiler_gives_what_was_reviewed(name: str, rewrite: bool) -> None:
    found = render(compile_snapshot(CASES[name]()), whole=name == "machine-to-machine")
    folder = HERE / name
    if rewrite:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in found.items():
            (folder / file).write_text(text)
    assert found == {file: (folder / file).read_text() for file in found}


def test_no_golden_file_is_left_over(rewrite: bool) -> None:
    kept = {HERE / name / file for name in CASES for file in ("ir.yaml", "envoy.yaml", "diagnostics.yaml")}
    for folder in HERE.iterdir():
        if rewrite and folder.name not in CASES:
            shutil.rmtree(folder)
    assert {path for path in HERE.rglob("*") if path.is_file()} == kept


@pytest.mark.parametrize("name", CASES)
def test_envoy_takes_it(name: str, tmp_path: Path) -> None:
    try:
        binary = find_envoy()
    except UsageError as error:
        pytest.skip(error.message)
    config = tmp_path / "envoy.json"
    config.write_text(json.dumps(static_bootstrap(compile_snapshot(CASES[name]()))))
    done = subprocess.run(
        [binary, "--mode", "validate", "-c", config, "-l", "error"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.mark.parametrize("name", CASES)
def test_the_same_snapshot_gives_the_same_bytes(name: str) -> None:
    first, second = compile_snapshot(CASES[name]()), compile_snapshot(CASES[name]())
    assert first.edge == second.edge
    assert first.diagnostics == second.diagnostics
    for type_url, resources in first.resources.items():
        assert list(resources) == list(second.resources[type_url])
        for resource, message in resources.items():
            again = second.resources[type_url][resource]
            assert message.SerializeToString(deterministic=True) == again.SerializeToString(
                deterministic=True
            )
