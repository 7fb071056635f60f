import re
from datetime import UTC, datetime
from typing import Any

import pytest

from .conftest import Account

ABSENT = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/gone/0123456789abcdef"
SUBNETS = ["subnet-1", "subnet-2"]


def test_a_load_balancer_is_described_as_it_was_created(account: Account) -> None:
    arn = account.load_balancer(
        SubnetMappings=[{"SubnetId": "subnet-b"}, {"SubnetId": "subnet-a"}],
        Subnets=[],
        SecurityGroups=["sg-2", "sg-1"],
        Scheme="internal",
        IpAddressType="dualstack",
    )
    assert re.fullmatch(
        r"arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/web/[0-9a-f]{16}", arn
    )
    described = account.call("DescribeLoadBalancers")["LoadBalancers"][0]
    assert re.fullmatch(r"internal-web-[0-9]{10}\.us-east-1\.elb\.localhost", described.pop("DNSName"))
    assert re.fullmatch(r"vpc-[0-9a-f]{17}", described.pop("VpcId"))
    assert described == {
        "LoadBalancerArn": arn,
        "LoadBalancerName": "web",
        "CanonicalHostedZoneId": "Z35SXDOTRQ7X7K",
        "CreatedTime": datetime(2026, 11, 21, tzinfo=UTC),
        "Scheme": "internal",
        "State": {"Code": "active"},
        "Type": "application",
        "AvailabilityZones": [
            {"ZoneName": "us-east-1a", "SubnetId": "subnet-b", "LoadBalancerAddresses": []},
            {"ZoneName": "us-east-1b", "SubnetId": "subnet-a", "LoadBalancerAddresses": []},
        ],
        "SecurityGroups": ["sg-2", "sg-1"],
        "IpAddressType": "dualstack",
    }


@pytest.mark.semantics("ELB-26")
def test_a_region_has_one_default_network(account: Account) -> None:
    account.load_balancer("one")
    account.load_balancer("two")
    one, two = account.call("DescribeLoadBalancers")["LoadBalancers"]
    assert one["VpcId"] == two["VpcId"]
    assert one["SecurityGroups"] == two["SecurityGroups"]
    assert re.fullmatch(r"sg-[0-9a-f]{17}", one["SecurityGroups"][0])


@pytest.mark.semantics("ELB-01")
def test_creating_it_again_returns_it(account: Account) -> None:
    tags = [{"Key": "a", "Value": "b"}]
    arn = account.load_balancer(Tags=tags)
    assert account.load_balancer(Tags=tags, Subnets=["subnet-2", "subnet-1"]) == arn
    error = account.refused("CreateLoadBalancer", Name="web", Subnets=["subnet-1", "subnet-3"])
    assert error.code == "DuplicateLoadBalancerName"
    assert len(account.call("DescribeLoadBalancers")["LoadBalancers"]) == 1


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"Name": "a" * 33}, "ValidationError"),
        ({"Name": "-a"}, "ValidationError"),
        ({"Name": "a-"}, "ValidationError"),
        ({"Name": "a_b"}, "ValidationError"),
        ({"Name": ""}, "ValidationError"),
        ({"Name": "internal-web"}, "ValidationError"),
        ({"Type": "network"}, "ValidationError"),
        ({"Type": "gateway"}, "ValidationError"),
        ({"Subnets": ["subnet-1"]}, "ValidationError"),
        ({"Subnets": None}, "ValidationError"),
        ({"Subnets": ["subnet-1", "subnet-1"]}, "ValidationError"),
        ({"Subnets": ["subnet-1", "vpc-1"]}, "SubnetNotFound"),
        ({"Subnets": [f"subnet-{number}" for number in range(7)]}, "InvalidConfigurationRequest"),
        ({"SubnetMappings": [{"SubnetId": "subnet-1"}]}, "ValidationError"),
        ({"SecurityGroups": ["default"]}, "InvalidSecurityGroup"),
        ({"Scheme": "public"}, "ValidationError"),
        (
            {"Scheme": "internal", "IpAddressType": "dualstack-without-public-ipv4"},
            "InvalidConfigurationRequest",
        ),
        ({"Tags": [{"Key": "a"}, {"Key": "a"}]}, "DuplicateTagKeys"),
        ({"CustomerOwnedIpv4Pool": "ipv4pool-coip-1"}, "ValidationError"),
    ],
)
def test_what_cannot_be_created_is_refused(account: Account, params: dict[str, Any], code: str) -> None:
    error = account.refused("CreateLoadBalancer", **{"Name": "web", "Subnets": SUBNETS, **params})
    assert error.code == code
    assert error.status == 400


def test_other_types_are_refused_by_name(account: Account) -> None:
    error = account.refused("CreateLoadBalancer", Name="web", Subnets=SUBNETS, Type="network")
    assert "'network'" in error.message


def test_a_region_has_fifty(account: Account) -> None:
    for number in range(50):
        account.load_balancer(f"web{number}")
    assert account.refused("CreateLoadBalancer", Name="web", Subnets=SUBNETS).code == "TooManyLoadBalancers"
    account.call("CreateLoadBalancer", "eu-west-1", Name="web", Subnets=SUBNETS)


