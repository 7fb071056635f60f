"""Custom domain names.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname.html
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.kernel.arn import Arn
from sekisho.model.apigatewayv2 import ApiMapping, DomainName
from sekisho.services.apigatewayv2 import errors
from sekisho.services.apigatewayv2.paging import page
from sekisho.services.apigatewayv2.tag_values import decode_tags
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "CreateDomainNameRequest": members(
        enforced="DomainName DomainNameConfigurations RoutingMode",
        stored="Tags",
        rejected="MutualTlsAuthentication",
    ),
    "UpdateDomainNameRequest": members(
        enforced="DomainName DomainNameConfigurations RoutingMode", rejected="MutualTlsAuthentication"
    ),
    "DomainNameConfiguration": members(
        enforced="CertificateArn EndpointType",
        stored="ApiGatewayDomainName CertificateName CertificateUploadDate DomainNameStatus"
        " DomainNameStatusMessage HostedZoneId IpAddressType OwnershipVerificationCertificateArn SecurityPolicy",
    ),
    "GetDomainNameRequest": members(enforced="DomainName"),
    "GetDomainNamesRequest": members(enforced="MaxResults NextToken"),
    "DeleteDomainNameRequest": members(enforced="DomainName"),
}

_NAME = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{1,63}")
_GIVEN = (
    "CertificateArn", "CertificateName", "EndpointType", "IpAddressType",
    "OwnershipVerificationCertificateArn", "SecurityPolicy",
)  # fmt: skip
_HOSTED_ZONE = "Z1UJRXOUMOOFQ8"
"""The hosted zone of API Gateway's regional endpoints in us-east-1; nothing here reads it."""


@operation("CreateDomainName")
def create_domain_name(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a domain name; nothing is reached by it before an API is mapped to it."""
    name = request["DomainName"].lower()
    if not _NAME.fullmatch(name) or len(name) > 253:
        raise errors.bad_request(f"Invalid domain name identifier specified: {name}")
    if ctx.state.find(DomainName, f"{ctx.home}/{name}") is not None:
        raise errors.conflict("The domain name you provided already exists.")
    domain = DomainName(
        account_id=ctx.account_id,
        region=ctx.region,
        name=name,
        configurations=_decode_configurations(request.get("DomainNameConfigurations") or ()),
        hosted_name=f"d-{ctx.ids.text(10)}.execute-api.{ctx.region}.amazonaws.com",
        routing_mode=_decode_mode(request),
        tags=decode_tags(request.get("Tags")),
    )
    ctx.state.put(domain)
    return _encode(domain)


@operation("GetDomainName", reads=True)
def get_one(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a domain name."""
    return _encode(get_domain_name(ctx, request["DomainName"]))


@operation("GetDomainNames", reads=True)
def get_all(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the domain names of the account in the region."""
    return page(ctx.state.list(DomainName, ctx.home), request, _encode)


@operation("UpdateDomainName")
def update_domain_name(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change the configuration."""
    domain = get_domain_name(ctx, request["DomainName"])
    _decode_mode(request)
    configurations = request.get("DomainNameConfigurations")
    if configurations is not None:
        domain = dataclasses.replace(domain, configurations=_decode_configurations(configurations))
        ctx.state.put(domain)
    return _encode(domain)


@operation("DeleteDomainName")
def delete_domain_name(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete a domain name with its API mappings."""
    domain = get_domain_name(ctx, request["DomainName"])
    for mapping in ctx.state.list(ApiMapping, domain.key):
        ctx.state.delete(ApiMapping, mapping.key)
    ctx.state.delete(DomainName, domain.key)


# --- helpers -------------------------------------------------------------------------------------------------


def get_domain_name(ctx: ReadContext, name: str) -> DomainName:
    """Return the domain name.

    Raises:
        ServiceError: NotFoundException.
    """
    found = ctx.state.find(DomainName, f"{ctx.home}/{name.lower()}")
    if found is None:
        raise errors.domain_name_not_found()
    return found


def _decode_mode(request: Mapping[str, Any]) -> str:
    mode = request.get("RoutingMode") or "API_MAPPING_ONLY"
    if mode != "API_MAPPING_ONLY":
        raise errors.bad_request(f"Sekisho does not support the routing mode {mode}")
    return str(mode)


def _decode_configurations(given: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    if len(given) != 1:
        raise errors.bad_request("A domain name has exactly one configuration")
    kept = {name: given[0][name] for name in _GIVEN if given[0].get(name) is not None}
    if not Arn.is_valid(kept.get("CertificateArn", ""), "acm"):
        raise errors.bad_request("A certificate ARN is required")
    if kept.setdefault("EndpointType", "REGIONAL") != "REGIONAL":
        raise errors.bad_request("The endpoint type of a domain name of HTTP APIs must be REGIONAL")
    kept.setdefault("SecurityPolicy", "TLS_1_2")
    kept.setdefault("IpAddressType", "ipv4")
    return (kept,)


def _encode(domain: DomainName) -> dict[str, Any]:
    fixed = {
        "ApiGatewayDomainName": domain.hosted_name,
        "DomainNameStatus": "AVAILABLE",
        "HostedZoneId": _HOSTED_ZONE,
    }
    return {
        "ApiMappingSelectionExpression": "$request.basepath",
        "DomainName": domain.name,
        "DomainNameArn": domain.arn,
        "DomainNameConfigurations": [{**each, **fixed} for each in domain.configurations],
        "RoutingMode": domain.routing_mode,
        "Tags": domain.tags,
    }
