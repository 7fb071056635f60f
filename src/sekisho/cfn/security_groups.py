"""What declared security groups let out, read from a template's own words.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupegress.html
"""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from sekisho.model.cloudformation import DeclaredResource

PortRange = tuple[int, int]

ALL_PORTS: PortRange = (0, 65535)
GROUP = "AWS::EC2::SecurityGroup"
EGRESS = "AWS::EC2::SecurityGroupEgress"


def egress_by_group(declared: Iterable[DeclaredResource]) -> Mapping[str, tuple[PortRange, ...]]:
    """Return, for each declared security group, the TCP ports on which it lets connections out to public addresses.

    A group without any egress rule allows everything; the first rule, inline or standalone, replaces that default.
    """
    resources = list(declared)
    rules: dict[str, list[Mapping[str, Any]]] = {}
    for resource in resources:
        if resource.type == GROUP:
            rules.setdefault(resource.physical_id, []).extend(
                resource.properties.get("SecurityGroupEgress") or ()
            )
        elif resource.type == EGRESS:
            rules.setdefault(str(resource.properties.get("GroupId", "")), []).append(resource.properties)
    groups = {resource.physical_id for resource in resources if resource.type == GROUP}
    return {
        group: tuple(port for rule in rules[group] for port in _tcp_ports(rule))
        if rules[group]
        else (ALL_PORTS,)
        for group in groups
    }


def _tcp_ports(rule: Mapping[str, Any]) -> tuple[PortRange, ...]:
    if not _reaches_public_addresses(rule):
        return ()
    protocol = str(rule.get("IpProtocol", "-1")).lower()
    if protocol == "-1":
        return (ALL_PORTS,)
    if protocol not in {"tcp", "6"}:
        return ()
    first, last = int(rule.get("FromPort", 0)), int(rule.get("ToPort", 65535))
    return (ALL_PORTS,) if first == -1 else ((first, last),)


def _reaches_public_addresses(rule: Mapping[str, Any]) -> bool:
    if rule.get("DestinationPrefixListId"):
        return True
    cidr = rule.get("CidrIp") or rule.get("CidrIpv6")
    if not cidr:
        return False
    try:
        network = ipaddress.ip_network(str(cidr), strict=False)
    except ValueError:
        return False
    # CDK writes 255.255.255.255/32 for "nothing"; it is neither private nor a place to go to.
    return network.prefixlen == 0 or not (network.is_private or network.is_reserved or network.is_multicast)
