"""What declared security groups let out."""

from typing import Any

import pytest

from sekisho.cfn.security_groups import ALL_PORTS, EGRESS, GROUP, egress_by_group
from sekisho.model.cloudformation import DeclaredResource


def declared(kind: str, physical_id: str, **properties: Any) -> DeclaredResource:
    return DeclaredResource("stack", physical_id, kind, physical_id, "1", "us-east-1", properties)


def test_a_group_without_rules_lets_everything_out() -> None:
    assert egress_by_group([declared(GROUP, "sg-1")]) == {"sg-1": (ALL_PORTS,)}


def test_the_first_standalone_rule_replaces_the_default() -> None:
    rule = declared(
        EGRESS, "e", GroupId="sg-1", IpProtocol="tcp", FromPort=443, ToPort="443", CidrIp="0.0.0.0/0"
    )
    assert egress_by_group([declared(GROUP, "sg-1"), rule]) == {"sg-1": ((443, 443),)}


@pytest.mark.parametrize(
    "rule",
    [
        {"IpProtocol": "icmp", "FromPort": 252, "ToPort": 86, "CidrIp": "255.255.255.255/32"},
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "DestinationSecurityGroupId": "sg-2"},
        {"IpProtocol": "udp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"},
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"},
    ],
)
def test_rules_that_reach_no_public_address_over_tcp_let_nothing_out(rule: dict[str, Any]) -> None:
    assert egress_by_group([declared(GROUP, "sg-1", SecurityGroupEgress=[rule])]) == {"sg-1": ()}


def test_protocol_minus_one_lets_every_port_out() -> None:
    group = declared(GROUP, "sg-1", SecurityGroupEgress=[{"IpProtocol": "-1", "CidrIpv6": "::/0"}])
    assert egress_by_group([group]) == {"sg-1": (ALL_PORTS,)}
