from typing import Any

import pytest

from sekisho.model.lambda_ import Function, Policy, Statement
from sekisho.services.context import TargetHealth
from sekisho.services.elbv2.targets import INVOKER

from .conftest import Account

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:my-function"


def health(account: Account, arn: str, **params: Any) -> list[tuple[Any, ...]]:
    answer = account.call("DescribeTargetHealth", TargetGroupArn=arn, **params)["TargetHealthDescriptions"]
    return [
        (
            each["Target"]["Id"],
            each["Target"].get("Port"),
            each["TargetHealth"]["State"],
            each["TargetHealth"].get("Reason"),
        )
        for each in answer
    ]


def use(account: Account, arn: str) -> str:
    return account.listener(
        account.load_balancer(), DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}]
    )


@pytest.mark.semantics("ELB-22")
def test_a_target_is_unused_then_initial_then_what_the_checks_say(account: Account) -> None:
    arn = account.target_group()
    targets = [{"Id": "10.0.0.1"}, {"Id": "10.0.0.1", "Port": 9000}]
    account.call("RegisterTargets", TargetGroupArn=arn, Targets=targets)
    assert health(account, arn) == [
        ("10.0.0.1", 8080, "unused", "Target.NotInUse"),
        ("10.0.0.1", 9000, "unused", "Target.NotInUse"),
    ]
    use(account, arn)
    account.runtime.health = {
        "10.0.0.1:9000": TargetHealth("unhealthy", "Target.Timeout", "Request timed out")
    }
    assert health(account, arn) == [
        ("10.0.0.1", 8080, "initial", "Elb.InitialHealthChecking"),
        ("10.0.0.1", 9000, "unhealthy", "Target.Timeout"),
    ]
    account.runtime.health = {"10.0.0.1:8080": TargetHealth("healthy")}
    answer = account.call("DescribeTargetHealth", TargetGroupArn=arn, Targets=[{"Id": "10.0.0.1"}])
    assert answer["TargetHealthDescriptions"] == [
        {
            "Target": {"Id": "10.0.0.1", "Port": 8080},
            "HealthCheckPort": "8080",
            "TargetHealth": {"State": "healthy"},
        }
    ]


@pytest.mark.semantics("ELB-22")
def test_a_deregistered_target_drains(account: Account) -> None:
    arn = account.target_group()
    use(account, arn)
    targets = [{"Id": "10.0.0.1"}, {"Id": "10.0.0.2"}]
    account.call("RegisterTargets", TargetGroupArn=arn, Targets=targets)
    account.call("DeregisterTargets", TargetGroupArn=arn, Targets=targets[:1])
    assert health(account, arn) == [
        ("10.0.0.2", 8080, "initial", "Elb.InitialHealthChecking"),
        ("10.0.0.1", 8080, "draining", "Target.DeregistrationInProgress"),
    ]
    account.clock.advance(seconds=299)
    assert len(health(account, arn)) == 2
    account.clock.advance(seconds=1)
    assert len(health(account, arn)) == 1
    assert health(account, arn, Targets=targets[:1]) == [("10.0.0.1", 8080, "unused", "Target.NotRegistered")]


def test_a_draining_target_can_come_back(account: Account) -> None:
    arn = account.target_group()
    use(account, arn)
    targets = [{"Id": "10.0.0.1"}]
    for operation in ("RegisterTargets", "DeregisterTargets", "DeregisterTargets", "RegisterTargets"):
        account.call(operation, TargetGroupArn=arn, Targets=targets)
    assert [state for _, _, state, _ in health(account, arn)] == ["initial"]


def test_a_target_that_gets_no_traffic_does_not_drain(account: Account) -> None:
    arn = account.target_group()
    for operation in ("RegisterTargets", "DeregisterTargets"):
        account.call(operation, TargetGroupArn=arn, Targets=[{"Id": "10.0.0.1"}])
    assert health(account, arn) == []


def test_registering_again_changes_the_zone(account: Account) -> None:
    arn = account.target_group()
    account.call("RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": "10.0.0.1"}])
    target = {"Id": "10.0.0.1", "Port": 8080, "AvailabilityZone": "all"}
    account.call("RegisterTargets", TargetGroupArn=arn, Targets=[target])
    described = account.call("DescribeTargetHealth", TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert [each["Target"] for each in described] == [target]


@pytest.mark.semantics("ELB-17")
@pytest.mark.parametrize(
    "address", ["10.1.2.3", "172.31.0.1", "192.168.0.1", "100.64.0.1", "127.0.0.1", "127.5.0.1"]
)
def test_private_and_loopback_addresses_are_taken(account: Account, address: str) -> None:
    account.call("RegisterTargets", TargetGroupArn=account.target_group(), Targets=[{"Id": address}])


@pytest.mark.semantics("ELB-17")
def test_private_ipv6_addresses_are_taken_by_ipv6_groups(account: Account) -> None:
    arn = account.target_group(IpAddressType="ipv6")
    account.call("RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": "::1"}, {"Id": "fd00::1"}])
    for address in ("2001:4860:4860::8888", "fe80::1", "::ffff:10.0.0.1", "10.0.0.1"):
        error = account.refused("RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": address}])
        assert error.code == "InvalidTarget"


