"""How CloudFormation makes rules.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenerrule.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.elbv2.cfn.common import (
    delete_resource,
    has_changed,
    pick,
    update_tags,
)


def _create_rule(calls: Calls, desired: Desired) -> str:
    params = pick(
        desired.properties, "ListenerArn", "Conditions", "Priority", "Actions", "Transforms", "Tags"
    )
    return str(calls("CreateRule", params)["Rules"][0]["RuleArn"])


def _update_rule(calls: Calls, desired: Desired, applied: Applied) -> None:
    arn, given = applied.physical_id, desired.properties
    if has_changed(desired, applied, "Priority"):
        calls("SetRulePriorities", {"RulePriorities": [{"RuleArn": arn, **pick(given, "Priority")}]})
    if has_changed(desired, applied, "Conditions", "Actions", "Transforms"):
        transforms = pick(given, "Transforms") if given.get("Transforms") else {"ResetTransforms": True}
        calls("ModifyRule", {"RuleArn": arn, **pick(given, "Conditions", "Actions"), **transforms})
    update_tags(calls, desired, applied)


def _delete_rule(calls: Calls, applied: Applied) -> None:
    delete_resource(calls, "DeleteRule", {"RuleArn": applied.physical_id}, "RuleNotFound")


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
