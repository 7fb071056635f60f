"""Target groups as upstreams."""

from dataclasses import replace

from sekisho.compile.lower.attributes import is_on, number
from sekisho.model.diagnostics import Diagnostic, Severity
from sekisho.model.elbv2 import Target, TargetGroup
from sekisho.model.ir import Balancing, Bridge, Endpoint, Protocol, Upstream
from sekisho.model.snapshot import Snapshot

_BALANCING = {
    "round_robin": Balancing.ROUND_ROBIN,
    "least_outstanding_requests": Balancing.LEAST_OUTSTANDING,
    "weighted_random": Balancing.RANDOM,
}

# "the load balancer waits 10 seconds for the connection": HTTP 504 on
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
_CONNECT_SECONDS = 10


def lower_target_group(group: TargetGroup, snapshot: Snapshot) -> tuple[Upstream, tuple[Diagnostic, ...]]:
    """Return the upstream of a target group, and a diagnostic for each target that gets no traffic."""
    if group.target_type == "lambda":
        return _lower_function(group, snapshot)
    endpoints: list[Endpoint] = []
    findings: list[Diagnostic] = []
    for target in group.targets:
        endpoint = snapshot.targets.get((group.arn, target.id, target.port or 0))
        if endpoint is None:
            findings.append(_no_address(group, target))
        else:
            endpoints.append(endpoint)
    sticky = group.attributes if is_on(group.attributes, "stickiness.enabled", default=False) else None
    upstream = Upstream(
        name=group.arn,
        arn=group.arn,
        endpoints=tuple(endpoints),
        protocol=Protocol.HTTP2 if group.protocol_version in {"HTTP2", "GRPC"} else Protocol.HTTP1,
        tls=group.protocol == "HTTPS",
        balancing=_BALANCING.get(
            group.attributes.get("load_balancing.algorithm.type", ""), Balancing.ROUND_ROBIN
        ),
        connect_timeout=_CONNECT_SECONDS,
        slow_start=number(group.attributes, "slow_start.duration_seconds", 0),
    )
    return upstream if sticky is None else _with_stickiness(upstream, sticky), tuple(findings)


def _lower_function(group: TargetGroup, snapshot: Snapshot) -> tuple[Upstream, tuple[Diagnostic, ...]]:
    """Return the upstream of a group whose target is a function: what runs functions serves it."""
    has_target = bool(group.targets and snapshot.functions_socket)
    upstream = Upstream(
        name=group.arn,
        arn=group.arn,
        endpoints=(),
        connect_timeout=_CONNECT_SECONDS,
        bridge=Bridge(snapshot.functions_socket) if has_target else None,
    )
    missing = (target for target in group.targets if target.id not in snapshot.functions)
    return upstream, tuple(_no_function(group, target) for target in missing)


def _with_stickiness(upstream: Upstream, attributes: dict[str, str]) -> Upstream:
    if attributes.get("stickiness.type") == "app_cookie":
        return replace(
            upstream,
            sticky_seconds=number(attributes, "stickiness.app_cookie.duration_seconds", 86400),
            sticky_cookie=attributes.get("stickiness.app_cookie.cookie_name", ""),
        )
    return replace(
        upstream, sticky_seconds=number(attributes, "stickiness.lb_cookie.duration_seconds", 86400)
    )


def _no_function(group: TargetGroup, target: Target) -> Diagnostic:
    return Diagnostic(
        "target-no-function",
        Severity.WARNING,
        group.arn,
        f"Target group {group.name} sends requests to {target.id}, which does not exist here: they get 502.",
    )


def _no_address(group: TargetGroup, target: Target) -> Diagnostic:
    return Diagnostic(
        "target-no-address",
        Severity.WARNING,
        group.arn,
        f"Target {target.id} of target group {group.name} has no address on this machine and gets no traffic."
        " Register an IP address and port, or bind the container or instance to a local command or URL.",
    )
