"""JWT and Lambda authorizers.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.apigatewayv2 import Api, Authorizer, Route
from sekisho.services.apigatewayv2 import errors, limits
from sekisho.services.apigatewayv2.definitions import redeploy
from sekisho.services.apigatewayv2.discovery import check_discovery, check_issuer_url
from sekisho.services.apigatewayv2.identity_sources import check_jwt_source, check_request_sources
from sekisho.services.apigatewayv2.lookup import get_api, get_authorizer, get_stage, new_id
from sekisho.services.apigatewayv2.members import Fields, given, shown
from sekisho.services.apigatewayv2.paging import page
from sekisho.services.apigatewayv2.uris import find_function
from sekisho.services.context import Context, LongContext, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation
from sekisho.store.api import Reader, Writer

_ENFORCED = (
    "ApiId AuthorizerType IdentitySource JwtConfiguration AuthorizerUri AuthorizerPayloadFormatVersion"
    " AuthorizerResultTtlInSeconds EnableSimpleResponses"
)
_STORED = "Name AuthorizerCredentialsArn"
_REJECTED = "IdentityValidationExpression"  # for WebSocket APIs

LEDGER = {
    "CreateAuthorizerRequest": members(enforced=_ENFORCED, stored=_STORED, rejected=_REJECTED),
    "UpdateAuthorizerRequest": members(
        enforced=f"{_ENFORCED} AuthorizerId", stored=_STORED, rejected=_REJECTED
    ),
    "JWTConfiguration": members(enforced="Audience Issuer"),
    "GetAuthorizerRequest": members(enforced="ApiId AuthorizerId"),
    "GetAuthorizersRequest": members(enforced="ApiId MaxResults NextToken"),
    "DeleteAuthorizerRequest": members(enforced="ApiId AuthorizerId"),
    "ResetAuthorizersCacheRequest": members(enforced="ApiId StageName"),
}

_FIELDS: Fields = {
    "AuthorizerCredentialsArn": "credentials_arn",
    "AuthorizerPayloadFormatVersion": "payload_format_version",
    "AuthorizerType": "type",
    "AuthorizerUri": "uri",
    "IdentitySource": "identity_source",
    "Name": "name",
}
_FUNCTION_FIELDS: Fields = {
    "AuthorizerResultTtlInSeconds": "ttl",
    "EnableSimpleResponses": "simple_responses",
}


@operation("CreateAuthorizer", transaction=False, joins=True)
def create_authorizer(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create an authorizer; the issuer of a JWT authorizer is asked for its discovery document."""
    with ctx.store.read() as state:
        api = get_api(state, ctx, request["ApiId"])
    authorizer = decode_authorizer(api, new_id(ctx.ids), request)
    if authorizer.issuer is not None:
        check_discovery(ctx, authorizer.issuer)
    with ctx.store.write() as state:
        api = get_api(state, ctx, request["ApiId"])
        add_authorizer(state, api, authorizer)
        redeploy(state, api, ctx.clock, ctx.ids)
    return encode_authorizer(authorizer)


