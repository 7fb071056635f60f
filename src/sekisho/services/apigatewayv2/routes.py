"""Routes.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.kernel.route_key import RouteKey
from sekisho.model.apigatewayv2 import Api, Route
from sekisho.services.apigatewayv2 import errors, limits
from sekisho.services.apigatewayv2.authorization import check_authorization
from sekisho.services.apigatewayv2.definitions import redeploy
from sekisho.services.apigatewayv2.lookup import get_api, get_integration, get_route, new_id
from sekisho.services.apigatewayv2.members import Fields, given, shown
from sekisho.services.apigatewayv2.paging import page
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation
from sekisho.store.api import Reader, Writer

_ENFORCED = "ApiId RouteKey Target AuthorizationType AuthorizerId AuthorizationScopes ApiKeyRequired"
_WEBSOCKET = "ModelSelectionExpression RequestModels RequestParameters RouteResponseSelectionExpression"

LEDGER = {
    "CreateRouteRequest": members(enforced=_ENFORCED, stored="OperationName", rejected=_WEBSOCKET),
    "UpdateRouteRequest": members(
        enforced=f"{_ENFORCED} RouteId", stored="OperationName", rejected=_WEBSOCKET
    ),
    "GetRouteRequest": members(enforced="ApiId RouteId"),
    "GetRoutesRequest": members(enforced="ApiId MaxResults NextToken"),
    "DeleteRouteRequest": members(enforced="ApiId RouteId"),
}

_FIELDS: Fields = {
    "RouteKey": "route_key",
    "AuthorizationType": "authorization_type",
    "AuthorizerId": "authorizer_id",
    "AuthorizationScopes": "authorization_scopes",
    "OperationName": "operation_name",
}
_TARGET = "integrations/"


@operation("CreateRoute")
def create_route(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a route."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    route = change_route(ctx.state, api, Route(api.key, new_id(ctx.ids), ""), request)
    add_route(ctx.state, api, route)
    redeploy(ctx.state, api, ctx.clock, ctx.ids)
    return encode_route(route)


@operation("GetRoute", reads=True)
def get_one(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a route."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    return encode_route(get_route(ctx.state, api, request["RouteId"]))


@operation("GetRoutes", reads=True)
def get_all(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the routes of an API."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    return page(ctx.state.list(Route, api.key), request, encode_route)


@operation("UpdateRoute")
def update_route(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change what is given."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    route = get_route(ctx.state, api, request["RouteId"])
    changed = change_route(ctx.state, api, route, request)
    if changed.route_key != route.route_key:
        if route.managed:
            raise errors.bad_request("The route key of a route that quick create made cannot be changed")
        check_is_new(ctx.state, api, changed)
    ctx.state.put(changed)
    redeploy(ctx.state, api, ctx.clock, ctx.ids)
    return encode_route(changed)


@operation("DeleteRoute")
def delete_route(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete a route."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    ctx.state.delete(Route, get_route(ctx.state, api, request["RouteId"]).key)
    redeploy(ctx.state, api, ctx.clock, ctx.ids)


# --- helpers -------------------------------------------------------------------------------------------------


def change_route(state: Reader, api: Api, route: Route, request: Mapping[str, Any]) -> Route:
    """Return the route with what a request gives.

    Raises:
        ServiceError: it would not be valid.
    """
    if request.get("ApiKeyRequired"):
        raise errors.bad_request("API keys are not supported on HTTP protocol Apis")
    changed = dataclasses.replace(route, **given(request, _FIELDS))
    if request.get("AuthorizationType") in ("NONE", "AWS_IAM"):
        # HTTP-API-05: a route that needs no authorizer any more lets go of it.
        kept = given(
            request, {"AuthorizerId": "authorizer_id", "AuthorizationScopes": "authorization_scopes"}
        )
        nothing: dict[str, Any] = {"authorizer_id": None, "authorization_scopes": ()}
        changed = dataclasses.replace(changed, **{**nothing, **kept})
    if changed.authorizer_id == "":
        changed = dataclasses.replace(changed, authorizer_id=None)
    if request.get("Target") is not None:
        changed = dataclasses.replace(changed, integration_id=_decode_target(state, api, request["Target"]))
    check_route_key(changed.route_key)
    check_authorization(state, api, changed)
    return changed


def add_route(state: Writer, api: Api, route: Route) -> None:
    """Put a new route into the state.

    Raises:
        ServiceError: there is one with its key, or the API has as many as it may have.
    """
    if len(state.list(Route, api.key)) >= limits.ROUTES_PER_API:
        raise errors.too_many("routes for this API", limits.ROUTES_PER_API)
    check_is_new(state, api, route)
    state.put(route)


def check_is_new(state: Reader, api: Api, route: Route) -> None:
    """Check that no other route has the key.

    Raises:
        ServiceError: ConflictException.
    """
    if any(each.route_key == route.route_key for each in state.list(Route, api.key) if each.id != route.id):
        raise errors.conflict(f"Route with key {route.route_key} already exists for this API")


def check_route_key(text: str) -> None:
    """Check a route key.

    Raises:
        ServiceError: BadRequestException.
    """
    try:
        RouteKey.parse(text)
    except ValueError as error:
        raise errors.bad_request(
            f"The provided route key is not formatted properly: {text} ({error})"
        ) from None


def encode_route(route: Route) -> dict[str, Any]:
    """Return a route in AWS's shape."""
    encoded = shown(route, _FIELDS)
    encoded |= {"RouteId": route.id, "ApiKeyRequired": False}
    if route.integration_id is not None:
        encoded["Target"] = f"{_TARGET}{route.integration_id}"
    if route.managed:
        encoded["ApiGatewayManaged"] = True
    return encoded


def _decode_target(state: Reader, api: Api, target: str) -> str | None:
    if not target:  # HTTP-API-15
        return None
    if not target.startswith(_TARGET):
        raise errors.bad_request(f"Invalid target specified: {target}. A target is integrations/ and an id.")
    return get_integration(state, api, target.removeprefix(_TARGET)).id
