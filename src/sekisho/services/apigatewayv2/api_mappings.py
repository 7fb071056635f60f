"""API mappings: which stage the paths of a domain name lead to.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mappings.html
"""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from sekisho.model.apigatewayv2 import ApiMapping, DomainName
from sekisho.services.apigatewayv2 import errors, limits
from sekisho.services.apigatewayv2.domain_names import get_domain_name
from sekisho.services.apigatewayv2.lookup import get_api, get_stage, new_id
from sekisho.services.apigatewayv2.paging import page
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "CreateApiMappingRequest": members(enforced="DomainName ApiId Stage ApiMappingKey"),
    "UpdateApiMappingRequest": members(enforced="DomainName ApiMappingId ApiId Stage ApiMappingKey"),
    "GetApiMappingRequest": members(enforced="DomainName ApiMappingId"),
    "GetApiMappingsRequest": members(enforced="DomainName MaxResults NextToken"),
    "DeleteApiMappingRequest": members(enforced="DomainName ApiMappingId"),
}

_KEY = re.compile(r"[A-Za-z0-9$\-_.+!*'()]+(?:/[A-Za-z0-9$\-_.+!*'()]+)*")
_LONGEST_KEY = 300


@operation("CreateApiMapping")
def create_api_mapping(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Map the paths that begin with a key to a stage."""
    domain = get_domain_name(ctx, request["DomainName"])
    if len(ctx.state.list(ApiMapping, domain.key)) >= limits.MAPPINGS_PER_DOMAIN:
        raise errors.too_many("API mappings for a domain name", limits.MAPPINGS_PER_DOMAIN)
    return _save(ctx, domain, ApiMapping(domain.key, new_id(ctx.ids), "", ""), request)


@operation("GetApiMapping", reads=True)
def get_one(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a mapping."""
    return _encode(_get(ctx, get_domain_name(ctx, request["DomainName"]), request["ApiMappingId"]))


@operation("GetApiMappings", reads=True)
def get_all(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the mappings of a domain name."""
    domain = get_domain_name(ctx, request["DomainName"])
    return page(ctx.state.list(ApiMapping, domain.key), request, _encode)


@operation("UpdateApiMapping")
def update_api_mapping(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change what is given."""
    domain = get_domain_name(ctx, request["DomainName"])
    mapping = _get(ctx, domain, request["ApiMappingId"])
    return _save(ctx, domain, mapping, {"Stage": mapping.stage, **request})


@operation("DeleteApiMapping")
def delete_api_mapping(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete a mapping."""
    domain = get_domain_name(ctx, request["DomainName"])
    ctx.state.delete(ApiMapping, _get(ctx, domain, request["ApiMappingId"]).key)


# --- helpers -------------------------------------------------------------------------------------------------


def _save(
    ctx: Context, domain: DomainName, mapping: ApiMapping, request: Mapping[str, Any]
) -> dict[str, Any]:
    api = get_api(ctx.state, ctx, request["ApiId"])
    key = request.get("ApiMappingKey")
    changed = dataclasses.replace(
        mapping,
        api=api.key,
        stage=get_stage(ctx.state, api, request["Stage"]).name,
        mapping_key=mapping.mapping_key if key is None else key,
    )
    if changed.mapping_key and (
        not _KEY.fullmatch(changed.mapping_key) or len(changed.mapping_key) > _LONGEST_KEY
    ):
        raise errors.bad_request(f"Invalid API mapping key specified: {changed.mapping_key}")
    others = (each for each in ctx.state.list(ApiMapping, domain.key) if each.id != changed.id)
    if any(each.mapping_key == changed.mapping_key for each in others):
        raise errors.conflict("ApiMapping key already exists for this domain name")
    ctx.state.put(changed)
    return _encode(changed)


def _get(ctx: ReadContext, domain: DomainName, mapping_id: str) -> ApiMapping:
    found = ctx.state.find(ApiMapping, f"{domain.key}/apimappings/{mapping_id}")
    if found is None:
        raise errors.api_mapping_not_found()
    return found


def _encode(mapping: ApiMapping) -> dict[str, Any]:
    return {
        "ApiId": mapping.api.rpartition("/")[2],
        "ApiMappingId": mapping.id,
        "ApiMappingKey": mapping.mapping_key,
        "Stage": mapping.stage,
    }
