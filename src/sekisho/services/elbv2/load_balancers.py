"""Load balancers and their attributes, subnets, security groups and address types.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html
"""

import dataclasses
import hashlib
import re
import string
from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.kernel.arn import Arn
from sekisho.model.elbv2 import AvailabilityZone, Listener, LoadBalancer
from sekisho.services.context import Context, ReadContext
from sekisho.services.elbv2 import errors, limits
from sekisho.services.elbv2.attributes import (
    LOAD_BALANCER_ATTRIBUTES,
    change_attributes,
    default_attributes,
    encode_attributes,
)
from sekisho.services.elbv2.listeners import remove_listener
from sekisho.services.elbv2.lookup import SERVICE, check_arn, check_arn_count, find, get_load_balancer, new_id
from sekisho.services.elbv2.paging import page
from sekisho.services.elbv2.tag_values import decode_tags
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "CreateLoadBalancerInput": members(
        enforced="Name Type SecurityGroups",
        stored="Subnets SubnetMappings Scheme Tags IpAddressType",
        rejected="CustomerOwnedIpv4Pool EnablePrefixForIpv6SourceNat IpamPools",
    ),
    # An Application Load Balancer has no addresses of its own.
    "SubnetMapping": members(
        stored="SubnetId", rejected="AllocationId PrivateIPv4Address IPv6Address SourceNatIpv6Prefix"
    ),
    "DescribeLoadBalancersInput": members(enforced="LoadBalancerArns Names Marker PageSize"),
    "DeleteLoadBalancerInput": members(enforced="LoadBalancerArn"),
    "DescribeLoadBalancerAttributesInput": members(enforced="LoadBalancerArn"),
    # What becomes of each key is said in attributes.py.
    "ModifyLoadBalancerAttributesInput": members(enforced="LoadBalancerArn Attributes"),
    "LoadBalancerAttribute": members(enforced="Key Value"),
    "SetSecurityGroupsInput": members(
        enforced="LoadBalancerArn SecurityGroups",
        rejected="EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
    ),
    "SetSubnetsInput": members(
        enforced="LoadBalancerArn",
        stored="Subnets SubnetMappings IpAddressType",
        rejected="EnablePrefixForIpv6SourceNat",
    ),
    "SetIpAddressTypeInput": members(enforced="LoadBalancerArn", stored="IpAddressType"),
}

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
_SUBNET = re.compile(r"subnet-[A-Za-z0-9-]{1,64}")
_SECURITY_GROUP = re.compile(r"sg-[A-Za-z0-9-]{1,64}")
_MOST_SUBNETS = 6  # no region has more zones, and a zone takes one subnet

_HOSTED_ZONES = {
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-east-2": "Z3AADJGX6KTTL2",
    "us-west-1": "Z368ELLRRE2KJ0",
    "us-west-2": "Z1H1FL5HABSF5",
    "ap-northeast-1": "Z14GRHDCWA56QT",
    "ap-northeast-2": "ZWKZPGTI48KDX",
    "ap-northeast-3": "Z5LXEXXYW11ES",
    "ap-south-1": "ZP97RAFLXTNZK",
    "ap-southeast-1": "Z1LMS91P8CMLE5",
    "ap-southeast-2": "Z1GM3OXH4ZPM65",
    "ca-central-1": "ZQSVJUPU6J1EY",
    "eu-central-1": "Z215JYRZR1TBD5",
    "eu-north-1": "Z23TAZ6LKFMNIO",
    "eu-west-1": "Z32O12XQLNTSW2",
    "eu-west-2": "ZHURV8PSTC4K8",
    "eu-west-3": "Z3Q77PNBQS71R4",
    "sa-east-1": "Z2P70J7HTTTPLU",
}
"""Source: https://docs.aws.amazon.com/general/latest/gr/elb.html"""


