"""All of the model as one edge."""

from sekisho.model.diagnostics import Diagnostic
from sekisho.model.ir import Edge
from sekisho.model.snapshot import Snapshot


def lower_edge(_snapshot: Snapshot) -> tuple[Edge, tuple[Diagnostic, ...]]:
    """Return the edge of a snapshot and what there is to say about it."""
    return Edge(), ()
