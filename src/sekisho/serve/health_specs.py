"""Which targets are checked, and how: what a target group says, where its targets really listen."""

from sekisho.model.elbv2 import TargetGroup
from sekisho.model.ir import Endpoint
from sekisho.model.snapshot import Snapshot
from sekisho.serve.health_checks import CheckedTarget
from sekisho.serve.health_probe import CheckProtocol, HealthCheck, host_header


def checked_targets(snapshot: Snapshot) -> list[CheckedTarget]:
    """Return the targets that have an address on this machine and whose group wants them checked."""
    groups = {group.arn: group for group in snapshot.target_groups}
    return [
        CheckedTarget(group, target, port, _health_check(groups[group], endpoint))
        for (group, target, port), endpoint in snapshot.targets.items()
        if groups[group].health_check.enabled
    ]


def _health_check(group: TargetGroup, endpoint: Endpoint) -> HealthCheck:
    check = group.health_check
    port = endpoint.port if check.port in {None, "traffic-port"} else int(check.port or 0)
    # What gRPC and HTTP/2 targets answer is not looked at: that they accept a connection is.
    protocol = CheckProtocol(check.protocol or "HTTP") if group.protocol_version == "HTTP1" else CheckProtocol.TCP
    return HealthCheck(
        address=endpoint.address,
        port=port,
        host=host_header(endpoint.address, port, protocol),
        protocol=protocol,
        path=check.path,
        interval=check.interval_seconds,
        timeout=check.timeout_seconds,
        healthy_threshold=check.healthy_threshold,
        unhealthy_threshold=check.unhealthy_threshold,
        matcher=check.matcher,
    )