@operation("CreateLoadBalancer")
def create_load_balancer(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a load balancer, or return the one that was created with the same settings."""
    name = request["Name"]
    _check_name(name)
    kind = request.get("Type") or "application"
    if kind != "application":
        raise errors.validation_error(
            f"Sekisho does not support load balancers of type '{kind}'; only 'application' is"
        )
    wanted = LoadBalancer(
        arn=_arn(ctx, name),
        name=name,
        dns_name="",
        canonical_hosted_zone_id=_HOSTED_ZONES.get(ctx.region, _HOSTED_ZONES["us-east-1"]),
        created_time=ctx.clock.now(),
        scheme=request.get("Scheme") or "internet-facing",
        vpc_id=_default_network_id(ctx, "vpc"),
        ip_address_type=request.get("IpAddressType") or "ipv4",
        availability_zones=_decode_subnets(ctx, request),
        security_groups=_decode_security_groups(ctx, request.get("SecurityGroups")),
        tags=decode_tags(request.get("Tags")),
    )
    _check_address_type(wanted.scheme, wanted.ip_address_type)
    everyone = ctx.state.list(LoadBalancer, ctx.home)
    existing = next((each for each in everyone if each.name == name), None)
    if existing is not None:  # ELB-01
        if not _is_same(wanted, existing):
            raise errors.duplicate_load_balancer_name(name)
        return {"LoadBalancers": [_encode(existing)]}
    if len(everyone) >= limits.LOAD_BALANCERS:
        raise errors.too_many("LoadBalancers", limits.LOAD_BALANCERS)
    attributes = default_attributes(LOAD_BALANCER_ATTRIBUTES)
    attributes["ipv6.deny_all_igw_traffic"] = "true" if wanted.scheme == "internal" else "false"
    created = dataclasses.replace(wanted, dns_name=_dns_name(ctx, wanted), attributes=attributes)
    ctx.state.put(created)
    return {"LoadBalancers": [_encode(created)]}


@operation("DescribeLoadBalancers", reads=True)
def describe_load_balancers(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the load balancers that are named, or all of the region."""
    arns, names = request.get("LoadBalancerArns"), request.get("Names")
    if arns and names:
        raise errors.validation_error("Load balancer names and load balancer ARNs cannot both be specified")
    check_arn_count(arns or names or ())
    found = ctx.state.list(LoadBalancer, ctx.home)
    if arns:
        found = [get_load_balancer(ctx, arn) for arn in dict.fromkeys(arns)]
    elif names:
        by_name = {each.name: each for each in found}
        missing = [name for name in names if name not in by_name]
        if missing:
            raise errors.load_balancer_not_found(", ".join(missing))
        found = [by_name[name] for name in dict.fromkeys(names)]
    items, more = page(found, request)
    return {"LoadBalancers": [_encode(each) for each in items], **more}


@operation("DeleteLoadBalancer")
def delete_load_balancer(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete a load balancer with its listeners and their rules."""
    arn = request["LoadBalancerArn"]
    check_arn(arn, "load balancer")
    load_balancer = find(ctx, LoadBalancer, arn)
    if load_balancer is None:  # ELB-24
        return
    if load_balancer.attributes.get("deletion_protection.enabled") == "true":  # ELB-25
        raise errors.operation_not_permitted(
            f"Load balancer '{load_balancer.arn}' cannot be deleted because deletion protection is enabled"
        )
    for listener in ctx.state.list(Listener, load_balancer.arn):
        remove_listener(ctx, listener)
    ctx.state.delete(LoadBalancer, load_balancer.arn)


@operation("DescribeLoadBalancerAttributes", reads=True)
def describe_load_balancer_attributes(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe every attribute of a load balancer."""
    load_balancer = get_load_balancer(ctx, request["LoadBalancerArn"])
    return {"Attributes": encode_attributes(load_balancer.attributes)}


@operation("ModifyLoadBalancerAttributes")
def modify_load_balancer_attributes(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change the attributes that are named."""
    load_balancer = get_load_balancer(ctx, request["LoadBalancerArn"])
    attributes = change_attributes(
        "Load balancer", LOAD_BALANCER_ATTRIBUTES, load_balancer.attributes, request["Attributes"]
    )
    ctx.state.put(dataclasses.replace(load_balancer, attributes=attributes))
    return {"Attributes": encode_attributes(attributes)}


@operation("SetSecurityGroups")
def set_security_groups(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the security groups of a load balancer."""
    load_balancer = get_load_balancer(ctx, request["LoadBalancerArn"])
    groups = request["SecurityGroups"]
    if not groups:
        raise errors.invalid_configuration("At least one security group must be specified")
    changed = dataclasses.replace(load_balancer, security_groups=_decode_security_groups(ctx, groups))
    ctx.state.put(changed)
    return {"SecurityGroupIds": list(changed.security_groups)}


@operation("SetSubnets")
def set_subnets(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the subnets of a load balancer."""
    load_balancer = get_load_balancer(ctx, request["LoadBalancerArn"])
    address_type = request.get("IpAddressType") or load_balancer.ip_address_type
    _check_address_type(load_balancer.scheme, address_type)
    changed = dataclasses.replace(
        load_balancer, availability_zones=_decode_subnets(ctx, request), ip_address_type=address_type
    )
    ctx.state.put(changed)
    return {"AvailabilityZones": _encode_zones(changed), "IpAddressType": address_type}


@operation("SetIpAddressType")
def set_ip_address_type(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change the address type of a load balancer."""
    load_balancer = get_load_balancer(ctx, request["LoadBalancerArn"])
    address_type = request["IpAddressType"]
    _check_address_type(load_balancer.scheme, address_type)
    ctx.state.put(dataclasses.replace(load_balancer, ip_address_type=address_type))
    return {"IpAddressType": address_type}


# --- helpers -------------------------------------------------------------------------------------------------


def _check_name(name: str) -> None:
    what = f"Load balancer name '{name}'"
    if len(name) > 32:
        raise errors.validation_error(f"{what} cannot be longer than '32' characters")
    if not _NAME.fullmatch(name):
        raise errors.validation_error(
            f"{what} can only contain characters that are alphanumeric characters or hyphens(-),"
            " and cannot begin or end with '-'"
        )
    if name.startswith("internal-"):
        raise errors.validation_error(f"{what} cannot begin with 'internal-'")


def _arn(ctx: Context, name: str) -> str:
    return str(Arn(SERVICE, ctx.region, ctx.account_id, f"loadbalancer/app/{name}/{new_id(ctx.ids)}"))


def _dns_name(ctx: Context, load_balancer: LoadBalancer) -> str:
    prefix = "internal-" if load_balancer.scheme == "internal" else ""
    return f"{prefix}{load_balancer.name}-{ctx.ids.text(10, string.digits)}.{ctx.region}.elb.localhost"


def _default_network_id(ctx: Context, kind: str) -> str:
    """Return the id of the region's default VPC or of its default security group."""  # ELB-26
    return f"{kind}-{hashlib.sha256(f'{kind}/{ctx.home}'.encode()).hexdigest()[:17]}"


def _decode_subnets(ctx: Context, request: Mapping[str, Any]) -> tuple[AvailabilityZone, ...]:
    subnets: Sequence[str] = request.get("Subnets") or ()
    mappings = request.get("SubnetMappings") or ()
    if subnets and mappings:
        raise errors.validation_error("You must specify either subnets or subnet mappings, but not both")
    chosen = list(dict.fromkeys(subnets or [each.get("SubnetId") or "" for each in mappings]))
    for subnet in chosen:
        if not _SUBNET.fullmatch(subnet):
            raise errors.subnet_not_found(subnet)
    if len(chosen) < 2:
        raise errors.validation_error(
            "At least two subnets in two different Availability Zones must be specified"
        )
    if len(chosen) > _MOST_SUBNETS:
        raise errors.invalid_configuration(
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        )
    # ELB-26
    return tuple(
        AvailabilityZone(f"{ctx.region}{letter}", subnet)
        for letter, subnet in zip(string.ascii_lowercase, chosen, strict=False)
    )


def _decode_security_groups(ctx: Context, groups: Sequence[str] | None) -> tuple[str, ...]:
    for group in groups or ():
        if not _SECURITY_GROUP.fullmatch(group):
            raise errors.invalid_security_group(group)
    return tuple(dict.fromkeys(groups or (_default_network_id(ctx, "sg"),)))


def _check_address_type(scheme: str, address_type: str) -> None:
    if scheme == "internal" and address_type == "dualstack-without-public-ipv4":
        raise errors.invalid_configuration(
            "Internal load balancers do not support the IP address type 'dualstack-without-public-ipv4'"
        )


def _is_same(wanted: LoadBalancer, existing: LoadBalancer) -> bool:
    return (
        wanted.scheme == existing.scheme
        and wanted.ip_address_type == existing.ip_address_type
        and {zone.subnet_id for zone in wanted.availability_zones}
        == {zone.subnet_id for zone in existing.availability_zones}
        and set(wanted.security_groups) == set(existing.security_groups)
        and wanted.tags == existing.tags
    )


def _encode_zones(load_balancer: LoadBalancer) -> list[dict[str, Any]]:
    return [
        {"ZoneName": zone.zone_name, "SubnetId": zone.subnet_id, "LoadBalancerAddresses": []}
        for zone in load_balancer.availability_zones
    ]


def _encode(load_balancer: LoadBalancer) -> dict[str, Any]:
    return {
        "LoadBalancerArn": load_balancer.arn,
        "DNSName": load_balancer.dns_name,
        "CanonicalHostedZoneId": load_balancer.canonical_hosted_zone_id,
        "CreatedTime": load_balancer.created_time,
        "LoadBalancerName": load_balancer.name,
        "Scheme": load_balancer.scheme,
        "VpcId": load_balancer.vpc_id,
        "State": {"Code": "active"},
        "Type": "application",
        "AvailabilityZones": _encode_zones(load_balancer),
        "SecurityGroups": list(load_balancer.security_groups),
        "IpAddressType": load_balancer.ip_address_type,
    }
