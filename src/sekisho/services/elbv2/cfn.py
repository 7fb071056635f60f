"""How CloudFormation makes load balancers, target groups, listeners, rules and listener certificates.

Properties, return values and replacement:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ElasticLoadBalancingV2.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.kernel.arn import Arn
from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired

_NAME_LIMIT = 32


def _pick(properties: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: properties[name] for name in names if name in properties}


def _has_changed(desired: Desired, applied: Applied, *names: str) -> bool:
    return any(desired.properties.get(name) != applied.properties.get(name) for name in names)


def _delete(calls: Calls, operation: str, params: Mapping[str, Any], gone: str) -> None:
    """Delete, taking what is gone already for deleted."""
    try:
        calls(operation, params)
    except ServiceError as error:
        if error.code != gone:
            raise


def _update_tags(calls: Calls, desired: Desired, applied: Applied) -> None:
    wanted = {tag["Key"]: tag for tag in desired.properties.get("Tags", [])}
    had = {tag["Key"]: tag for tag in applied.properties.get("Tags", [])}
    arns = [applied.physical_id]
    if had.keys() - wanted.keys():
        calls("RemoveTags", {"ResourceArns": arns, "TagKeys": sorted(had.keys() - wanted.keys())})
    added = [tag for key, tag in wanted.items() if had.get(key) != tag]
    if added:
        calls("AddTags", {"ResourceArns": arns, "Tags": added})


def _check_is_new(calls: Calls, desired: Desired, type_name: str, operation: str) -> None:
    """Refuse a name that is taken: the operation would answer with a resource that is not the stack's own.

    Raises:
        ServiceError: ``AlreadyExists``.
    """
    name = desired.properties.get("Name")
    if name is None:
        return
    try:
        calls(operation, {"Names": [name]})
    except ServiceError:
        return
    raise ServiceError(
        "AlreadyExists", f"Resource of type '{type_name}' with identifier '{name}' already exists."
    )


# ---------------------------------------------------------------- load balancers


def _create_load_balancer(calls: Calls, desired: Desired) -> str:
    given = desired.properties
    _check_is_new(calls, desired, LOAD_BALANCER.name, "DescribeLoadBalancers")
    params = {
        "Name": desired.generated_name(_NAME_LIMIT),
        **_pick(given, "Name", "Subnets", "SubnetMappings", "SecurityGroups", "Scheme", "Tags", "Type"),
        **_pick(given, "IpAddressType", "EnablePrefixForIpv6SourceNat"),
        "IpamPools": _pick(given, "Ipv4IpamPoolId") or None,
    }
    arn = str(calls("CreateLoadBalancer", params)["LoadBalancers"][0]["LoadBalancerArn"])
    _set_load_balancer_attributes(calls, arn, given)
    if "MinimumLoadBalancerCapacity" in given:
        _set_capacity(calls, arn, given)
    if _ENFORCE in given:
        calls("SetSecurityGroups", {"LoadBalancerArn": arn, **_pick(given, "SecurityGroups", _ENFORCE)})
    return arn


def _update_load_balancer(calls: Calls, desired: Desired, applied: Applied) -> None:
    arn, given = applied.physical_id, desired.properties
    network = ("Subnets", "SubnetMappings", "EnablePrefixForIpv6SourceNat")
    if _has_changed(desired, applied, "IpAddressType"):
        calls(
            "SetIpAddressType", {"LoadBalancerArn": arn, "IpAddressType": given.get("IpAddressType", "ipv4")}
        )
    if _has_changed(desired, applied, *network):
        calls("SetSubnets", {"LoadBalancerArn": arn, **_pick(given, *network)})
    if _has_changed(desired, applied, "SecurityGroups", _ENFORCE):
        groups = {"SecurityGroups": given.get("SecurityGroups", []), **_pick(given, _ENFORCE)}
        calls("SetSecurityGroups", {"LoadBalancerArn": arn, **groups})
    if _has_changed(desired, applied, "LoadBalancerAttributes"):
        _set_load_balancer_attributes(calls, arn, given)
    if _has_changed(desired, applied, "MinimumLoadBalancerCapacity"):
        _set_capacity(calls, arn, given)
    if _has_changed(desired, applied, "Ipv4IpamPoolId"):
        pools = _pick(given, "Ipv4IpamPoolId")
        change = {"IpamPools": pools} if pools else {"RemoveIpamPools": ["ipv4"]}
        calls("ModifyIpPools", {"LoadBalancerArn": arn, **change})
    _update_tags(calls, desired, applied)


def _set_load_balancer_attributes(calls: Calls, arn: str, given: Mapping[str, Any]) -> None:
    if given.get("LoadBalancerAttributes"):
        attributes = given["LoadBalancerAttributes"]
        calls("ModifyLoadBalancerAttributes", {"LoadBalancerArn": arn, "Attributes": attributes})


def _set_capacity(calls: Calls, arn: str, given: Mapping[str, Any]) -> None:
    capacity = _pick(given, "MinimumLoadBalancerCapacity") or {"ResetCapacityReservation": True}
    calls("ModifyCapacityReservation", {"LoadBalancerArn": arn, **capacity})


def _delete_load_balancer(calls: Calls, applied: Applied) -> None:
    _delete(calls, "DeleteLoadBalancer", {"LoadBalancerArn": applied.physical_id}, "LoadBalancerNotFound")


def _read_load_balancer(calls: Calls, applied: Applied) -> Mapping[str, Any]:
    described = calls("DescribeLoadBalancers", {"LoadBalancerArns": [applied.physical_id]})
    found = described["LoadBalancers"][0]
    return {
        "LoadBalancerArn": applied.physical_id,
        "LoadBalancerName": found["LoadBalancerName"],
        "LoadBalancerFullName": Arn.parse(applied.physical_id).resource.removeprefix("loadbalancer/"),
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


# ---------------------------------------------------------------- target groups

_HEALTH_CHECK = (
    "HealthCheckEnabled",
    "HealthCheckIntervalSeconds",
    "HealthCheckPath",
    "HealthCheckPort",
    "HealthCheckProtocol",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "Matcher",
    "UnhealthyThresholdCount",
)
_TARGET_GROUP_IDENTITY = (
    "IpAddressType",
    "Name",
    "Port",
    "Protocol",
    "ProtocolVersion",
    "TargetControlPort",
    "TargetType",
    "VpcId",
)


def _create_target_group(calls: Calls, desired: Desired) -> str:
    given = desired.properties
    _check_is_new(calls, desired, TARGET_GROUP.name, "DescribeTargetGroups")
    params = {
        "Name": desired.generated_name(_NAME_LIMIT),
        **_pick(given, *_TARGET_GROUP_IDENTITY, *_HEALTH_CHECK, "Tags"),
    }
    arn = str(calls("CreateTargetGroup", params)["TargetGroups"][0]["TargetGroupArn"])
    _set_target_group_attributes(calls, arn, given)
    if given.get("Targets"):
        calls("RegisterTargets", {"TargetGroupArn": arn, "Targets": given["Targets"]})
    return arn


def _update_target_group(calls: Calls, desired: Desired, applied: Applied) -> None:
    arn, given = applied.physical_id, desired.properties
    if _has_changed(desired, applied, *_HEALTH_CHECK):
        calls("ModifyTargetGroup", {"TargetGroupArn": arn, **_pick(given, *_HEALTH_CHECK)})
    if _has_changed(desired, applied, "TargetGroupAttributes"):
        _set_target_group_attributes(calls, arn, given)
    wanted, had = given.get("Targets", []), applied.properties.get("Targets", [])
    gone, new = _without(had, wanted), _without(wanted, had)
    if gone:
        calls("DeregisterTargets", {"TargetGroupArn": arn, "Targets": gone})
    if new:
        calls("RegisterTargets", {"TargetGroupArn": arn, "Targets": new})
    _update_tags(calls, desired, applied)


def _set_target_group_attributes(calls: Calls, arn: str, given: Mapping[str, Any]) -> None:
    if given.get("TargetGroupAttributes"):
        attributes = given["TargetGroupAttributes"]
        calls("ModifyTargetGroupAttributes", {"TargetGroupArn": arn, "Attributes": attributes})


def _without(items: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    return [item for item in items if item not in others]


def _delete_target_group(calls: Calls, applied: Applied) -> None:
    _delete(calls, "DeleteTargetGroup", {"TargetGroupArn": applied.physical_id}, "TargetGroupNotFound")


def _read_target_group(calls: Calls, applied: Applied) -> Mapping[str, Any]:
    described = calls("DescribeTargetGroups", {"TargetGroupArns": [applied.physical_id]})
    found = described["TargetGroups"][0]
    return {
        "TargetGroupArn": applied.physical_id,
        "TargetGroupName": found["TargetGroupName"],
        "TargetGroupFullName": Arn.parse(applied.physical_id).resource,
        "LoadBalancerArns": list(found.get("LoadBalancerArns", [])),
    }


TARGET_GROUP = CoreType(
    name="AWS::ElasticLoadBalancingV2::TargetGroup",
    service="elbv2",
    properties=frozenset(
        (*_HEALTH_CHECK, *_TARGET_GROUP_IDENTITY, "Tags", "TargetGroupAttributes", "Targets")
    ),
    create=_create_target_group,
    update=_update_target_group,
    delete=_delete_target_group,
    read=_read_target_group,
    create_only=frozenset(_TARGET_GROUP_IDENTITY),
    name_property="Name",
)


# ---------------------------------------------------------------- listeners

_LISTENER = (
    "AlpnPolicy",
    "Certificates",
    "DefaultActions",
    "MutualAuthentication",
    "Port",
    "Protocol",
    "SslPolicy",
)


def _create_listener(calls: Calls, desired: Desired) -> str:
    given = desired.properties
    params = _pick(given, "LoadBalancerArn", *_LISTENER, "Tags")
    arn = str(calls("CreateListener", params)["Listeners"][0]["ListenerArn"])
    _set_listener_attributes(calls, arn, given)
    return arn


def _update_listener(calls: Calls, desired: Desired, applied: Applied) -> None:
    arn, given = applied.physical_id, desired.properties
    if _has_changed(desired, applied, *_LISTENER):
        calls("ModifyListener", {"ListenerArn": arn, **_pick(given, *_LISTENER)})
    if _has_changed(desired, applied, "ListenerAttributes"):
        _set_listener_attributes(calls, arn, given)
    _update_tags(calls, desired, applied)


def _set_listener_attributes(calls: Calls, arn: str, given: Mapping[str, Any]) -> None:
    if given.get("ListenerAttributes"):
        calls("ModifyListenerAttributes", {"ListenerArn": arn, "Attributes": given["ListenerAttributes"]})


def _delete_listener(calls: Calls, applied: Applied) -> None:
    _delete(calls, "DeleteListener", {"ListenerArn": applied.physical_id}, "ListenerNotFound")


def _read_listener(_calls: Calls, applied: Applied) -> Mapping[str, Any]:
    return {"ListenerArn": applied.physical_id}


LISTENER = CoreType(
    name="AWS::ElasticLoadBalancingV2::Listener",
    service="elbv2",
    properties=frozenset((*_LISTENER, "ListenerAttributes", "LoadBalancerArn", "Tags")),
    create=_create_listener,
    update=_update_listener,
    delete=_delete_listener,
    read=_read_listener,
    required=frozenset(("DefaultActions", "LoadBalancerArn")),
    create_only=frozenset(("LoadBalancerArn",)),
)


# ---------------------------------------------------------------- rules


def _create_rule(calls: Calls, desired: Desired) -> str:
    params = _pick(
        desired.properties, "ListenerArn", "Conditions", "Priority", "Actions", "Transforms", "Tags"
    )
    return str(calls("CreateRule", params)["Rules"][0]["RuleArn"])


def _update_rule(calls: Calls, desired: Desired, applied: Applied) -> None:
    arn, given = applied.physical_id, desired.properties
    if _has_changed(desired, applied, "Priority"):
        calls("SetRulePriorities", {"RulePriorities": [{"RuleArn": arn, **_pick(given, "Priority")}]})
    if _has_changed(desired, applied, "Conditions", "Actions", "Transforms"):
        transforms = _pick(given, "Transforms") if given.get("Transforms") else {"ResetTransforms": True}
        calls("ModifyRule", {"RuleArn": arn, **_pick(given, "Conditions", "Actions"), **transforms})
    _update_tags(calls, desired, applied)


def _delete_rule(calls: Calls, applied: Applied) -> None:
    _delete(calls, "DeleteRule", {"RuleArn": applied.physical_id}, "RuleNotFound")


def _read_rule(_calls: Calls, applied: Applied) -> Mapping[str, Any]:
    return {"RuleArn": applied.physical_id, "IsDefault": "false"}


LISTENER_RULE = CoreType(
    name="AWS::ElasticLoadBalancingV2::ListenerRule",
    service="elbv2",
    properties=frozenset(("Actions", "Conditions", "ListenerArn", "Priority", "Tags", "Transforms")),
    create=_create_rule,
    update=_update_rule,
    delete=_delete_rule,
    read=_read_rule,
    # The schema does not require ListenerArn, but nothing can be made without it.
    required=frozenset(("Actions", "Conditions", "ListenerArn", "Priority")),
    create_only=frozenset(("ListenerArn",)),
)


# ---------------------------------------------------------------- certificates of listeners


def _create_listener_certificate(calls: Calls, desired: Desired) -> str:
    calls("AddListenerCertificates", _pick(desired.properties, "ListenerArn", "Certificates"))
    return desired.generated_name(128)


def _update_listener_certificate(calls: Calls, desired: Desired, applied: Applied) -> None:
    listener = _pick(desired.properties, "ListenerArn")
    wanted, had = desired.properties["Certificates"], applied.properties["Certificates"]
    new, gone = _without(wanted, had), _without(had, wanted)
    if new:
        calls("AddListenerCertificates", {**listener, "Certificates": new})
    if gone:
        calls("RemoveListenerCertificates", {**listener, "Certificates": gone})


def _delete_listener_certificate(calls: Calls, applied: Applied) -> None:
    params = _pick(applied.properties, "ListenerArn", "Certificates")
    _delete(calls, "RemoveListenerCertificates", params, "ListenerNotFound")


def _read_listener_certificate(_calls: Calls, applied: Applied) -> Mapping[str, Any]:
    return {"Id": applied.physical_id}


LISTENER_CERTIFICATE = CoreType(
    name="AWS::ElasticLoadBalancingV2::ListenerCertificate",
    service="elbv2",
    properties=frozenset(("Certificates", "ListenerArn")),
    create=_create_listener_certificate,
    update=_update_listener_certificate,
    delete=_delete_listener_certificate,
    read=_read_listener_certificate,
    required=frozenset(("Certificates", "ListenerArn")),
    create_only=frozenset(("ListenerArn",)),
)

CORE_TYPES = (LOAD_BALANCER, TARGET_GROUP, LISTENER, LISTENER_RULE, LISTENER_CERTIFICATE)
"""The resource types of Elastic Load Balancing that run here."""
