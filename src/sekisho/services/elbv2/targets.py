"""The targets of a target group and their health.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetDescription.html
"""

import dataclasses
import ipaddress
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sekisho.kernel.arn import Arn
from sekisho.model.elbv2 import DrainingTarget, Target, TargetGroup
from sekisho.model.lambda_ import Function
from sekisho.services.context import Context, ReadContext, TargetHealth
from sekisho.services.elbv2 import errors, limits
from sekisho.services.elbv2.lookup import get_target_group
from sekisho.services.elbv2.target_group_use import find_use
from sekisho.services.lambda_.lookup import parse_name
from sekisho.services.lambda_.permissions import may_invoke
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "RegisterTargetsInput": members(enforced="TargetGroupArn Targets"),
    "DeregisterTargetsInput": members(enforced="TargetGroupArn Targets"),
    # Include asks for anomaly detection, which is not run here.
    "DescribeTargetHealthInput": members(enforced="TargetGroupArn Targets", rejected="Include"),
    "TargetDescription": members(enforced="Id Port", stored="AvailabilityZone", rejected="QuicServerId"),
}

INVOKER = "elasticloadbalancing.amazonaws.com"
"""The service principal in whose name load balancers invoke functions."""

_INSTANCE = re.compile(r"i-[0-9A-Za-z]{1,32}")
_FUNCTION = re.compile(r"function:[A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9_$-]{1,128})?")
_ZONE = re.compile(r"all|[a-z0-9-]{1,32}")
_NETWORKS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",  # here targets run on the same machine
        "fc00::/7",
        "::1/128",
    )
)

_NOT_REGISTERED = TargetHealth(
    "unused", "Target.NotRegistered", "Target is not registered to the target group"
)
_NOT_IN_USE = TargetHealth(
    "unused",
    "Target.NotInUse",
    "Target group is not configured to receive traffic from the load balancer",
)
_DRAINING = TargetHealth(
    "draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"
)
_DISABLED = TargetHealth("unavailable", "Target.HealthCheckDisabled", "Health checks are disabled")
_CHECKING = TargetHealth("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")


@operation("RegisterTargets")
def register_targets(ctx: Context, request: Mapping[str, Any]) -> None:
    """Add targets to a group; one that is registered already gets the zone that is given."""
    group = get_target_group(ctx, request["TargetGroupArn"])
    added = _decode_targets(group, request["Targets"])
    for target in added:
        _check_target(group, target, ctx.region)
        if group.target_type == "lambda":
            _check_permission(ctx, group, target.id)
    targets = {_identity(target): target for target in (*group.targets, *added)}
    most = 1 if group.target_type == "lambda" else limits.TARGETS_PER_GROUP
    if len(targets) > most:
        raise errors.too_many("Targets", most)
    back = {_identity(target) for target in added}
    draining = tuple(each for each in group.draining if _identity(each.target) not in back)
    ctx.state.put(dataclasses.replace(group, targets=tuple(targets.values()), draining=draining))


@operation("DeregisterTargets")
def deregister_targets(ctx: Context, request: Mapping[str, Any]) -> None:
    """Take targets out of a group; they are described as draining for the deregistration delay."""
    group = get_target_group(ctx, request["TargetGroupArn"])
    asked = {_identity(target) for target in _decode_targets(group, request["Targets"])}
    gone = [target for target in group.targets if _identity(target) in asked]
    now = ctx.clock.now()
    draining = [each for each in group.draining if each.until > now]
    delay = int(group.attributes.get("deregistration_delay.timeout_seconds", "0"))
    if delay and group.arn in find_use(ctx.state):
        draining += [DrainingTarget(target, now + timedelta(seconds=delay)) for target in gone]
    kept = tuple(target for target in group.targets if target not in gone)
    ctx.state.put(dataclasses.replace(group, targets=kept, draining=tuple(draining)))


