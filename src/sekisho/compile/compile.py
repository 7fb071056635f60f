"""The compiler on one screen: snapshot -> IR -> Envoy resources, and what there is to say about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from google.protobuf.message import Message

from sekisho.compile.check import check_edge
from sekisho.compile.emit.edge import emit_edge
from sekisho.compile.lower.edge import lower_edge
from sekisho.model.diagnostics import Diagnostic
from sekisho.model.ir import Edge
from sekisho.model.snapshot import Snapshot


@dataclass(frozen=True)
class Compiled:
    """What a snapshot became.

    Attributes:
        version: the model's version.
        edge: the intermediate representation that was emitted, for ``explain`` and the reference.
        resources: type URL -> resource name -> message; the types are Listener, RouteConfiguration, Cluster,
            ClusterLoadAssignment and TypedExtensionConfig. They hold private keys.
        diagnostics: every finding, in the order of the resources that they are about.
    """

    version: int
    edge: Edge
    resources: Mapping[str, Mapping[str, Message]] = field(repr=False)
    diagnostics: tuple[Diagnostic, ...]


def compile_snapshot(snapshot: Snapshot) -> Compiled:
    """Compile one version of the model. Total: what cannot be compiled answers 500 on its own route."""
    lowered, findings = lower_edge(snapshot)
    edge, broken = check_edge(lowered)
    return Compiled(snapshot.version, edge, emit_edge(edge), (*findings, *broken))
