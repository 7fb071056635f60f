from typing import Any

import pytest

from .conftest import Account

ABSENT = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/gone/0123456789abcdef"


def forward(*arns: str, **config: Any) -> list[dict[str, Any]]:
    groups = [{"TargetGroupArn": arn} for arn in arns]
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups, **config}}]


def described(account: Account, listener_arn: str) -> list[dict[str, Any]]:
    listeners = account.call("DescribeListeners", ListenerArns=[listener_arn])["Listeners"]
    return list(listeners[0]["DefaultActions"])


@pytest.mark.semantics("ELB-09")
@pytest.mark.parametrize("legacy", [True, False])
def test_one_group_is_described_both_ways(account: Account, legacy: bool) -> None:
    group = account.target_group()
    given = [{"Type": "forward", "TargetGroupArn": group}] if legacy else forward(group)
    listener = account.listener(account.load_balancer(), DefaultActions=given)
    assert described(account, listener) == [
        {
            "Type": "forward",
            "TargetGroupArn": group,
            "ForwardConfig": {
                "TargetGroups": [{"TargetGroupArn": group, "Weight": 1}],
                "TargetGroupStickinessConfig": {"Enabled": False},
            },
        }
    ]


def test_what_was_described_can_be_given_again(account: Account) -> None:
    listener = account.listener(account.load_balancer(), DefaultActions=forward(account.target_group()))
    actions = described(account, listener)
    account.call("ModifyListener", ListenerArn=listener, DefaultActions=actions)
    assert described(account, listener) == actions


def test_weights_and_stickiness_are_kept(account: Account) -> None:
    groups = [account.target_group(name) for name in ("blue", "green")]
    config = {
        "TargetGroups": [
            {"TargetGroupArn": groups[1], "Weight": 0},
            {"TargetGroupArn": groups[0], "Weight": 999},
        ],
        "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 604800},
    }
    listener = account.listener(
        account.load_balancer(), DefaultActions=[{"Type": "forward", "ForwardConfig": config}]
    )
    assert described(account, listener) == [{"Type": "forward", "ForwardConfig": config}]


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"TargetGroupStickinessConfig": {"Enabled": True}}, "ValidationError"),
        ({"TargetGroupStickinessConfig": {"DurationSeconds": 0}}, "ValidationError"),
        ({"TargetGroupStickinessConfig": {"DurationSeconds": 604801}}, "ValidationError"),
        ({"TargetGroups": [{"TargetGroupArn": ABSENT, "Weight": 1000}]}, "ValidationError"),
        ({"TargetGroups": [{"TargetGroupArn": ABSENT, "Weight": -1}]}, "ValidationError"),
        ({"TargetGroups": [{"TargetGroupArn": ABSENT}]}, "TargetGroupNotFound"),
        ({"TargetGroups": [{"TargetGroupArn": "arn:aws:s3:::bucket"}]}, "ValidationError"),
        (
            {"TargetGroups": [{"TargetGroupArn": f"{ABSENT[:-1]}{n}"} for n in range(6)]},
            "TooManyTargetGroups",
        ),
        ({"TargetGroups": [{"TargetGroupArn": ABSENT}] * 2}, "InvalidLoadBalancerAction"),
    ],
)
def test_what_breaks_a_limit_is_refused(account: Account, config: dict[str, Any], code: str) -> None:
    error = account.refused(
        "CreateListener",
        LoadBalancerArn=account.load_balancer(),
        Port=80,
        Protocol="HTTP",
        DefaultActions=forward(account.target_group(), **config),
    )
    assert error.code == code


def test_arn_and_config_must_agree(account: Account) -> None:
    first, second = account.target_group("first"), account.target_group("second")
    error = account.refused(
        "CreateListener",
        LoadBalancerArn=account.load_balancer(),
        Port=80,
        Protocol="HTTP",
        DefaultActions=[{**forward(first)[0], "TargetGroupArn": second}],
    )
    assert error.code == "InvalidLoadBalancerAction"


@pytest.mark.semantics("ELB-18")
def test_a_group_serves_one_load_balancer(account: Account) -> None:
    group = account.target_group()
    first, second = account.load_balancer("first"), account.load_balancer("second")
    listener = account.listener(first, DefaultActions=forward(group))
    account.rule(listener, Actions=forward(group))
    error = account.refused(
        "CreateListener", LoadBalancerArn=second, Port=80, Protocol="HTTP", DefaultActions=forward(group)
    )
    assert error.code == "TargetGroupAssociationLimit"
    account.call("DeleteListener", ListenerArn=listener)
    account.listener(second, DefaultActions=forward(group))


@pytest.mark.semantics("ELB-20")
@pytest.mark.parametrize("version", ["HTTP2", "GRPC"])
def test_http2_groups_are_for_https_listeners(account: Account, version: str) -> None:
    load_balancer, group = account.load_balancer(), account.target_group(ProtocolVersion=version)
    error = account.refused(
        "CreateListener",
        LoadBalancerArn=load_balancer,
        Port=80,
        Protocol="HTTP",
        DefaultActions=forward(group),
    )
    assert error.code == "IncompatibleProtocols"
    account.https_listener(load_balancer, DefaultActions=forward(group))


@pytest.mark.semantics("ELB-19")
def test_target_stickiness_asks_for_group_stickiness(account: Account) -> None:
    first, second = account.target_group("first"), account.target_group("second")
    account.call(
        "ModifyTargetGroupAttributes",
        TargetGroupArn=first,
        Attributes=[{"Key": "stickiness.enabled", "Value": "true"}],
    )
    load_balancer = account.load_balancer()
    error = account.refused(
        "CreateListener",
        LoadBalancerArn=load_balancer,
        Port=80,
        Protocol="HTTP",
        DefaultActions=forward(first, second),
    )
    assert error.code == "InvalidLoadBalancerAction"
    sticky = {"TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60}}
    account.listener(load_balancer, DefaultActions=forward(first, second, **sticky))
    account.listener(load_balancer, 81, DefaultActions=forward(first))


def test_a_load_balancer_uses_a_hundred_groups(account: Account) -> None:
    groups = [account.target_group(f"group{number}") for number in range(101)]
    listener = account.listener(account.load_balancer(), DefaultActions=forward(*groups[:5]))
    sticky = [forward(*groups[start : start + 5]) for start in range(5, 100, 5)]
    for priority, actions in enumerate(sticky, 1):
        account.rule(listener, priority, Actions=actions)
    conditions = [{"Field": "path-pattern", "Values": ["/"]}]
    error = account.refused(
        "CreateRule", ListenerArn=listener, Priority=99, Conditions=conditions, Actions=forward(groups[100])
    )
    assert error.code == "TooManyUniqueTargetGroupsPerLoadBalancer"
    account.rule(listener, 99, Actions=forward(groups[0]))
