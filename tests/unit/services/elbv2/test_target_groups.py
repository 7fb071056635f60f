import re
from typing import Any

import pytest

from .conftest import Account

IP = {"Name": "app", "TargetType": "ip", "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1"}
ABSENT = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/gone/0123456789abcdef"


def describe(account: Account, arn: str) -> dict[str, Any]:
    return dict(account.call("DescribeTargetGroups", TargetGroupArns=[arn])["TargetGroups"][0])


@pytest.mark.semantics("ELB-23")
def test_a_group_is_described_with_its_defaults(account: Account) -> None:
    created = account.call("CreateTargetGroup", Name="app", Protocol="HTTPS", Port=443, VpcId="vpc-3ac0fb5f")
    described = describe(account, created["TargetGroups"][0]["TargetGroupArn"])
    assert re.fullmatch(
        r"arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/app/[0-9a-f]{16}",
        described.pop("TargetGroupArn"),
    )
    assert described == {
        "TargetGroupName": "app",
        "Protocol": "HTTPS",
        "ProtocolVersion": "HTTP1",
        "Port": 443,
        "VpcId": "vpc-3ac0fb5f",
        "TargetType": "instance",
        "IpAddressType": "ipv4",
        "LoadBalancerArns": [],
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "traffic-port",
        "HealthCheckEnabled": True,
        "HealthCheckPath": "/",
        "HealthCheckIntervalSeconds": 30,
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 5,
        "UnhealthyThresholdCount": 2,
        "Matcher": {"HttpCode": "200"},
    }


@pytest.mark.semantics("ELB-23")
def test_a_lambda_group_has_no_network(account: Account) -> None:
    described = describe(account, account.target_group(TargetType="lambda"))
    described.pop("TargetGroupArn")
    assert described == {
        "TargetGroupName": "app",
        "TargetType": "lambda",
        "LoadBalancerArns": [],
        "HealthCheckEnabled": False,
        "HealthCheckPath": "/",
        "HealthCheckIntervalSeconds": 35,
        "HealthCheckTimeoutSeconds": 30,
        "HealthyThresholdCount": 5,
        "UnhealthyThresholdCount": 5,
        "Matcher": {"HttpCode": "200"},
    }


def test_a_grpc_group_matches_grpc_codes(account: Account) -> None:
    arn = account.target_group(ProtocolVersion="GRPC")
    described = describe(account, arn)
    assert described["Matcher"] == {"GrpcCode": "12"}
    assert described["HealthCheckPath"] == "/AWS.ALB/healthcheck"
    changed = account.call("ModifyTargetGroup", TargetGroupArn=arn, Matcher={"GrpcCode": "0-5,12"})
    assert changed["TargetGroups"][0]["Matcher"] == {"GrpcCode": "0-5,12"}
    error = account.refused("ModifyTargetGroup", TargetGroupArn=arn, Matcher={"HttpCode": "200"})
    assert error.code == "ValidationError"


