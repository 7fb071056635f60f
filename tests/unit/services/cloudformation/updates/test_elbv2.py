"""Updates of load balancers and what belongs to them."""

from collections.abc import Mapping
from typing import Any

import pytest

ELB = "AWS::ElasticLoadBalancingV2::"
CERTIFICATES = [f"arn:aws:acm:us-east-1:000000000000:certificate/{number}" for number in range(4)]
BALANCER = {
    "Balancer": {
        "Type": f"{ELB}LoadBalancer",
        "Properties": {"Subnets": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]},
    }
}
FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
LISTENER = {
    **BALANCER,
    "Listener": {
        "Type": f"{ELB}Listener",
        "Properties": {
            "LoadBalancerArn": {"Ref": "Balancer"},
            "Port": 443,
            "Protocol": "HTTPS",
            "Certificates": [{"CertificateArn": CERTIFICATES[0]}],
            "DefaultActions": [FIXED],
        },
    },
}
TAGS = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]


def tags(account: Any, ids: Mapping[str, str]) -> Any:
    found = account.elbv2("DescribeTags", ResourceArns=[ids["It"]])["TagDescriptions"][0]["Tags"]
    return {one["Key"]: one["Value"] for one in found}


def attributes(found: Mapping[str, Any]) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in found["Attributes"]}


def balancer(account: Any, ids: Mapping[str, str]) -> Any:
    arn = ids["It"]
    return {
        "it": account.elbv2("DescribeLoadBalancers", LoadBalancerArns=[arn])["LoadBalancers"],
        "attributes": attributes(account.elbv2("DescribeLoadBalancerAttributes", LoadBalancerArn=arn)),
        "tags": tags(account, ids),
    }


def target_group(account: Any, ids: Mapping[str, str]) -> Any:
    arn = ids["It"]
    health = account.elbv2("DescribeTargetHealth", TargetGroupArn=arn)["TargetHealthDescriptions"]
    return {
        "it": account.elbv2("DescribeTargetGroups", TargetGroupArns=[arn])["TargetGroups"],
        "attributes": attributes(account.elbv2("DescribeTargetGroupAttributes", TargetGroupArn=arn)),
        "targets": sorted((one["Target"]["Id"], one["Target"].get("Port")) for one in health),
        "tags": tags(account, ids),
    }


def listener(account: Any, ids: Mapping[str, str]) -> Any:
    arn = ids["It"]
    return {
        "it": account.elbv2("DescribeListeners", ListenerArns=[arn])["Listeners"],
        "attributes": attributes(account.elbv2("DescribeListenerAttributes", ListenerArn=arn)),
        "certificates": account.elbv2("DescribeListenerCertificates", ListenerArn=arn),
        "tags": tags(account, ids),
    }


def rule(account: Any, ids: Mapping[str, str]) -> Any:
    return {"it": account.elbv2("DescribeRules", RuleArns=[ids["It"]])["Rules"], "tags": tags(account, ids)}


def certificates(account: Any, ids: Mapping[str, str]) -> Any:
    found = account.elbv2("DescribeListenerCertificates", ListenerArn=ids["Listener"])["Certificates"]
    return sorted(one["CertificateArn"] for one in found)