@operation("DescribeTargetHealth", reads=True)
def describe_target_health(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the health of the targets that are named, or of all that are registered or draining."""
    group = get_target_group(ctx, request["TargetGroupArn"])
    now = ctx.clock.now()
    draining = [each.target for each in group.draining if each.until > now]
    asked: Sequence[Target] = [*group.targets, *draining]
    if request.get("Targets"):
        known = {_identity(target): target for target in asked}
        asked = [known.get(_identity(each), each) for each in _decode_targets(group, request["Targets"])]
    in_use = group.arn in find_use(ctx.state)
    seen = ctx.runtime.target_health(group.arn)
    return {
        "TargetHealthDescriptions": [
            _describe(group, target, _find_health(group, target, draining, seen, in_use=in_use))
            for target in asked
        ]
    }


# --- helpers -------------------------------------------------------------------------------------------------


def _identity(target: Target) -> tuple[str, int | None]:
    return target.id, target.port


def _decode_targets(group: TargetGroup, raw: Sequence[Mapping[str, Any]]) -> list[Target]:
    if not raw:
        raise errors.validation_error("At least one target must be specified")
    return [
        Target(
            entry["Id"],
            None if group.target_type == "lambda" else entry.get("Port") or group.port,
            entry.get("AvailabilityZone"),
        )
        for entry in raw
    ]


def _check_target(group: TargetGroup, target: Target, region: str) -> None:
    zone = target.availability_zone
    if zone is not None and (group.target_type == "instance" or not _ZONE.fullmatch(zone)):
        raise errors.validation_error(
            f"Availability Zone '{zone}' cannot be specified for a target of type '{group.target_type}'"
        )
    if group.target_type == "instance":
        if not _INSTANCE.fullmatch(target.id):
            raise errors.invalid_target(f"The following targets are not valid instance IDs: '{target.id}'")
    elif group.target_type == "lambda":
        _check_function(target.id, region)
    else:
        _check_address(group, target.id)


def _check_function(target_id: str, region: str) -> None:
    is_function = Arn.is_valid(target_id, "lambda") and _FUNCTION.fullmatch(Arn.parse(target_id).resource)
    if not is_function or Arn.parse(target_id).region != region:
        raise errors.invalid_target(
            f"The target '{target_id}' is not the ARN of a Lambda function in {region}"
        )


def _check_permission(ctx: Context, group: TargetGroup, target_id: str) -> None:
    """Refuse a function of this server that the load balancer may not invoke for the group."""  # ELB-28
    if Arn.parse(target_id).account != ctx.account_id:
        return
    name = parse_name(ctx, target_id)
    if ctx.state.find(Function, name.arn) and not may_invoke(ctx.state, name, INVOKER, group.arn):
        raise errors.invocation_denied(target_id, group.arn)


def _check_address(group: TargetGroup, text: str) -> None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise errors.invalid_target(f"The target '{text}' is not a valid IP address") from None
    if f"ipv{address.version}" != group.ip_address_type:
        raise errors.invalid_target(f"The IP address '{text}' is not of type '{group.ip_address_type}'")
    # ELB-17
    if not any(address in network for network in _NETWORKS if network.version == address.version):
        raise errors.invalid_target(f"The IP address '{text}' is public; targets have private addresses")


def _find_health(
    group: TargetGroup,
    target: Target,
    draining: Sequence[Target],
    seen: Mapping[str, TargetHealth],
    *,
    in_use: bool,
) -> TargetHealth:
    """Return the health of one target."""  # ELB-22
    if target in draining:
        return _DRAINING
    if target not in group.targets:
        return _NOT_REGISTERED
    if not in_use:
        return _NOT_IN_USE
    if not group.health_check.enabled:
        return _DISABLED
    return seen.get(f"{target.id}:{target.port or 0}", _CHECKING)


def _describe(group: TargetGroup, target: Target, health: TargetHealth) -> dict[str, Any]:
    described = {"Id": target.id, "Port": target.port, "AvailabilityZone": target.availability_zone}
    states = {"State": health.state, "Reason": health.reason, "Description": health.description}
    answer: dict[str, Any] = {
        "Target": {name: value for name, value in described.items() if value is not None},
        "TargetHealth": {name: value for name, value in states.items() if value is not None},
    }
    port = group.health_check.port
    if port is not None:
        answer["HealthCheckPort"] = str(target.port) if port == "traffic-port" else port
    return answer
