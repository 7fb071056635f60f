"""All of the model as one edge."""

from sekisho.compile.lower.key_sets import KeySets
from sekisho.compile.lower.listeners import ListenerLowering
from sekisho.compile.lower.target_groups import lower_target_group
from sekisho.model.diagnostics import Diagnostic, Severity
from sekisho.model.ir import Edge, Listener, Upstream
from sekisho.model.snapshot import Snapshot


def lower_edge(snapshot: Snapshot) -> tuple[Edge, tuple[Diagnostic, ...]]:
    """Return the edge of a snapshot and what there is to say about it."""
    findings: list[Diagnostic] = []
    upstreams: list[Upstream] = []
    for group in snapshot.target_groups:
        upstream, missing = lower_target_group(group, snapshot)
        upstreams.append(upstream)
        findings.extend(missing)
    findings.extend(_no_code(arn, source) for arn, source in snapshot.functions.items() if source)
    key_sets = KeySets(snapshot)
    listeners = _lower_listeners(snapshot, key_sets, findings)
    findings.extend(key_sets.findings.values())
    edge = Edge(tuple(listeners), tuple(upstreams), tuple(key_sets.found.values()), snapshot.probe)
    return edge, tuple(findings)


def _no_code(arn: str, source: str) -> Diagnostic:
    return Diagnostic(
        "function-no-code",
        Severity.WARNING,
        arn,
        f"The function's code, {source}, is not on this machine, so that it is declared and cannot run."
        " Name a folder for it under `assets` in sekisho.yaml, or deploy the cloud assembly that holds it.",
    )


def _lower_listeners(snapshot: Snapshot, key_sets: KeySets, findings: list[Diagnostic]) -> list[Listener]:
    balancers = {balancer.arn: balancer for balancer in snapshot.load_balancers}
    lowering = ListenerLowering(snapshot, key_sets)
    listeners: list[Listener] = []
    for listener in snapshot.listeners:
        balancer = balancers.get(listener.load_balancer_arn)
        port = snapshot.ports.get(listener.arn)
        if balancer is None or port is None:
            what = "load balancer" if balancer is None else "local port"
            findings.append(
                Diagnostic(
                    "listener-not-served", Severity.ERROR, listener.arn, f"The listener has no {what}."
                )
            )
        else:
            listeners.append(lowering.lower(listener, balancer, port))
    return listeners
