"""Write the generated pages of docs/reference and the counts of the README: ``python -m scripts.generate_docs``.

A page is a row of :data:`PAGES`. A test of the house compares what is committed with what this writes.
"""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from scripts.reference import (
    choices,
    cli,
    cloudformation,
    counts,
    diagnostics,
    endpoints,
    management_api,
    ports_and_files,
    project_file,
    semantics,
    services,
    settings,
)

from sekisho.services import SERVICES

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
README = ROOT / "README.md"

PAGES: Mapping[str, Callable[[], str]] = {
    "operations.md": services.render_operations,
    **{f"ledger-{service.name}.md": partial(services.render_ledger, service) for service in SERVICES},
    "cloudformation-types.md": cloudformation.render,
    "settings.md": settings.render,
    "cli.md": cli.render,
    "semantics.md": semantics.render,
    "choices.md": choices.render,
    "diagnostics.md": diagnostics.render,
    "sekisho-yaml.md": project_file.render,
    "endpoints.md": endpoints.render,
    "management-api.md": management_api.render,
    "ports-and-files.md": ports_and_files.render,
}
"""File name in docs/reference -> what returns its text."""


def generate() -> dict[Path, str]:
    """Return every generated file with its text."""
    texts = {REFERENCE / name: render() for name, render in PAGES.items()}
    return {**texts, README: counts.fill(README.read_text(encoding="utf-8"))}


def main() -> int:
    """Write what has changed, and delete ledgers of services that are gone."""
    for path, text in generate().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    for stray in set(REFERENCE.glob("ledger-*.md")) - {REFERENCE / name for name in PAGES}:
        stray.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
