"""Which load balancers use which target groups, read from the actions that name them."""

from collections.abc import Iterable, Sequence

from sekisho.model.elbv2 import Action, Listener, Rule, TargetGroup
from sekisho.services.context import Context
from sekisho.services.elbv2 import errors, limits
from sekisho.services.elbv2.lookup import get_target_group
from sekisho.store.api import Reader


def find_use(state: Reader) -> dict[str, tuple[str, ...]]:
    """Return the ARNs of the load balancers that use a target group, by its ARN; unused ones are left out."""
    use: dict[str, dict[str, None]] = {}
    load_balancers: dict[str, str] = {}
    for listener in state.list(Listener):
        load_balancers[listener.arn] = listener.load_balancer_arn
        for arn in named_groups(listener.default_actions):
            use.setdefault(arn, {})[listener.load_balancer_arn] = None
    for rule in state.list(Rule):
        for arn in named_groups(rule.actions):
            use.setdefault(arn, {})[load_balancers[rule.listener_arn]] = None
    return {arn: tuple(users) for arn, users in use.items()}


def named_groups(actions: Iterable[Action]) -> list[str]:
    """Return the ARNs of the target groups that actions forward to, in order."""
    return [
        each.target_group_arn for action in actions if action.forward for each in action.forward.target_groups
    ]


def check_target_groups(
    ctx: Context, load_balancer_arn: str, protocol: str, actions: Sequence[Action]
) -> None:
    """Check that a listener of the load balancer may forward to the groups that the actions name.

    Raises:
        ServiceError: TargetGroupNotFound, TargetGroupAssociationLimit, IncompatibleProtocols,
            TooManyUniqueTargetGroupsPerLoadBalancer or InvalidLoadBalancerAction.
    """
    groups = [get_target_group(ctx, arn) for arn in named_groups(actions)]
    if not groups:
        return
    use = find_use(ctx.state)
    for group in groups:
        if set(use.get(group.arn, ())) - {load_balancer_arn}:  # ELB-18
            raise errors.target_group_association_limit(group.arn)
        if group.protocol_version in ("HTTP2", "GRPC") and protocol != "HTTPS":  # ELB-20
            raise errors.incompatible_protocols(
                f"Listener protocol '{protocol}' is not supported with a target group with the protocol-version"
                f" '{group.protocol_version}'"
            )
    used = {arn for arn, users in use.items() if load_balancer_arn in users}
    if len(used | {group.arn for group in groups}) > limits.TARGET_GROUPS_PER_LOAD_BALANCER:
        raise errors.too_many("UniqueTargetGroupsPerLoadBalancer", limits.TARGET_GROUPS_PER_LOAD_BALANCER)
    _check_stickiness(actions, groups)


def _check_stickiness(actions: Sequence[Action], groups: Sequence[TargetGroup]) -> None:
    forward = next(action.forward for action in actions if action.forward)
    sticky = any(group.attributes.get("stickiness.enabled") == "true" for group in groups)
    if len(groups) > 1 and sticky and not forward.stickiness_enabled:  # ELB-19
        raise errors.invalid_action(
            "You must enable group stickiness on a rule if you enabled target stickiness on one of its target groups"
        )
