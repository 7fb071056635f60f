"""All of the model as one edge."""

from sekisho.compile.lower.http_apis import HttpApiLowering
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
    callers = _callers(snapshot)
    findings.extend(_no_code(arn, source, callers) for arn, source in snapshot.functions.items() if source)
    key_sets = KeySets(snapshot)
    listeners = _lower_listeners(snapshot, key_sets, findings)
    apis, endpoints = HttpApiLowering(snapshot, key_sets).lower()
    listeners += apis
    upstreams += endpoints
    findings.extend(key_sets.findings.values())
    edge = Edge(
        tuple(listeners), tuple(upstreams), tuple(key_sets.found.values()), snapshot.probe, snapshot.choices
    )
    return edge, tuple(findings)


def _callers(snapshot: Snapshot) -> frozenset[str]:
    """Return the names by which target groups and APIs call functions."""
    targets = (
        target.id
        for group in snapshot.target_groups
        if group.target_type == "lambda"
        for target in group.targets
    )
    integrations = (
        integration.uri
        for deployment in snapshot.deployments
        for integration in deployment.definition.integrations
    )
    return frozenset((*targets, *integrations))


def _no_code(arn: str, source: str, callers: frozenset[str]) -> Diagnostic:
    # One that only the deployment on AWS would call, such as CDK's custom resources, is missed by nobody here.
    is_called = any(arn in caller for caller in callers)
    return Diagnostic(
        "function-no-code",
        Severity.WARNING if is_called else Severity.INFO,
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
