"""The documentation is whole, current, and points at what exists."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from scripts.generate_docs import PAGES, REFERENCE, ROOT, generate
from scripts.reference.project_file import EXAMPLE

from sekisho.compile import check
from sekisho.model.diagnostics import CATALOGUE
from sekisho.model.ir import KeySetState
from sekisho.serve.project import load_project

DOCS = ROOT / "docs"
MARKDOWN = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "examples").glob("*/README.md")])
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def generated() -> dict[Path, str]:
    return generate()


@pytest.mark.parametrize("name", [*(f"docs/reference/{page}" for page in PAGES), "README.md"])
def test_generated_pages_are_current(name: str, generated: dict[Path, str]) -> None:
    file = ROOT / name
    assert file.exists(), "run: make docs"
    assert file.read_text("utf-8") == generated[file], "run: make docs"


def test_the_reference_is_generated() -> None:
    assert {file.name for file in REFERENCE.glob("*.md")} == set(PAGES)


def test_the_index_lists_every_page() -> None:
    listed = {(DOCS / link).resolve() for link in links_of(DOCS / "README.md") if "://" not in link}
    pages = {file for file in DOCS.rglob("*.md") if file != DOCS / "README.md"}
    assert sorted(map(name_of, pages - listed)) == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 120


@pytest.mark.parametrize("file", MARKDOWN, ids=name_of)
def test_links_lead_somewhere(file: Path) -> None:
    broken = [link for link in links_of(file) if not leads_somewhere(file, link)]
    assert not broken


def links_of(file: Path) -> list[str]:
    return _LINK.findall(_FENCE.sub("", file.read_text("utf-8")))


def leads_somewhere(file: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return True
    path, _, anchor = link.partition("#")
    target = (file.parent / path).resolve() if path else file
    if not target.exists():
        return False
    return not anchor or anchor in anchors_of(target)


def anchors_of(file: Path) -> set[str]:
    """Return the anchors of a page: those that are written, and those that headings get."""
    text = _FENCE.sub("", file.read_text("utf-8"))
    headings = (heading.strip().lower() for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE))
    made = {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a id="([^"]+)"', text))


def test_every_endpoint_is_listed() -> None:
    page = (REFERENCE / "endpoints.md").read_text("utf-8")
    named = {
        node.value
        for folder in ("serve", "issuer")
        for file in (ROOT / "src" / "sekisho" / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("/_sekisho/")
    }
    app = (ROOT / "src" / "sekisho" / "app.py").read_text("utf-8")
    named |= set(re.findall(r'"(/_sekisho/[^"]+)"', app))
    assert len(named) > 5
    assert {path for path in named if f"`{path}" not in page} == set()


def test_every_dependency_has_a_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lists = [project["project"]["dependencies"], *project["project"]["optional-dependencies"].values()]
    wanted = [
        re.match(r"[\w.-]+", text) for part in (*lists, project["build-system"]["requires"]) for text in part
    ]
    page = (DOCS / "explanation" / "decisions" / "0001-bought-parts.md").read_text("utf-8")
    missing = [name[0] for name in wanted if name and f"`{name[0]}`" not in page]
    assert not missing


def test_every_diagnostic_has_a_cause_and_a_cure() -> None:
    known = [one.code for one in CATALOGUE]
    assert known == sorted(set(known))
    made = {f"jwks-{state}" for state in KeySetState if state is not KeySetState.READY} | set(check._CAUSES)
    for file in (ROOT / "src" / "sekisho").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                first = node.args[0]
                if node.func.id in {"Diagnostic", "Refuse"} and isinstance(first, ast.Constant):
                    made.add(str(first.value))
    assert set(known) == made


def test_the_example_of_a_project_file_is_one(tmp_path: Path) -> None:
    for name in (
        "template.yaml",
        "tls/chain.pem",
        "tls/key.pem",
        "app/requirements.txt",
        "src/handler/index.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "sekisho.yaml").write_text(EXAMPLE)
    project = load_project(tmp_path / "sekisho.yaml")
    assert project.stack == "orders"
    assert len(project.containers) == 2
