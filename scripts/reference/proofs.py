"""What proves each rule: tests that are marked with its id, and vectors that name it."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "conformance" / "vectors"


@dataclass
class Proof:
    """The tests of one rule, as ``tests/…/test_x.py::test_name``, and its vectors by file."""

    tests: set[str] = field(default_factory=set)
    vectors: Counter[str] = field(default_factory=Counter)


def collect_proofs() -> Mapping[str, Proof]:
    """Return the proofs by rule id; ids that no rule has are among them."""
    proofs: dict[str, Proof] = defaultdict(Proof)
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for rule, test in _marks(ast.parse(file.read_text(encoding="utf-8"))):
            proofs[rule].tests.add(f"{file.relative_to(ROOT).as_posix()}::{test}")
    for rules, file_name, number in _vectors():
        for rule in rules:
            proofs[rule].vectors[file_name] += number
    return proofs


def count_vectors() -> int:
    """Return the number of vectors; one that is tried against several policies counts for each."""
    return sum(number for _, _, number in _vectors())


def _marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield rule id and test for each mark: on a function, a class, a case of one, or a whole module."""
    for node in tree.body:
        is_test = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        name = node.name if is_test else "*"  # type: ignore[attr-defined]
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and _is_semantics(inner.func):
                yield from ((str(one.value), name) for one in inner.args if isinstance(one, ast.Constant))


def _is_semantics(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == "semantics"


def _vectors() -> Iterator[tuple[list[str], str, int]]:
    """Yield what each vector proves, the file that it is in, and how many policies it is tried against."""
    for file in sorted(VECTORS.glob("*.yaml")):
        document: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
        for vector in document if isinstance(document, list) else ():
            proves, policies = vector["proves"], vector["policy"]
            rules = [proves] if isinstance(proves, str) else proves
            yield rules, file.name, 1 if isinstance(policies, str) else len(policies)