@pytest.mark.semantics("ELB-17")
@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "172.32.0.1", "169.254.169.254", "0.0.0.0", "127.1", "i-12345678", "::1", "a.b", ""],
)
def test_other_addresses_are_refused(account: Account, address: str) -> None:
    error = account.refused(
        "RegisterTargets",
        TargetGroupArn=account.target_group(),
        Targets=[{"Id": "10.0.0.1"}, {"Id": address}],
    )
    assert error.code == "InvalidTarget"


def test_instances_are_registered_by_id(account: Account) -> None:
    arn = account.target_group(TargetType="instance")
    account.call("RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": "i-80c8dd94"}])
    assert health(account, arn) == [("i-80c8dd94", 8080, "unused", "Target.NotInUse")]
    error = account.refused("RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": "10.0.0.1"}])
    assert error.code == "InvalidTarget"
    zone = {"Id": "i-80c8dd94", "AvailabilityZone": "us-east-1a"}
    assert account.refused("RegisterTargets", TargetGroupArn=arn, Targets=[zone]).code == "ValidationError"


@pytest.mark.semantics("ELB-22")
def test_a_lambda_group_has_one_function(account: Account) -> None:
    arn = account.target_group(TargetType="lambda")
    account.call("RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": FUNCTION}])
    use(account, arn)
    assert health(account, arn) == [(FUNCTION, None, "unavailable", "Target.HealthCheckDisabled")]
    second = account.refused("RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": f"{FUNCTION}:live"}])
    assert second.code == "TooManyTargets"
    account.call("DeregisterTargets", TargetGroupArn=arn, Targets=[{"Id": FUNCTION}])
    account.call("RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": f"{FUNCTION}:live"}])
    for wrong in (
        "my-function",
        FUNCTION.replace("us-east-1", "eu-west-1"),
        "arn:aws:lambda:us-east-1:0:layer:a",
    ):
        error = account.refused("RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": wrong}])
        assert error.code == "InvalidTarget"


@pytest.mark.semantics("ELB-28")
def test_a_function_is_registered_only_when_load_balancers_may_invoke_it(account: Account) -> None:
    arn = account.target_group(TargetType="lambda")
    alias = f"{FUNCTION}:live"

    def allow(resource: str, principal: str = INVOKER, source_arn: str = arn) -> None:
        statement = Statement("elb", "lambda:InvokeFunction", principal, source_arn)
        with account.store.write() as state:
            state.put(Policy(resource, FUNCTION, "1", (statement,)))

    def refusal(target: str) -> str:
        error = account.refused("RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": target}])
        assert (error.code, error.status) == ("AccessDenied", 403)
        return error.message

    with account.store.write() as state:
        state.put(Function(FUNCTION, "my-function"))
    assert refusal(FUNCTION) == (
        f"elasticloadbalancing principal does not have permission to invoke {FUNCTION} from target group {arn}"
    )
    allow(FUNCTION, source_arn=account.target_group("other", TargetType="lambda"))
    assert FUNCTION in refusal(FUNCTION)
    allow(FUNCTION, principal="apigateway.amazonaws.com")
    assert FUNCTION in refusal(FUNCTION)
    allow(FUNCTION)
    account.call("RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": FUNCTION}])
    account.call("DeregisterTargets", TargetGroupArn=arn, Targets=[{"Id": FUNCTION}])
    assert alias in refusal(alias)
    allow(alias)
    account.call("RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": alias}])


def test_a_group_has_a_thousand_targets(account: Account) -> None:
    arn = account.target_group()
    many = [{"Id": "10.0.0.1", "Port": port} for port in range(1, 1002)]
    assert account.refused("RegisterTargets", TargetGroupArn=arn, Targets=many).code == "TooManyTargets"
    account.call("RegisterTargets", TargetGroupArn=arn, Targets=many[:1000])
    account.call("RegisterTargets", TargetGroupArn=arn, Targets=many[:1])


def test_requests_without_sense_are_refused(account: Account) -> None:
    arn = account.target_group()
    absent = f"{arn[:-16]}{'0' * 16}"
    target = {"Id": "10.0.0.1"}
    codes = [
        account.refused("RegisterTargets", TargetGroupArn=arn, Targets=[]).code,
        account.refused("RegisterTargets", TargetGroupArn=absent, Targets=[target]).code,
        account.refused("RegisterTargets", TargetGroupArn=arn, Targets=[{**target, "Port": 0}]).code,
        account.refused(
            "RegisterTargets", TargetGroupArn=arn, Targets=[{**target, "QuicServerId": "0x0"}]
        ).code,
        account.refused("DescribeTargetHealth", TargetGroupArn=arn, Include=["All"]).code,
    ]
    assert codes == ["ValidationError", "TargetGroupNotFound", *["ValidationError"] * 3]