def attribute_list(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


JWT = {
    "Type": "jwt-validation",
    "Order": 1,
    "JwtValidationConfig": {
        "Issuer": "https://issuer.example.com",
        "JwksEndpoint": "https://issuer.example.com/jwks",
        "AdditionalClaims": [
            {"Name": "scope", "Format": "space-separated-values", "Values": ["a", "b"]},
            {"Name": "aud", "Format": "string-array", "Values": ["a", "b"]},
        ],
    },
}
CASES: dict[str, dict[str, Any]] = {
    "load-balancer": {
        "type": f"{ELB}LoadBalancer",
        "properties": {
            "Name": "it",
            "IpAddressType": "dualstack",
            "LoadBalancerAttributes": attribute_list(
                {"idle_timeout.timeout_seconds": "30", "routing.http2.enabled": "false"}
            ),
            "SecurityGroups": ["sg-0123456789abcdef0", "sg-0123456789abcdef1"],
            "Subnets": [
                "subnet-0123456789abcdef0",
                "subnet-0123456789abcdef1",
                "subnet-0123456789abcdef2",
            ],
            "Tags": TAGS,
            "EnableCapacityReservationProvisionStabilize": True,
        },
        "beside": {
            "EnablePrefixForIpv6SourceNat": "It is for network load balancers.",
            "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "It is for network load balancers.",
            "Ipv4IpamPoolId": "It is not supported.",
            "MinimumLoadBalancerCapacity": "It is not supported.",
            "SubnetMappings": "It stands for Subnets.",
        },
        "lasting": {
            ("SecurityGroups",): "A load balancer that has groups keeps at least one: SetSecurityGroups."
        },
        "volatile": frozenset(("DNSName",)),
        "describe": balancer,
    },
    "target-group": {
        "type": f"{ELB}TargetGroup",
        "properties": {
            "Name": "it",
            "Port": 80,
            "Protocol": "HTTP",
            "VpcId": "vpc-0123456789abcdef0",
            "TargetType": "ip",
            "HealthCheckEnabled": True,
            "HealthCheckIntervalSeconds": 40,
            "HealthCheckPath": "/h",
            "HealthCheckPort": "8080",
            "HealthCheckProtocol": "HTTPS",
            "HealthCheckTimeoutSeconds": 7,
            "HealthyThresholdCount": 3,
            "Matcher": {"HttpCode": "204"},
            "UnhealthyThresholdCount": 4,
            "TargetGroupAttributes": attribute_list(
                {"deregistration_delay.timeout_seconds": "10", "slow_start.duration_seconds": "30"}
            ),
            "Targets": [{"Id": "10.0.0.1", "Port": 80}, {"Id": "10.0.0.2", "Port": 81}],
            "Tags": TAGS,
        },
        "describe": target_group,
    },
    "listener": {
        "type": f"{ELB}Listener",
        "around": BALANCER,
        "properties": {
            "LoadBalancerArn": {"Ref": "Balancer"},
            "Port": 443,
            "Protocol": "HTTPS",
            "Certificates": [{"CertificateArn": CERTIFICATES[0]}],
            "DefaultActions": [JWT, {**FIXED, "Order": 2}],
            "ListenerAttributes": attribute_list(
                {
                    "routing.http.response.server.enabled": "false",
                    "routing.http.response.x_frame_options.header_value": "DENY",
                }
            ),
            "MutualAuthentication": {"Mode": "off"},
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "Tags": TAGS,
        },
        "beside": {"AlpnPolicy": "It is for network load balancers."},
        "describe": listener,
    },
    "http-listener": {
        "type": f"{ELB}Listener",
        "around": BALANCER,
        "properties": {
            "LoadBalancerArn": {"Ref": "Balancer"},
            "Port": 80,
            "Protocol": "HTTP",
            "DefaultActions": [
                {
                    "Type": "redirect",
                    "RedirectConfig": {
                        "Protocol": "HTTPS",
                        "Port": "443",
                        "Host": "a.example",
                        "Path": "/b",
                        "Query": "c",
                        "StatusCode": "HTTP_301",
                    },
                }
            ],
        },
        "beside": dict.fromkeys(
            ("AlpnPolicy", "Certificates", "ListenerAttributes", "MutualAuthentication", "SslPolicy", "Tags"),
            "the case above",
        ),
        "describe": listener,
    },
    "rule": {
        "type": f"{ELB}ListenerRule",
        "around": LISTENER,
        "properties": {
            "ListenerArn": {"Ref": "Listener"},
            "Priority": 3,
            "Actions": [JWT, {**FIXED, "Order": 2}],
            "Conditions": [
                {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a", "/b"]}},
                {"Field": "host-header", "HostHeaderConfig": {"Values": ["a.example", "b.example"]}},
            ],
            "Transforms": [
                {
                    "Type": "url-rewrite",
                    "UrlRewriteConfig": {"Rewrites": [{"Regex": "^/a", "Replace": "/b"}]},
                },
                {
                    "Type": "host-header-rewrite",
                    "HostHeaderRewriteConfig": {"Rewrites": [{"Regex": "a", "Replace": "b"}]},
                },
            ],
            "Tags": TAGS,
        },
        "describe": rule,
    },
    "certificate": {
        "type": f"{ELB}ListenerCertificate",
        "around": LISTENER,
        "properties": {
            "ListenerArn": {"Ref": "Listener"},
            "Certificates": [{"CertificateArn": CERTIFICATES[1]}, {"CertificateArn": CERTIFICATES[2]}],
        },
        "describe": certificates,
    },
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.slow
def test_what_is_taken_away_leaves_nothing(twins: Any, case: Any, name: str) -> None:
    found = twins.differences(case(**CASES[name]))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.slow
def test_what_is_built_wrongly_leaves_the_stack_at_rest(twins: Any, case: Any, name: str) -> None:
    assert twins.unsettled(case(**CASES[name])) == []


@pytest.mark.parametrize("name", CASES)
def test_a_failed_update_gives_everything_back(twins: Any, case: Any, name: str) -> None:
    assert twins.unrestored(case(**CASES[name])) == []
