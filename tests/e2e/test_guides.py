"""Every command of the tutorials, the how-tos and an example runs and prints what the page says."""

import shutil
from pathlib import Path

import pytest
from tests.support.guides import ROOT, differences, read_blocks, run_page

PAGES = [
    *sorted(
        page
        for folder in ("tutorials", "how-to")
        for page in (ROOT / "docs" / folder).glob("*.md")
        if any(block.kind != "by-hand" for block in read_blocks(page))
    ),
    ROOT / "examples/http-api/README.md",
]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("guides")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_page(page: Path, pytestconfig: pytest.Config) -> None:
    if shutil.which("curl") is None:
        pytest.skip("the pages use curl, which is not installed")
    # One folder for all runs: environments of containers know where their requirements were.
    cache = pytestconfig.cache
    assert cache is not None
    folder = cache.mkdir(f"guide-{page.parent.name}-{page.stem}")
    wrong = [differences(block, printed) for block, printed in run_page(page, folder)]
    assert not any(wrong), "\n".join(filter(None, wrong))