@operation("GetAuthorizer", reads=True)
def get_one(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an authorizer."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    return encode_authorizer(get_authorizer(ctx.state, api, request["AuthorizerId"]))


@operation("GetAuthorizers", reads=True)
def get_all(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the authorizers of an API."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    return page(ctx.state.list(Authorizer, api.key), request, encode_authorizer)


@operation("UpdateAuthorizer", transaction=False, joins=True)
def update_authorizer(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change what is given; another issuer is asked for its discovery document."""
    with ctx.store.read() as state:
        before = _find(state, ctx, request)
    changed = change_authorizer(before, request)
    if changed.issuer is not None and changed.issuer != before.issuer:
        check_discovery(ctx, changed.issuer)
    with ctx.store.write() as state:
        # Others may have changed it while the issuer was asked.
        changed = change_authorizer(_find(state, ctx, request), request)
        _check_name(state, changed)
        state.put(changed)
        redeploy(state, get_api(state, ctx, request["ApiId"]), ctx.clock, ctx.ids)
    return encode_authorizer(changed)


@operation("DeleteAuthorizer")
def delete_authorizer(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete an authorizer that no route names."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    authorizer = get_authorizer(ctx.state, api, request["AuthorizerId"])
    users = [route.id for route in ctx.state.list(Route, api.key) if route.authorizer_id == authorizer.id]
    if users:
        raise errors.conflict(
            f"Cannot delete Authorizer '{authorizer.id}' due to routes [{', '.join(users)}] using it."
        )
    ctx.state.delete(Authorizer, authorizer.key)
    redeploy(ctx.state, api, ctx.clock, ctx.ids)


@operation("ResetAuthorizersCache")
def reset_cache(ctx: Context, request: Mapping[str, Any]) -> None:
    """Forget what the Lambda authorizers of a stage have answered (HTTP-API-14)."""
    stage = get_stage(ctx.state, get_api(ctx.state, ctx, request["ApiId"]), request["StageName"])
    ctx.state.put(dataclasses.replace(stage, cache_epoch=stage.cache_epoch + 1))


# --- helpers -------------------------------------------------------------------------------------------------


def decode_authorizer(api: Api, authorizer_id: str, request: Mapping[str, Any]) -> Authorizer:
    """Return the authorizer that a request describes.

    Raises:
        ServiceError: it is not valid.
    """
    blank = Authorizer(api.key, authorizer_id, "", request["AuthorizerType"])
    return change_authorizer(blank, request)


def change_authorizer(authorizer: Authorizer, request: Mapping[str, Any]) -> Authorizer:
    """Return the authorizer with what a request gives.

    Raises:
        ServiceError: it would not be valid.
    """
    kind = request.get("AuthorizerType") or authorizer.type
    if kind != authorizer.type:  # HTTP-API-16
        sources = authorizer.identity_source
        authorizer = Authorizer(authorizer.api, authorizer.id, authorizer.name, kind, sources)
    changed = dataclasses.replace(authorizer, **given(request, {**_FIELDS, **_FUNCTION_FIELDS}))
    jwt = request.get("JwtConfiguration")
    if jwt is not None:
        issuer = jwt.get("Issuer")
        audience = jwt.get("Audience")
        changed = dataclasses.replace(
            changed,
            issuer=changed.issuer if issuer is None else issuer,
            audience=changed.audience if audience is None else tuple(audience),
        )
    if changed.type == "JWT":
        _check_jwt(changed)
    else:
        _check_function(changed)
    return changed


def add_authorizer(state: Writer, api: Api, authorizer: Authorizer) -> None:
    """Put a new authorizer into the state.

    Raises:
        ServiceError: there is one with its name, or the API has as many as it may have.
    """
    if len(state.list(Authorizer, api.key)) >= limits.AUTHORIZERS_PER_API:
        raise errors.too_many("authorizers for this API", limits.AUTHORIZERS_PER_API)
    _check_name(state, authorizer)
    state.put(authorizer)


def encode_authorizer(authorizer: Authorizer) -> dict[str, Any]:
    """Return an authorizer in AWS's shape."""
    encoded = {"AuthorizerId": authorizer.id, **shown(authorizer, _FIELDS)}
    if authorizer.type == "JWT":
        encoded["JwtConfiguration"] = {"Audience": list(authorizer.audience), "Issuer": authorizer.issuer}
    else:
        encoded |= shown(authorizer, _FUNCTION_FIELDS)
    return encoded


def _find(state: Reader, ctx: LongContext, request: Mapping[str, Any]) -> Authorizer:
    return get_authorizer(state, get_api(state, ctx, request["ApiId"]), request["AuthorizerId"])


def _check_name(state: Reader, authorizer: Authorizer) -> None:
    others = (each for each in state.list(Authorizer, authorizer.api) if each.id != authorizer.id)
    if any(each.name == authorizer.name for each in others):
        raise errors.conflict(f"Authorizer with name {authorizer.name} already exists for this API")


def _check_jwt(authorizer: Authorizer) -> None:
    if authorizer.uri or authorizer.payload_format_version or authorizer.simple_responses or authorizer.ttl:
        raise errors.bad_request("A JWT authorizer has no function, and no settings of one")
    check_jwt_source(authorizer.identity_source)
    if not authorizer.issuer:
        raise errors.bad_request("JwtConfiguration with an issuer is required for JWT authorizers")
    check_issuer_url(authorizer.issuer)
    if len(authorizer.audience) > limits.AUDIENCES_PER_AUTHORIZER:
        raise errors.too_many("audiences for an authorizer", limits.AUDIENCES_PER_AUTHORIZER)


def _check_function(authorizer: Authorizer) -> None:
    if authorizer.issuer or authorizer.audience:
        raise errors.bad_request("JwtConfiguration is supported for JWT authorizers only")
    if not authorizer.uri or find_function(authorizer.uri) is None:
        raise errors.bad_request("AuthorizerUri should be a valid Lambda ARN")
    if authorizer.payload_format_version not in ("1.0", "2.0"):
        raise errors.bad_request(
            "AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer: 1.0 or 2.0"
        )
    if authorizer.simple_responses and authorizer.payload_format_version != "2.0":
        raise errors.bad_request("EnableSimpleResponses is supported for the payload format version 2.0 only")
    if authorizer.ttl and not authorizer.identity_source:
        raise errors.bad_request("An identity source is required when authorization caching is enabled")
    check_request_sources(authorizer.identity_source)