def test_health_checks_are_modified(account: Account) -> None:
    arn = account.target_group(HealthCheckPath="/health", Matcher={"HttpCode": "200-299,404"})
    before = describe(account, arn)
    changes = {
        "HealthCheckProtocol": "HTTPS",
        "HealthCheckPort": "8443",
        "HealthCheckIntervalSeconds": 6,
        "HealthyThresholdCount": 2,
        "UnhealthyThresholdCount": 10,
    }
    account.call("ModifyTargetGroup", TargetGroupArn=arn, **changes)
    assert before["HealthCheckPath"] == "/health"
    assert describe(account, arn) == {**before, **changes}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"Name": "a" * 33}, "ValidationError"),
        ({"Name": "-a"}, "ValidationError"),
        ({"Name": "a-"}, "ValidationError"),
        ({"Name": "a.b"}, "ValidationError"),
        ({"Name": ""}, "ValidationError"),
        ({"TargetType": "alb"}, "ValidationError"),
        ({"Protocol": "TCP"}, "ValidationError"),
        ({"Protocol": None}, "ValidationError"),
        ({"Port": None}, "ValidationError"),
        ({"Port": 0}, "ValidationError"),
        ({"VpcId": None}, "ValidationError"),
        ({"VpcId": "10.0.0.0/16"}, "ValidationError"),
        ({"ProtocolVersion": "HTTP3"}, "ValidationError"),
        ({"TargetType": "instance", "IpAddressType": "ipv6"}, "ValidationError"),
        ({"TargetControlPort": 1}, "ValidationError"),
        ({"HealthCheckEnabled": False}, "ValidationError"),
        ({"HealthCheckProtocol": "TCP"}, "ValidationError"),
        ({"HealthCheckPort": "0"}, "ValidationError"),
        ({"HealthCheckPort": "http"}, "ValidationError"),
        ({"HealthCheckPath": "health"}, "ValidationError"),
        ({"HealthCheckPath": "/a b"}, "ValidationError"),
        ({"HealthCheckIntervalSeconds": 4}, "ValidationError"),
        ({"HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 5}, "ValidationError"),
        ({"HealthyThresholdCount": 11}, "ValidationError"),
        ({"UnhealthyThresholdCount": 1}, "ValidationError"),
        ({"Matcher": {"HttpCode": "199"}}, "ValidationError"),
        ({"Matcher": {"HttpCode": "500"}}, "ValidationError"),
        ({"Matcher": {"HttpCode": "299-200"}}, "ValidationError"),
        ({"Matcher": {"HttpCode": "200,"}}, "ValidationError"),
        ({"Matcher": {"HttpCode": "²00"}}, "ValidationError"),
        ({"Matcher": {}}, "ValidationError"),
        ({"Matcher": {"GrpcCode": "0"}}, "ValidationError"),
        ({"Tags": [{"Key": "aws:a"}]}, "ValidationError"),
    ],
)
def test_what_cannot_be_created_is_refused(account: Account, params: dict[str, Any], code: str) -> None:
    assert account.refused("CreateTargetGroup", **{**IP, **params}).code == code


@pytest.mark.parametrize(
    "params", [{"Protocol": "HTTP"}, {"Port": 80}, {"VpcId": "vpc-1"}, {"ProtocolVersion": "HTTP1"}]
)
def test_lambda_groups_refuse_network_settings(account: Account, params: dict[str, Any]) -> None:
    error = account.refused("CreateTargetGroup", Name="fn", TargetType="lambda", **params)
    assert error.code == "ValidationError"
    assert "'lambda'" in error.message


@pytest.mark.semantics("ELB-01")
def test_creating_it_again_returns_it(account: Account) -> None:
    arn = account.target_group()
    account.call("RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": "10.0.0.1"}])
    assert account.target_group() == arn
    error = account.refused("CreateTargetGroup", **IP)
    assert error.code == "DuplicateTargetGroupName"


def test_they_are_found_by_arn_name_and_load_balancer(account: Account) -> None:
    one, two = account.target_group("one"), account.target_group("two")
    load_balancer = account.load_balancer()
    account.listener(load_balancer, DefaultActions=[{"Type": "forward", "TargetGroupArn": two}])

    def names(**params: Any) -> list[str]:
        return [
            each["TargetGroupName"] for each in account.call("DescribeTargetGroups", **params)["TargetGroups"]
        ]

    assert names() == ["one", "two"]
    assert names(Names=["two", "one"]) == ["two", "one"]
    assert names(TargetGroupArns=[two]) == ["two"]
    assert names(LoadBalancerArn=load_balancer) == ["two"]
    assert names(PageSize=1) == ["one"]
    assert describe(account, one)["LoadBalancerArns"] == []
    assert describe(account, two)["LoadBalancerArns"] == [load_balancer]
    missing = account.refused("DescribeTargetGroups", Names=["three"])
    assert (missing.code, missing.message) == ("TargetGroupNotFound", "One or more target groups not found")
    assert account.refused("DescribeTargetGroups", TargetGroupArns=[ABSENT]).code == "TargetGroupNotFound"
    both = account.refused("DescribeTargetGroups", Names=["one"], TargetGroupArns=[one])
    assert both.code == "ValidationError"


@pytest.mark.semantics("ELB-25", "ELB-24")
def test_a_group_in_use_cannot_be_deleted(account: Account) -> None:
    arn = account.target_group()
    listener = account.listener(account.load_balancer())
    rule = account.rule(listener, Actions=[{"Type": "forward", "TargetGroupArn": arn}])
    error = account.refused("DeleteTargetGroup", TargetGroupArn=arn)
    assert error.code == "ResourceInUse"
    assert arn in error.message
    account.call("DeleteRule", RuleArn=rule)
    account.call("DeleteTargetGroup", TargetGroupArn=arn)
    account.call("DeleteTargetGroup", TargetGroupArn=arn)
    assert account.call("DescribeTargetGroups")["TargetGroups"] == []
