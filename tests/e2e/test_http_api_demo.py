"""``sekisho demo http-api``, as a newcomer types it, from a folder that is not the repository."""

import re
import subprocess
from pathlib import Path

import pytest
from tests.support.process import SEKISHO

from sekisho.kernel.settings import inherited_environment

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("application")]


def test_the_demo_ends_with_status_0(tmp_path: Path) -> None:
    done = subprocess.run(
        [SEKISHO, "demo", "http-api", "--exit"],
        cwd=tmp_path,
        env={**inherited_environment(), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    statuses = [int(status) for status in re.findall(r"^  HTTP (\d+)", done.stdout, re.MULTILINE)]
    assert statuses == [401, 200, 200, 200, 200, 403, 200, 401]
    assert done.stdout.count("✓") == 6
    assert "✗" not in done.stdout
    assert not re.search(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", done.stdout + done.stderr), "a whole token was printed"
    assert list(tmp_path.iterdir()) == []
