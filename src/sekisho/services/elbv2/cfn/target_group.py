"""How CloudFormation makes target groups.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.kernel.arn import Arn
from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.elbv2.attributes import (
    LAMBDA_ATTRIBUTES,
    TARGET_GROUP_ATTRIBUTES,
    default_attributes,
)
from sekisho.services.elbv2.cfn.common import (
    NAME_LIMIT,
    attribute_changes,
    check_is_new,
    delete_resource,
    has_changed,
    pick,
    update_tags,
    without,
)
from sekisho.services.elbv2.health_checks import default_health_check, encode_health_check

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
    check_is_new(calls, desired, TARGET_GROUP.name, "DescribeTargetGroups")
    params = {
        "Name": desired.generated_name(NAME_LIMIT),
        **pick(given, *_TARGET_GROUP_IDENTITY, *_HEALTH_CHECK, "Tags"),
    }
    arn = str(calls("CreateTargetGroup", params)["TargetGroups"][0]["TargetGroupArn"])
    _set_target_group_attributes(calls, arn, given)
    if given.get("Targets"):
        calls("RegisterTargets", {"TargetGroupArn": arn, "Targets": given["Targets"]})
    return arn


def _update_target_group(calls: Calls, desired: Desired, applied: Applied) -> None:
    arn, given = applied.physical_id, desired.properties
    if has_changed(desired, applied, *_HEALTH_CHECK):
        checks = {**_default_checks(given, applied.properties), **pick(given, *_HEALTH_CHECK)}
        calls("ModifyTargetGroup", {"TargetGroupArn": arn, **checks})
    if has_changed(desired, applied, "TargetGroupAttributes"):
        _set_target_group_attributes(calls, arn, given, applied.properties.get("TargetGroupAttributes") or ())
    wanted, had = given.get("Targets", []), applied.properties.get("Targets", [])
    gone, new = without(had, wanted), without(wanted, had)
    if gone:
        calls("DeregisterTargets", {"TargetGroupArn": arn, "Targets": gone})
    if new:
        calls("RegisterTargets", {"TargetGroupArn": arn, "Targets": new})
    update_tags(calls, desired, applied)


def _default_checks(given: Mapping[str, Any], had: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the settings of health checks become that the template does not give any more."""
    version = given.get("ProtocolVersion")
    default = default_health_check(str(given.get("TargetType", "instance")), version)
    gone = had.keys() - given.keys()
    return {name: value for name, value in encode_health_check(default, version).items() if name in gone}


def _set_target_group_attributes(
    calls: Calls, arn: str, given: Mapping[str, Any], had: Sequence[Mapping[str, Any]] = ()
) -> None:
    table = LAMBDA_ATTRIBUTES if given.get("TargetType") == "lambda" else TARGET_GROUP_ATTRIBUTES
    changes = attribute_changes(given.get("TargetGroupAttributes") or (), had, default_attributes(table))
    if changes:
        calls("ModifyTargetGroupAttributes", {"TargetGroupArn": arn, "Attributes": changes})


def _delete_target_group(calls: Calls, applied: Applied) -> None:
    delete_resource(
        calls, "DeleteTargetGroup", {"TargetGroupArn": applied.physical_id}, "TargetGroupNotFound"
    )


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
