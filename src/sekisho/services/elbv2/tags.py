"""Tags of load balancers, listeners, rules and target groups.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddTags.html
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from sekisho.model.elbv2 import Listener, LoadBalancer, Rule, TargetGroup
from sekisho.services.context import Context, ReadContext
from sekisho.services.elbv2 import errors
from sekisho.services.elbv2.lookup import (
    check_arn_count,
    find_noun,
    get_any_rule,
    get_listener,
    get_load_balancer,
    get_target_group,
)
from sekisho.services.elbv2.tag_values import check_tag_count, decode_tags, encode_tags
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "AddTagsInput": members(enforced="ResourceArns", stored="Tags"),
    "RemoveTagsInput": members(enforced="ResourceArns", stored="TagKeys"),
    "DescribeTagsInput": members(enforced="ResourceArns"),
    "Tag": members(stored="Key Value"),
}

Tagged = LoadBalancer | Listener | Rule | TargetGroup


@operation("AddTags")
def add_tags(ctx: Context, request: Mapping[str, Any]) -> None:
    """Add tags to resources; a key that a resource has gets the new value."""
    added = decode_tags(request["Tags"])
    _change_tags(ctx, request, lambda tags: {**tags, **added})


@operation("RemoveTags")
def remove_tags(ctx: Context, request: Mapping[str, Any]) -> None:
    """Remove tags from resources; a key that a resource does not have is passed over."""
    removed = set(request["TagKeys"])
    _change_tags(ctx, request, lambda tags: {k: v for k, v in tags.items() if k not in removed})


@operation("DescribeTags", reads=True)
def describe_tags(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the tags of resources, in the order asked for."""
    check_arn_count(request["ResourceArns"])
    found = {arn: _get_tagged(ctx, arn) for arn in request["ResourceArns"]}
    return {
        "TagDescriptions": [
            {"ResourceArn": arn, "Tags": encode_tags(_get_tags(resource, arn))}
            for arn, resource in found.items()
        ]
    }


# --- helpers -------------------------------------------------------------------------------------------------


def _get_tagged(ctx: ReadContext, arn: str) -> Tagged:
    """Return the resource that keeps the tags of an ARN: for a default rule, its listener."""
    match find_noun(arn):
        case "load balancer":
            return get_load_balancer(ctx, arn)
        case "listener":
            return get_listener(ctx, arn)
        case "listener rule":
            rule, listener = get_any_rule(ctx, arn)
            return listener if rule is None else rule
        case "target group":
            return get_target_group(ctx, arn)
        case "trust store":
            raise errors.trust_store_not_found()
        case _:
            raise errors.validation_error(f"'{arn}' is not a valid ARN of a resource that has tags")


def _get_tags(resource: Tagged, arn: str) -> dict[str, str]:
    if isinstance(resource, Listener) and arn == resource.default_rule_arn:
        return resource.default_rule_tags
    return resource.tags


def _change_tags(
    ctx: Context, request: Mapping[str, Any], change: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    for arn in dict.fromkeys(request["ResourceArns"]):
        resource = _get_tagged(ctx, arn)
        tags = change(_get_tags(resource, arn))
        check_tag_count(tags)
        if isinstance(resource, Listener) and arn == resource.default_rule_arn:
            ctx.state.put(dataclasses.replace(resource, default_rule_tags=tags))
        else:
            ctx.state.put(dataclasses.replace(resource, tags=tags))