def test_they_are_found_by_name_and_by_arn(account: Account) -> None:
    one, two = account.load_balancer("one"), account.load_balancer("two")
    by_name = account.call("DescribeLoadBalancers", Names=["two", "one"])["LoadBalancers"]
    assert [each["LoadBalancerArn"] for each in by_name] == [two, one]
    by_arn = account.call("DescribeLoadBalancers", LoadBalancerArns=[two])["LoadBalancers"]
    assert [each["LoadBalancerName"] for each in by_arn] == ["two"]
    missing = account.refused("DescribeLoadBalancers", Names=["one", "three"])
    assert (missing.code, missing.message) == ("LoadBalancerNotFound", "Load balancers '[three]' not found")
    assert account.refused("DescribeLoadBalancers", LoadBalancerArns=[ABSENT]).code == "LoadBalancerNotFound"
    assert account.refused("DescribeLoadBalancers", LoadBalancerArns=["x"]).code == "ValidationError"
    both = account.refused("DescribeLoadBalancers", Names=["one"], LoadBalancerArns=[two])
    assert both.code == "ValidationError"


def test_another_region_does_not_see_it(account: Account) -> None:
    arn = account.load_balancer()
    assert account.call("DescribeLoadBalancers", "eu-west-1")["LoadBalancers"] == []
    error = account.refused("DescribeLoadBalancers", "eu-west-1", LoadBalancerArns=[arn])
    assert error.code == "LoadBalancerNotFound"


def test_a_long_list_comes_in_pages(account: Account) -> None:
    for name in ("a", "b", "c"):
        account.load_balancer(name)
    first = account.call("DescribeLoadBalancers", PageSize=2)
    rest = account.call("DescribeLoadBalancers", PageSize=2, Marker=first["NextMarker"])
    names = [each["LoadBalancerName"] for answer in (first, rest) for each in answer["LoadBalancers"]]
    assert names == ["a", "b", "c"]
    assert "NextMarker" not in rest
    for marker in ("!", "é", "LTE="):
        error = account.refused("DescribeLoadBalancers", Marker=marker)
        assert error.code == "ValidationError"


@pytest.mark.semantics("ELB-24")
def test_deleting_takes_everything_along(account: Account) -> None:
    arn = account.load_balancer()
    listener = account.listener(arn)
    rule = account.rule(listener)
    account.call("DeleteLoadBalancer", LoadBalancerArn=arn)
    account.call("DeleteLoadBalancer", LoadBalancerArn=arn)
    assert account.call("DescribeLoadBalancers")["LoadBalancers"] == []
    assert account.refused("DescribeListeners", ListenerArns=[listener]).code == "ListenerNotFound"
    assert account.refused("DescribeRules", RuleArns=[rule]).code == "RuleNotFound"
    assert account.refused("DeleteLoadBalancer", LoadBalancerArn="web").code == "ValidationError"


@pytest.mark.semantics("ELB-25")
def test_deletion_protection_protects(account: Account) -> None:
    arn = account.load_balancer()
    attribute = {"Key": "deletion_protection.enabled", "Value": "true"}
    account.call("ModifyLoadBalancerAttributes", LoadBalancerArn=arn, Attributes=[attribute])
    assert account.refused("DeleteLoadBalancer", LoadBalancerArn=arn).code == "OperationNotPermitted"
    attribute["Value"] = "false"
    account.call("ModifyLoadBalancerAttributes", LoadBalancerArn=arn, Attributes=[attribute])
    account.call("DeleteLoadBalancer", LoadBalancerArn=arn)


def test_network_settings_are_replaced(account: Account) -> None:
    arn = account.load_balancer()
    groups = account.call("SetSecurityGroups", LoadBalancerArn=arn, SecurityGroups=["sg-9"])
    assert groups == {"SecurityGroupIds": ["sg-9"]}
    zones = account.call("SetSubnets", LoadBalancerArn=arn, Subnets=["subnet-8", "subnet-9"])
    assert [zone["SubnetId"] for zone in zones["AvailabilityZones"]] == ["subnet-8", "subnet-9"]
    kind = account.call("SetIpAddressType", LoadBalancerArn=arn, IpAddressType="dualstack")
    assert kind == {"IpAddressType": "dualstack"}
    described = account.call("DescribeLoadBalancers")["LoadBalancers"][0]
    assert described["SecurityGroups"] == ["sg-9"]
    assert described["AvailabilityZones"] == zones["AvailabilityZones"]
    assert described["IpAddressType"] == "dualstack"


def test_network_settings_are_checked(account: Account) -> None:
    arn = account.load_balancer(Scheme="internal")
    kind = "dualstack-without-public-ipv4"
    refused = [
        account.refused("SetSecurityGroups", LoadBalancerArn=arn, SecurityGroups=[]),
        account.refused("SetSecurityGroups", LoadBalancerArn=arn, SecurityGroups=["x"]),
        account.refused("SetSubnets", LoadBalancerArn=arn, Subnets=["subnet-1"]),
        account.refused("SetIpAddressType", LoadBalancerArn=arn, IpAddressType=kind),
        account.refused("SetSecurityGroups", LoadBalancerArn=ABSENT, SecurityGroups=["sg-1"]),
    ]
    assert [error.code for error in refused] == [
        "InvalidConfigurationRequest",
        "InvalidSecurityGroup",
        "ValidationError",
        "InvalidConfigurationRequest",
        "LoadBalancerNotFound",
    ]
