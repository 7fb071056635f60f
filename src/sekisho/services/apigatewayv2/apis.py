"""HTTP APIs.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.apigatewayv2 import (
    Api,
    ApiMapping,
    Authorizer,
    Deployment,
    DomainName,
    Integration,
    Route,
    Stage,
)
from sekisho.services.apigatewayv2 import errors, quick_create
from sekisho.services.apigatewayv2.cors import decode_cors, encode_cors
from sekisho.services.apigatewayv2.definitions import redeploy
from sekisho.services.apigatewayv2.lookup import get_api, new_api_id
from sekisho.services.apigatewayv2.members import Fields, given
from sekisho.services.apigatewayv2.paging import page
from sekisho.services.apigatewayv2.tag_values import decode_tags
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

_SETTINGS = "DisableSchemaValidation IpAddressType"

LEDGER = {
    "CreateApiRequest": members(
        enforced="ProtocolType CorsConfiguration DisableExecuteApiEndpoint RouteKey Target"
        " RouteSelectionExpression ApiKeySelectionExpression",
        stored=f"Name Description Version Tags CredentialsArn {_SETTINGS}",
    ),
    "UpdateApiRequest": members(
        enforced="ApiId CorsConfiguration DisableExecuteApiEndpoint RouteKey Target RouteSelectionExpression"
        " ApiKeySelectionExpression",
        stored=f"Name Description Version CredentialsArn {_SETTINGS}",
    ),
    "GetApiRequest": members(enforced="ApiId"),
    "GetApisRequest": members(enforced="MaxResults NextToken"),
    "DeleteApiRequest": members(enforced="ApiId"),
    "DeleteCorsConfigurationRequest": members(enforced="ApiId"),
}

_FIELDS: Fields = {
    "Name": "name",
    "Description": "description",
    "Version": "version",
    "DisableExecuteApiEndpoint": "disable_execute_api_endpoint",
}
_ROUTE_SELECTION = "$request.method $request.path"
_KEY_SELECTION = "$request.header.x-api-key"


@operation("CreateApi")
def create_api(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create an API; with a Target also its integration, its route and its default stage."""
    if request["ProtocolType"] != "HTTP":  # HTTP-API-01
        raise errors.bad_request("Sekisho runs HTTP APIs only; the protocol type WEBSOCKET is not supported.")
    _check_expressions(request)
    cors = request.get("CorsConfiguration")
    api = Api(
        account_id=ctx.account_id,
        region=ctx.region,
        id=new_api_id(ctx.ids),
        created=ctx.clock.now(),
        cors=None if cors is None else decode_cors(cors),
        settings=_settings(request),
        tags=decode_tags(request.get("Tags")),
        **given(request, _FIELDS),
    )
    ctx.state.put(api)
    if request.get("Target") is not None:
        quick_create.create(ctx, api, request)
    elif request.get("RouteKey") is not None:
        raise errors.bad_request("A target is required when a route key is specified")
    return encode_api(api)


@operation("GetApi", reads=True)
def get_one(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an API."""
    return encode_api(get_api(ctx.state, ctx, request["ApiId"]))


@operation("GetApis", reads=True)
def get_all(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the APIs of the account in the region."""
    return page(ctx.state.list(Api, ctx.home), request, encode_api)


@operation("UpdateApi")
def update_api(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change what is given; a Target changes what quick create has made."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    _check_expressions(request)
    cors = request.get("CorsConfiguration")
    changed = dataclasses.replace(
        api,
        cors=api.cors if cors is None else decode_cors(cors),
        settings={**api.settings, **_settings(request)},
        **given(request, _FIELDS),
    )
    ctx.state.put(changed)
    quick_create.update(ctx, changed, request)
    redeploy(ctx.state, changed, ctx.clock, ctx.ids)
    return encode_api(changed)


@operation("DeleteCorsConfiguration")
def delete_cors(ctx: Context, request: Mapping[str, Any]) -> None:
    """Remove the CORS configuration."""
    api = dataclasses.replace(get_api(ctx.state, ctx, request["ApiId"]), cors=None)
    ctx.state.put(api)
    redeploy(ctx.state, api, ctx.clock, ctx.ids)


@operation("DeleteApi")
def delete_api(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete an API with everything in it."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    for domain in ctx.state.list(DomainName, ctx.home):
        if any(mapping.api == api.key for mapping in ctx.state.list(ApiMapping, domain.key)):
            raise errors.bad_request(
                f"The API {api.id} is mapped to the domain name {domain.name}. Delete its API mappings first."
            )
    for kind in (Route, Integration, Authorizer, Stage, Deployment):
        for part in ctx.state.list(kind, api.key):
            ctx.state.delete(kind, part.key)
    ctx.state.delete(Api, api.key)


# --- helpers -------------------------------------------------------------------------------------------------


def encode_api(api: Api) -> dict[str, Any]:
    """Return an API in AWS's shape."""
    encoded: dict[str, Any] = {
        "ApiEndpoint": f"https://{api.domain_name}",
        "ApiId": api.id,
        "ApiKeySelectionExpression": _KEY_SELECTION,
        "CreatedDate": api.created,
        "DisableExecuteApiEndpoint": api.disable_execute_api_endpoint,
        "IpAddressType": api.settings.get("IpAddressType", "ipv4"),
        "Name": api.name,
        "ProtocolType": "HTTP",
        "RouteSelectionExpression": _ROUTE_SELECTION,
        "Tags": api.tags,
    }
    if api.description:
        encoded["Description"] = api.description
    if api.version:
        encoded["Version"] = api.version
    if api.cors is not None:
        encoded["CorsConfiguration"] = encode_cors(api.cors)
    if api.settings.get("DisableSchemaValidation"):
        encoded["DisableSchemaValidation"] = True
    if api.warnings:
        encoded["Warnings"] = list(api.warnings)
    return encoded


def _settings(request: Mapping[str, Any]) -> dict[str, Any]:
    return {name: request[name] for name in _SETTINGS.split() if request.get(name) is not None}


def _check_expressions(request: Mapping[str, Any]) -> None:
    """Check what an HTTP API cannot choose (HTTP-API-02)."""
    given_route = request.get("RouteSelectionExpression") or _ROUTE_SELECTION
    if given_route not in (_ROUTE_SELECTION, "${request.method} ${request.path}"):
        raise errors.bad_request(
            "Invalid RouteSelectionExpression. For HTTP protocol, it must be ${request.method} ${request.path}"
        )
    if (request.get("ApiKeySelectionExpression") or _KEY_SELECTION) != _KEY_SELECTION:
        raise errors.bad_request("API key selection expression is not supported on HTTP protocol Apis")
