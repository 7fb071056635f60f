"""Domains: where a pool's OAuth endpoints and its login page are.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain.html
"""

import dataclasses
import hashlib
import re
from collections.abc import Mapping
from typing import Any

from sekisho.model.cognito import UserPool, UserPoolDomain
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import get_pool
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "CreateUserPoolDomainRequest": members(
        enforced="Domain UserPoolId CustomDomainConfig", stored="ManagedLoginVersion", rejected="Routing"
    ),
    "UpdateUserPoolDomainRequest": members(
        enforced="Domain UserPoolId", stored="CustomDomainConfig ManagedLoginVersion", rejected="Routing"
    ),
    "DescribeUserPoolDomainRequest": members(enforced="Domain"),
    "DeleteUserPoolDomainRequest": members(enforced="Domain UserPoolId"),
    # The certificate makes the domain a custom one; TLS for it ends outside.
    "CustomDomainConfigType": members(stored="CertificateArn SecurityPolicy"),
}

_PREFIX = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_RESERVED = ("aws", "amazon", "cognito")


@operation("CreateUserPoolDomain")
def create_user_pool_domain(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give a pool a domain: a prefix of Amazon's, or a whole name of one's own."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    domain = UserPoolDomain(request["Domain"], pool.id, **_decode_settings(request))
    if domain.certificate_arn is None:
        _check_prefix(domain.domain)
    if ctx.state.find(UserPoolDomain, domain.domain) is not None:
        raise errors.invalid_parameter("Domain already associated with another user pool.")
    is_custom = domain.certificate_arn is not None
    for other in ctx.state.list(UserPoolDomain, pool.id):
        if (other.certificate_arn is not None) == is_custom:
            raise errors.invalid_parameter("User pool already has a domain configured.")
    ctx.state.put(domain)
    return {
        "ManagedLoginVersion": domain.managed_login_version,
        "CloudFrontDomain": _distribution(domain) if is_custom else None,
    }


@operation("DescribeUserPoolDomain", reads=True)
def describe_user_pool_domain(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a domain; of one that does not exist the description is empty."""
    domain = ctx.state.find(UserPoolDomain, request["Domain"])
    pool = None if domain is None else ctx.state.find(UserPool, domain.pool_id)
    if domain is None or pool is None or pool.scope != ctx.home:
        return {"DomainDescription": {}}
    return {
        "DomainDescription": {
            "UserPoolId": pool.id,
            "AWSAccountId": pool.account_id,
            "Domain": domain.domain,
            "CloudFrontDistribution": _distribution(domain),
            "Version": "1",
            "Status": "ACTIVE",
            "CustomDomainConfig": domain.settings.get("CustomDomainConfig"),
            "ManagedLoginVersion": domain.managed_login_version,
        }
    }


@operation("UpdateUserPoolDomain")
def update_user_pool_domain(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change the certificate of a custom domain, or the version of the login page."""
    domain = _domain(ctx, request)
    settings = _decode_settings({"ManagedLoginVersion": domain.managed_login_version, **request})
    if settings["certificate_arn"] is None and domain.certificate_arn is not None:
        settings = {**settings, "certificate_arn": domain.certificate_arn, "settings": domain.settings}
    if settings["certificate_arn"] is not None and domain.certificate_arn is None:
        raise errors.invalid_parameter("A prefix domain has no certificate.")
    changed = dataclasses.replace(domain, **settings)
    ctx.state.put(changed)
    return {
        "ManagedLoginVersion": changed.managed_login_version,
        "CloudFrontDomain": None if changed.certificate_arn is None else _distribution(changed),
    }


@operation("DeleteUserPoolDomain")
def delete_user_pool_domain(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take a domain from a pool."""
    ctx.state.delete(UserPoolDomain, _domain(ctx, request).domain)
    return {}


# --- helpers -------------------------------------------------------------------------------------------------


def _domain(ctx: Context, request: Mapping[str, Any]) -> UserPoolDomain:
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    domain = ctx.state.find(UserPoolDomain, request["Domain"])
    if domain is None or domain.pool_id != pool.id:
        raise errors.invalid_parameter("No such domain or user pool exists.")
    return domain


def _decode_settings(request: Mapping[str, Any]) -> dict[str, Any]:
    version = request.get("ManagedLoginVersion") or 1
    if version not in (1, 2):
        raise errors.invalid_parameter("ManagedLoginVersion must be 1 or 2.")
    custom = request.get("CustomDomainConfig")
    return {
        "certificate_arn": None if custom is None else custom["CertificateArn"],
        "managed_login_version": version,
        "settings": {} if custom is None else {"CustomDomainConfig": dict(custom)},
    }


def _check_prefix(prefix: str) -> None:
    if not _PREFIX.fullmatch(prefix):
        raise errors.invalid_parameter(f"'{prefix}' is not a valid domain prefix.")
    for word in _RESERVED:
        if word in prefix:
            raise errors.invalid_parameter(f"Domain cannot contain reserved word: {word}")


def _distribution(domain: UserPoolDomain) -> str:
    """Return the name of the distribution that AWS would put before the domain."""
    return f"d{hashlib.sha256(domain.domain.encode()).hexdigest()[:13]}.cloudfront.net"
