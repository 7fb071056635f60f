"""How CloudFormation makes load balancers.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.kernel.arn import Arn
from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.elbv2.attributes import LOAD_BALANCER_ATTRIBUTES, default_attributes
from sekisho.services.elbv2.cfn.common import (
    NAME_LIMIT,
    attribute_changes,
    check_is_new,
    delete_resource,
    has_changed,
    pick,
    update_tags,
)


def _create_load_balancer(calls: Calls, desired: Desired) -> str:
    given = desired.properties
    check_is_new(calls, desired, LOAD_BALANCER.name, "DescribeLoadBalancers")
    params = {
        "Name": desired.generated_name(NAME_LIMIT),
        **pick(given, "Name", "Subnets", "SubnetMappings", "SecurityGroups", "Scheme", "Tags", "Type"),
        **pick(given, "IpAddressType", "EnablePrefixForIpv6SourceNat"),
        "IpamPools": pick(given, "Ipv4IpamPoolId") or None,
    }
    arn = str(calls("CreateLoadBalancer", params)["LoadBalancers"][0]["LoadBalancerArn"])
    _set_load_balancer_attributes(calls, arn, given)
    if "MinimumLoadBalancerCapacity" in given:
        _set_capacity(calls, arn, given)
    if _ENFORCE in given:
        calls("SetSecurityGroups", {"LoadBalancerArn": arn, **pick(given, "SecurityGroups", _ENFORCE)})
    return arn


def _update_load_balancer(calls: Calls, desired: Desired, applied: Applied) -> None:
    arn, given = applied.physical_id, desired.properties
    network = ("Subnets", "SubnetMappings", "EnablePrefixForIpv6SourceNat")
    if has_changed(desired, applied, "IpAddressType"):
        calls(
            "SetIpAddressType", {"LoadBalancerArn": arn, "IpAddressType": given.get("IpAddressType", "ipv4")}
        )
    if has_changed(desired, applied, *network):
        calls("SetSubnets", {"LoadBalancerArn": arn, **pick(given, *network)})
    if has_changed(desired, applied, "SecurityGroups", _ENFORCE):
        groups = {"SecurityGroups": given.get("SecurityGroups", []), **pick(given, _ENFORCE)}
        calls("SetSecurityGroups", {"LoadBalancerArn": arn, **groups})
    if has_changed(desired, applied, "LoadBalancerAttributes"):
        _set_load_balancer_attributes(
            calls, arn, given, applied.properties.get("LoadBalancerAttributes") or ()
        )
    if has_changed(desired, applied, "MinimumLoadBalancerCapacity"):
        _set_capacity(calls, arn, given)
    if has_changed(desired, applied, "Ipv4IpamPoolId"):
        pools = pick(given, "Ipv4IpamPoolId")
        change = {"IpamPools": pools} if pools else {"RemoveIpamPools": ["ipv4"]}
        calls("ModifyIpPools", {"LoadBalancerArn": arn, **change})
    update_tags(calls, desired, applied)


def _set_load_balancer_attributes(
    calls: Calls, arn: str, given: Mapping[str, Any], had: Sequence[Mapping[str, Any]] = ()
) -> None:
    defaults = default_attributes(LOAD_BALANCER_ATTRIBUTES)
    changes = attribute_changes(given.get("LoadBalancerAttributes") or (), had, defaults)
    if changes:
        calls("ModifyLoadBalancerAttributes", {"LoadBalancerArn": arn, "Attributes": changes})


def _set_capacity(calls: Calls, arn: str, given: Mapping[str, Any]) -> None:
    capacity = pick(given, "MinimumLoadBalancerCapacity") or {"ResetCapacityReservation": True}
    calls("ModifyCapacityReservation", {"LoadBalancerArn": arn, **capacity})


def _delete_load_balancer(calls: Calls, applied: Applied) -> None:
    delete_resource(
        calls, "DeleteLoadBalancer", {"LoadBalancerArn": applied.physical_id}, "LoadBalancerNotFound"
    )


def _read_load_balancer(calls: Calls, applied: Applied) -> Mapping[str, Any]:
    arn = applied.physical_id
    found = calls("DescribeLoadBalancers", {"LoadBalancerArns": [arn]})["LoadBalancers"][0]
    return {
        "LoadBalancerArn": arn,
        "LoadBalancerName": found["LoadBalancerName"],
        "LoadBalancerFullName": Arn.parse(arn).resource.removeprefix("loadbalancer/"),
        "Name": found["LoadBalancerName"],
        "SubnetMappings": [],
        "Subnets": [zone["SubnetId"] for zone in found.get("AvailabilityZones", [])],
        "DNSName": found["DNSName"],
        "CanonicalHostedZoneID": found["CanonicalHostedZoneId"],
        "SecurityGroups": list(found.get("SecurityGroups", [])),
        "Scheme": found["Scheme"],
        "Type": found["Type"],
        "IpAddressType": found["IpAddressType"],
    }


_ENFORCE = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"

LOAD_BALANCER = CoreType(
    name="AWS::ElasticLoadBalancingV2::LoadBalancer",
    service="elbv2",
    properties=frozenset(
        (
            "EnableCapacityReservationProvisionStabilize",  # about waiting, and nothing here waits
            "EnablePrefixForIpv6SourceNat",
            _ENFORCE,
            "IpAddressType",
            "Ipv4IpamPoolId",
            "LoadBalancerAttributes",
            "MinimumLoadBalancerCapacity",
            "Name",
            "Scheme",
            "SecurityGroups",
            "SubnetMappings",
            "Subnets",
            "Tags",
            "Type",
        )
    ),
    create=_create_load_balancer,
    update=_update_load_balancer,
    delete=_delete_load_balancer,
    read=_read_load_balancer,
    create_only=frozenset(("Name", "Scheme", "Type")),
    name_property="Name",
)
