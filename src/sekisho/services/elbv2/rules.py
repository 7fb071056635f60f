"""The rules of a listener.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Rule.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.elbv2 import Listener, Rule
from sekisho.services.context import Context, ReadContext
from sekisho.services.elbv2 import errors, limits
from sekisho.services.elbv2.actions import decode_actions, encode_actions
from sekisho.services.elbv2.conditions import decode_conditions, encode_condition
from sekisho.services.elbv2.lookup import check_arn_count, get_any_rule, get_listener, get_rule, new_id
from sekisho.services.elbv2.paging import page
from sekisho.services.elbv2.tag_values import decode_tags
from sekisho.services.elbv2.target_group_use import check_target_groups
from sekisho.services.elbv2.transforms import decode_transforms, encode_transform
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "CreateRuleInput": members(enforced="ListenerArn Conditions Priority Actions Transforms", stored="Tags"),
    "ModifyRuleInput": members(enforced="RuleArn Conditions Actions Transforms ResetTransforms"),
    "DescribeRulesInput": members(enforced="ListenerArn RuleArns Marker PageSize"),
    "DeleteRuleInput": members(enforced="RuleArn"),
    "SetRulePrioritiesInput": members(enforced="RulePriorities"),
    "RulePriorityPair": members(enforced="RuleArn Priority"),
}


@operation("CreateRule")
def create_rule(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a rule."""
    listener = get_listener(ctx, request["ListenerArn"])
    priority = request["Priority"]
    rule = Rule(
        arn=f"{listener.arn.replace(':listener/', ':listener-rule/')}/{new_id(ctx.ids)}",
        listener_arn=listener.arn,
        priority=priority,
        conditions=decode_conditions(request["Conditions"]),
        actions=decode_actions(request["Actions"], listener.protocol),
        transforms=decode_transforms(request.get("Transforms") or ()),
        tags=decode_tags(request.get("Tags")),
    )
    if any(each.priority == priority for each in ctx.state.list(Rule, listener.arn)):  # ELB-15
        raise errors.priority_in_use(priority)
    check_target_groups(ctx, listener.load_balancer_arn, listener.protocol, rule.actions)
    if _count_rules(ctx, listener.load_balancer_arn) >= limits.RULES_PER_LOAD_BALANCER:
        raise errors.too_many("Rules", limits.RULES_PER_LOAD_BALANCER)
    ctx.state.put(rule)
    return {"Rules": [_encode(rule)]}


@operation("DescribeRules", reads=True)
def describe_rules(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the rules that are named, or all of a listener in the order of evaluation."""
    arns, listener_arn = request.get("RuleArns"), request.get("ListenerArn")
    if bool(arns) == bool(listener_arn):
        raise errors.validation_error("You must specify either listener rule ARNs or a listener ARN")
    if arns:
        check_arn_count(arns)
        found = [_encode_any(*get_any_rule(ctx, arn)) for arn in dict.fromkeys(arns)]
    else:
        listener = get_listener(ctx, str(listener_arn))
        rules = sorted(ctx.state.list(Rule, listener.arn), key=lambda rule: rule.priority)
        found = [*map(_encode, rules), _encode_default(listener)]  # ELB-16
    items, more = page(found, request)
    return {"Rules": list(items), **more}


@operation("ModifyRule")
def modify_rule(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the properties that are given."""
    rule = get_rule(ctx, request["RuleArn"], "cannot be modified")
    listener = ctx.state.get(Listener, rule.listener_arn)
    conditions, actions = request.get("Conditions"), request.get("Actions")
    transforms, reset = request.get("Transforms"), bool(request.get("ResetTransforms"))
    if conditions is None and actions is None and transforms is None and not reset:
        raise errors.validation_error("Either conditions or actions must be specified")
    if transforms and reset:
        raise errors.validation_error("Transforms and ResetTransforms cannot both be specified")
    if conditions is not None:
        rule = dataclasses.replace(rule, conditions=decode_conditions(conditions))
    if actions is not None:
        rule = dataclasses.replace(rule, actions=decode_actions(actions, listener.protocol))
        check_target_groups(ctx, listener.load_balancer_arn, listener.protocol, rule.actions)
    if transforms is not None or reset:
        rule = dataclasses.replace(rule, transforms=decode_transforms(transforms or ()))
    ctx.state.put(rule)
    return {"Rules": [_encode(rule)]}


@operation("DeleteRule")
def delete_rule(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete a rule."""
    rule = get_rule(ctx, request["RuleArn"], "cannot be deleted")
    ctx.state.delete(Rule, rule.arn)


@operation("SetRulePriorities")
def set_rule_priorities(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give rules new priorities, all at once, so that they can be exchanged."""
    changed: dict[str, Rule] = {}
    for pair in request["RulePriorities"]:
        arn, priority = pair.get("RuleArn"), pair.get("Priority")
        if not arn or priority is None:
            raise errors.validation_error("A rule ARN and a priority must be specified")
        if arn in changed:
            raise errors.validation_error(f"Rule '{arn}' was provided multiple times")
        changed[arn] = dataclasses.replace(
            get_rule(ctx, arn, "cannot be given a priority"), priority=priority
        )
    if not changed:
        raise errors.validation_error("At least one rule priority must be specified")
    for listener_arn in dict.fromkeys(rule.listener_arn for rule in changed.values()):
        _check_priorities(ctx, listener_arn, changed)
    for rule in changed.values():
        ctx.state.put(rule)
    return {"Rules": [_encode(rule) for rule in changed.values()]}


# --- helpers -------------------------------------------------------------------------------------------------


def _count_rules(ctx: Context, load_balancer_arn: str) -> int:
    return sum(len(ctx.state.list(Rule, each.arn)) for each in ctx.state.list(Listener, load_balancer_arn))


def _check_priorities(ctx: Context, listener_arn: str, changed: Mapping[str, Rule]) -> None:
    wanted = [rule.priority for rule in changed.values() if rule.listener_arn == listener_arn]
    for priority in wanted:
        if wanted.count(priority) > 1:
            raise errors.validation_error(f"Priority '{priority}' was provided multiple times")
    for rule in ctx.state.list(Rule, listener_arn):
        if rule.arn not in changed and rule.priority in wanted:  # ELB-15
            raise errors.priority_in_use(rule.priority)


def _encode_any(rule: Rule | None, listener: Listener) -> dict[str, Any]:
    return _encode_default(listener) if rule is None else _encode(rule)


def _encode(rule: Rule) -> dict[str, Any]:
    return {
        "RuleArn": rule.arn,
        "Priority": str(rule.priority),
        "Conditions": [encode_condition(condition) for condition in rule.conditions],
        "Actions": encode_actions(rule.actions),
        "IsDefault": False,
        "Transforms": [encode_transform(transform) for transform in rule.transforms],
    }


def _encode_default(listener: Listener) -> dict[str, Any]:
    return {
        "RuleArn": listener.default_rule_arn,
        "Priority": "default",
        "Conditions": [],
        "Actions": encode_actions(listener.default_actions),
        "IsDefault": True,
        "Transforms": [],
    }
