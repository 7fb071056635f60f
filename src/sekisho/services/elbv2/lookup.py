"""Finding resources by ARN, with AWS's refusals for what cannot be one and for what is not there.

ARN formats: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
"""

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from sekisho.kernel.arn import Arn
from sekisho.kernel.errors import ServiceError
from sekisho.kernel.ids import HEX, Ids
from sekisho.model.elbv2 import Listener, LoadBalancer, Rule, TargetGroup
from sekisho.model.resource import Resource
from sekisho.services.context import Context, ReadContext
from sekisho.services.elbv2 import errors

R = TypeVar("R", bound=Resource)

SERVICE = "elasticloadbalancing"
_ID = "[0-9a-f]{16}"
_NAME = "[A-Za-z0-9-]{1,32}"
_FORMS: Mapping[str, re.Pattern[str]] = {
    "load balancer": re.compile(f"loadbalancer/app/{_NAME}/{_ID}"),
    "listener": re.compile(f"listener/app/{_NAME}/{_ID}/{_ID}"),
    "listener rule": re.compile(f"listener-rule/app/{_NAME}/{_ID}/{_ID}/{_ID}"),
    "target group": re.compile(f"targetgroup/{_NAME}/{_ID}"),
    "trust store": re.compile(f"truststore/{_NAME}/{_ID}"),
}


def new_id(ids: Ids) -> str:
    """Return the 16 hexadecimal digits that end an ARN."""
    return ids.text(16, HEX)


def find_noun(arn: str) -> str | None:
    """Return what kind of resource an ARN names (``load balancer``, ``listener`` …), or None."""
    if not Arn.is_valid(arn, SERVICE):
        return None
    resource = Arn.parse(arn).resource
    return next((noun for noun, form in _FORMS.items() if form.fullmatch(resource)), None)


def find(ctx: ReadContext, kind: type[R], arn: str) -> R | None:
    """Return the resource, or None where the account has none with that ARN in the region of the call."""
    parsed = Arn.parse(arn)
    return (
        ctx.state.find(kind, arn) if (parsed.account, parsed.region) == (ctx.account_id, ctx.region) else None
    )


def get_load_balancer(ctx: ReadContext, arn: str) -> LoadBalancer:
    """Return the load balancer.

    Raises:
        ServiceError: ValidationError where the ARN cannot be one, LoadBalancerNotFound where there is none.
    """
    check_arn(arn, "load balancer")
    return _found(find(ctx, LoadBalancer, arn), errors.load_balancer_not_found(arn))


def get_listener(ctx: ReadContext, arn: str) -> Listener:
    """Return the listener.

    Raises:
        ServiceError: ValidationError where the ARN cannot be one, ListenerNotFound where there is none.
    """
    check_arn(arn, "listener")
    return _found(find(ctx, Listener, arn), errors.listener_not_found())


def get_target_group(ctx: ReadContext, arn: str) -> TargetGroup:
    """Return the target group.

    Raises:
        ServiceError: ValidationError where the ARN cannot be one, TargetGroupNotFound where there is none.
    """
    check_arn(arn, "target group")
    return _found(find(ctx, TargetGroup, arn), errors.target_group_not_found())


def get_rule(ctx: Context, arn: str, refusal: str = "") -> Rule:
    """Return the rule, which must not be a default one.

    Raises:
        ServiceError: ValidationError where the ARN cannot be one, RuleNotFound where there is none, and
            OperationNotPermitted with ``refusal`` for a default rule.
    """
    rule, listener = get_any_rule(ctx, arn)
    if rule is None:
        raise errors.operation_not_permitted(f"Default rule '{listener.default_rule_arn}' {refusal}")
    return rule


def get_any_rule(ctx: ReadContext, arn: str) -> tuple[Rule | None, Listener]:
    """Return the rule (None for the default one) and its listener.

    Raises:
        ServiceError: ValidationError where the ARN cannot be one, RuleNotFound where there is none.
    """
    check_arn(arn, "listener rule")
    rule = find(ctx, Rule, arn)
    listener_arn = arn.rpartition("/")[0].replace(":listener-rule/", ":listener/")
    listener = _found(find(ctx, Listener, listener_arn), errors.rule_not_found())
    if rule is None and listener.default_rule_arn != arn:
        raise errors.rule_not_found()
    return rule, listener


def check_arn_count(arns: Iterable[str]) -> None:
    """Refuse more ARNs in one call than AWS takes: 20 (as DescribeTags says)."""
    if len(list(arns)) > 20:
        raise errors.validation_error("Up to 20 resources can be specified in a single call")


def check_arn(arn: str, noun: str) -> None:
    """Raise ValidationError where the text cannot be the ARN of such a resource."""
    if find_noun(arn) != noun:
        raise errors.validation_error(f"'{arn}' is not a valid {noun} ARN")


def _found(resource: R | None, missing: ServiceError) -> R:
    if resource is None:
        raise missing
    return resource
