"""Every command of the tutorials, the how-tos and the examples runs and prints what the page says."""

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.guides import PAGE_SECONDS, ROOT, differences, page_environment, read_blocks, run_page

PAGES = [
    *sorted(
        page
        for folder in ("tutorials", "how-to")
        for page in (ROOT / "docs" / folder).glob("*.md")
        if any(block.kind != "by-hand" for block in read_blocks(page))
    ),
    *sorted((ROOT / "examples").glob("*/README.md")),
]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("guides")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
@pytest.mark.timeout(PAGE_SECONDS + 60)
def test_page(page: Path, pytestconfig: pytest.Config, tmp_path: Path) -> None:
    for tool in ("curl", "openssl"):
        if shutil.which(tool) is None:
            pytest.skip(f"the pages use {tool}, which is not installed")
    if page.stem == "use-with-terraform" and not has_terraform(tmp_path):
        pytest.skip("Terraform is not installed, or cannot get the AWS provider here")
    # One folder for all runs: environments of containers know where their requirements were.
    cache = pytestconfig.cache
    assert cache is not None
    folder = cache.mkdir(f"guide-{page.parent.name}-{page.stem}")
    wrong = [differences(block, printed) for block, printed in run_page(page, folder)]
    assert not any(wrong), "\n".join(filter(None, wrong))


def has_terraform(folder: Path) -> bool:
    """Tell whether Terraform can get the provider that the page uses: from the internet, or from a mirror."""
    if shutil.which("terraform") is None:
        return False
    provider = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
    (folder / "provider.tf").write_text(provider)
    done = subprocess.run(
        ["terraform", "init"],
        cwd=folder,
        env=page_environment(folder),
        capture_output=True,
        timeout=120,
        check=False,
    )
    return done.returncode == 0
