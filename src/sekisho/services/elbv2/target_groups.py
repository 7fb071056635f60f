"""Target groups and their attributes.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.kernel.arn import Arn
from sekisho.model.elbv2 import TargetGroup
from sekisho.services.context import Context, ReadContext
from sekisho.services.elbv2 import errors, limits
from sekisho.services.elbv2.attributes import (
    LAMBDA_ATTRIBUTES,
    TARGET_GROUP_ATTRIBUTES,
    Attribute,
    change_attributes,
    default_attributes,
    encode_attributes,
)
from sekisho.services.elbv2.health_checks import (
    ENFORCED_MEMBERS,
    change_health_check,
    default_health_check,
    encode_health_check,
)
from sekisho.services.elbv2.lookup import (
    SERVICE,
    check_arn,
    check_arn_count,
    find,
    get_load_balancer,
    get_target_group,
    new_id,
)
from sekisho.services.elbv2.paging import page
from sekisho.services.elbv2.tag_values import decode_tags
from sekisho.services.elbv2.target_group_use import find_use
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "CreateTargetGroupInput": members(
        enforced=f"Name Protocol ProtocolVersion Port TargetType IpAddressType {ENFORCED_MEMBERS}",
        stored="VpcId Tags",
        rejected="TargetControlPort",
    ),
    "ModifyTargetGroupInput": members(enforced=f"TargetGroupArn {ENFORCED_MEMBERS}"),
    "DescribeTargetGroupsInput": members(enforced="LoadBalancerArn TargetGroupArns Names Marker PageSize"),
    "DeleteTargetGroupInput": members(enforced="TargetGroupArn"),
    "DescribeTargetGroupAttributesInput": members(enforced="TargetGroupArn"),
    # What becomes of each key is said in attributes.py.
    "ModifyTargetGroupAttributesInput": members(enforced="TargetGroupArn Attributes"),
    "TargetGroupAttribute": members(enforced="Key Value"),
}

_NAME_CHARACTERS = re.compile(r"[A-Za-z0-9-]+")
_VPC = re.compile(r"vpc-[A-Za-z0-9-]{1,64}")
_PROTOCOLS = ("HTTP", "HTTPS")
_PROTOCOL_VERSIONS = ("HTTP1", "HTTP2", "GRPC")
_TARGET_TYPES = ("instance", "ip", "lambda")
_NOT_FOR_LAMBDA = ("Protocol", "ProtocolVersion", "Port", "VpcId", "IpAddressType")


@operation("CreateTargetGroup")
def create_target_group(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a target group, or return the one that was created with the same settings."""
    wanted = _decode(ctx, request)
    everyone = ctx.state.list(TargetGroup, ctx.home)
    existing = next((each for each in everyone if each.name == wanted.name), None)
    if existing is not None:  # ELB-01
        if not _is_same(wanted, existing):
            raise errors.duplicate_target_group_name(wanted.name)
        return _answer(ctx, [existing])
    if len(everyone) >= limits.TARGET_GROUPS:
        raise errors.too_many("TargetGroups", limits.TARGET_GROUPS)
    ctx.state.put(wanted)
    return _answer(ctx, [wanted])


