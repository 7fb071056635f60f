"""What is the same for every load balancer of an account: quotas and security policies.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeSSLPolicies.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.model.ssl_policies import SSL_POLICIES, SslPolicy
from sekisho.services.context import ReadContext
from sekisho.services.elbv2 import errors, limits
from sekisho.services.elbv2.paging import page
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "DescribeAccountLimitsInput": members(enforced="Marker PageSize"),
    "DescribeSSLPoliciesInput": members(enforced="Names Marker PageSize LoadBalancerType"),
}


@operation("DescribeAccountLimits", reads=True)
def describe_account_limits(_ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the quotas of the account."""
    items, more = page(limits.ACCOUNT_LIMITS, request)
    return {"Limits": [{"Name": name, "Max": str(most)} for name, most in items], **more}


@operation("DescribeSSLPolicies", reads=True)
def describe_ssl_policies(_ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the security policies that are named, or all."""
    names = request.get("Names") or list(SSL_POLICIES)
    for name in names:
        if name not in SSL_POLICIES:
            raise errors.ssl_policy_not_found(name)
    if (request.get("LoadBalancerType") or "application") != "application":
        names = []
    items, more = page(names, request)
    return {"SslPolicies": [_encode(SSL_POLICIES[name]) for name in items], **more}


def _encode(policy: SslPolicy) -> dict[str, Any]:
    return {
        "Name": policy.name,
        "SslProtocols": list(policy.protocols),
        "Ciphers": [{"Name": name, "Priority": number} for number, name in enumerate(policy.ciphers, 1)],
        "SupportedLoadBalancerTypes": ["application"],
    }
