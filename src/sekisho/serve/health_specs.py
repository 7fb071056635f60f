"""Which targets are checked, and how: what a target group says, where its targets really listen."""

from dataclasses import replace

from sekisho.model.elbv2 import TargetGroup
from sekisho.model.ir import Endpoint
from sekisho.model.snapshot import Snapshot
from sekisho.serve.health_checks import CheckedTarget
from sekisho.serve.health_probe import CheckProtocol, CheckVersion, HealthCheck, host_header


def checked_targets(snapshot: Snapshot) -> list[CheckedTarget]:
    """Return the targets that can be reached on this machine and whose group wants them checked."""
    groups = {group.arn: group for group in snapshot.target_groups if group.health_check.enabled}
    checked = [
        CheckedTarget(group, target, port, _health_check(groups[group], endpoint))
        for (group, target, port), endpoint in snapshot.targets.items()
        if group in groups
    ]
    if snapshot.functions_socket:
        checked += [
            CheckedTarget(group.arn, target.id, 0, _function_check(group, snapshot.functions_socket))
            for group in groups.values()
            if group.target_type == "lambda"
            for target in group.targets
        ]
    return checked


def _function_check(group: TargetGroup, socket: str) -> HealthCheck:
    return _with_settings(HealthCheck(socket, 0, group.arn, CheckProtocol.FUNCTION), group)


def _health_check(group: TargetGroup, endpoint: Endpoint) -> HealthCheck:
    check = group.health_check
    port = endpoint.port if check.port in {None, "traffic-port"} else int(check.port or 0)
    protocol = CheckProtocol(check.protocol or "HTTP")
    host = host_header(endpoint.address, port, protocol)
    version = CheckVersion(group.protocol_version or "HTTP1")
    return _with_settings(HealthCheck(endpoint.address, port, host, protocol, version), group)


def _with_settings(blank: HealthCheck, group: TargetGroup) -> HealthCheck:
    check = group.health_check
    return replace(
        blank,
        path=check.path,
        interval=check.interval_seconds,
        timeout=check.timeout_seconds,
        healthy_threshold=check.healthy_threshold,
        unhealthy_threshold=check.unhealthy_threshold,
        matcher=check.matcher,
    )