@operation("DescribeTargetGroups", reads=True)
def describe_target_groups(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the target groups that are named, those of a load balancer, or all of the region."""
    arns, names = request.get("TargetGroupArns"), request.get("Names")
    load_balancer_arn = request.get("LoadBalancerArn")
    if sum(map(bool, (arns, names, load_balancer_arn))) > 1:
        raise errors.validation_error(
            "Target group names, target group ARNs, and a load balancer ARN cannot be specified at the same time"
        )
    check_arn_count(arns or names or ())
    found = ctx.state.list(TargetGroup, ctx.home)
    if arns:
        found = [get_target_group(ctx, arn) for arn in dict.fromkeys(arns)]
    elif names:
        by_name = {each.name: each for each in found}
        if any(name not in by_name for name in names):
            raise errors.target_group_not_found()
        found = [by_name[name] for name in dict.fromkeys(names)]
    elif load_balancer_arn:
        get_load_balancer(ctx, load_balancer_arn)
        use = find_use(ctx.state)
        found = [each for each in found if load_balancer_arn in use.get(each.arn, ())]
    items, more = page(found, request)
    return {**_answer(ctx, items), **more}


@operation("ModifyTargetGroup")
def modify_target_group(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change the health check settings that are given."""
    group = get_target_group(ctx, request["TargetGroupArn"])
    check = change_health_check(group.health_check, group.target_type, group.protocol_version, request)
    changed = dataclasses.replace(group, health_check=check)
    ctx.state.put(changed)
    return _answer(ctx, [changed])


@operation("DeleteTargetGroup")
def delete_target_group(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete a target group that no action names."""
    arn = request["TargetGroupArn"]
    check_arn(arn, "target group")
    if find(ctx, TargetGroup, arn) is None:  # ELB-24
        return
    if arn in find_use(ctx.state):  # ELB-25
        raise errors.resource_in_use(arn)
    ctx.state.delete(TargetGroup, arn)


@operation("DescribeTargetGroupAttributes", reads=True)
def describe_target_group_attributes(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe every attribute of a target group."""
    return {"Attributes": encode_attributes(get_target_group(ctx, request["TargetGroupArn"]).attributes)}


@operation("ModifyTargetGroupAttributes")
def modify_target_group_attributes(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change the attributes that are named."""
    group = get_target_group(ctx, request["TargetGroupArn"])
    table = _attributes(group.target_type)
    attributes = change_attributes("Target group", table, group.attributes, request["Attributes"])
    _check_attributes(attributes)
    ctx.state.put(dataclasses.replace(group, attributes=attributes))
    return {"Attributes": encode_attributes(attributes)}


# --- helpers -------------------------------------------------------------------------------------------------


def _attributes(target_type: str) -> tuple[Attribute, ...]:
    return LAMBDA_ATTRIBUTES if target_type == "lambda" else TARGET_GROUP_ATTRIBUTES


def _check_attributes(attributes: Mapping[str, str]) -> None:
    sticky_type = attributes["stickiness.type"] if attributes["stickiness.enabled"] == "true" else None
    if sticky_type == "app_cookie" and not attributes["stickiness.app_cookie.cookie_name"]:
        raise errors.invalid_configuration(
            "A cookie name must be specified for the stickiness type 'app_cookie'"
        )
    if attributes.get("slow_start.duration_seconds", "0") != "0":
        algorithm = attributes["load_balancing.algorithm.type"]
        if algorithm != "round_robin":
            raise errors.invalid_configuration(
                f"Slow start is not available with the algorithm '{algorithm}'"
            )


def _decode(ctx: Context, request: Mapping[str, Any]) -> TargetGroup:
    name, target_type = request["Name"], request.get("TargetType") or "instance"
    _check_name(name)
    if target_type not in _TARGET_TYPES:
        raise errors.validation_error(
            f"Sekisho does not support target groups with target type '{target_type}'"
        )
    arn = str(Arn(SERVICE, ctx.region, ctx.account_id, f"targetgroup/{name}/{new_id(ctx.ids)}"))
    network = _decode_lambda(request) if target_type == "lambda" else _decode_network(request, target_type)
    version = network.get("protocol_version")
    return TargetGroup(
        arn=arn,
        name=name,
        target_type=target_type,
        health_check=change_health_check(
            default_health_check(target_type, version), target_type, version, request
        ),
        attributes=default_attributes(_attributes(target_type)),
        tags=decode_tags(request.get("Tags")),
        **network,
    )


def _check_name(name: str) -> None:
    what = f"Target group name '{name}'"
    if len(name) > 32:
        raise errors.validation_error(f"{what} cannot be longer than '32' characters")
    if not _NAME_CHARACTERS.fullmatch(name):
        raise errors.validation_error(
            f"{what} can only contain characters that are alphanumeric characters or hyphens(-)"
        )
    if name.startswith("-") or name.endswith("-"):
        raise errors.validation_error(f"{what} cannot begin or end with '-'")


def _decode_lambda(request: Mapping[str, Any]) -> dict[str, Any]:
    for member in _NOT_FOR_LAMBDA:
        if request.get(member) is not None:
            raise errors.validation_error(
                f"{member} cannot be specified for target groups with target type 'lambda'"
            )
    return {}


def _decode_network(request: Mapping[str, Any], target_type: str) -> dict[str, Any]:
    protocol, port, vpc_id = request.get("Protocol"), request.get("Port"), request.get("VpcId")
    if protocol is None:
        raise errors.validation_error("A protocol must be specified")
    if protocol not in _PROTOCOLS:
        raise errors.validation_error(f"Sekisho does not support target groups with protocol '{protocol}'")
    if port is None:
        raise errors.validation_error("A port must be specified")
    if vpc_id is None:
        raise errors.validation_error("A VPC ID must be specified")
    if not _VPC.fullmatch(vpc_id):
        raise errors.validation_error(f"The VPC ID '{vpc_id}' is not found")
    version = request.get("ProtocolVersion") or "HTTP1"
    if version not in _PROTOCOL_VERSIONS:
        raise errors.validation_error(
            f"Protocol version '{version}' must be one of '{', '.join(_PROTOCOL_VERSIONS)}'"
        )
    address_type = request.get("IpAddressType") or "ipv4"
    if address_type == "ipv6" and target_type != "ip":
        raise errors.validation_error("Sekisho supports the IP address type 'ipv6' for target type 'ip' only")
    return {
        "protocol": protocol,
        "protocol_version": version,
        "port": port,
        "vpc_id": vpc_id,
        "ip_address_type": address_type,
    }


def _is_same(wanted: TargetGroup, existing: TargetGroup) -> bool:
    same = dataclasses.replace(
        existing, arn=wanted.arn, targets=(), draining=(), attributes=wanted.attributes
    )
    return wanted == same


def _answer(ctx: ReadContext, groups: Sequence[TargetGroup]) -> dict[str, Any]:
    use = find_use(ctx.state)
    return {"TargetGroups": [_encode(group, use.get(group.arn, ())) for group in groups]}


def _encode(group: TargetGroup, load_balancer_arns: Sequence[str]) -> dict[str, Any]:
    encoded = {
        "TargetGroupArn": group.arn,
        "TargetGroupName": group.name,
        "Protocol": group.protocol,
        "Port": group.port,
        "VpcId": group.vpc_id,
        **encode_health_check(group.health_check, group.protocol_version),
        "LoadBalancerArns": list(load_balancer_arns),
        "TargetType": group.target_type,
        "ProtocolVersion": group.protocol_version,
        "IpAddressType": group.ip_address_type,
    }
    return {name: value for name, value in encoded.items() if value is not None}
