"""Quick create: an API with a target gets its integration, its route and a default stage.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.apigatewayv2 import DEFAULT, Api, Integration, Route, Stage
from sekisho.services.apigatewayv2.definitions import redeploy
from sekisho.services.apigatewayv2.errors import bad_request
from sekisho.services.apigatewayv2.integrations import add_integration, change_integration, decode_integration
from sekisho.services.apigatewayv2.lookup import new_id
from sekisho.services.apigatewayv2.routes import add_route, check_is_new, check_route_key
from sekisho.services.apigatewayv2.uris import find_function
from sekisho.services.context import Context


def create(ctx: Context, api: Api, request: Mapping[str, Any]) -> None:
    """Make integration, route and stage of a new API (HTTP-API-03).

    Raises:
        ServiceError: the target or the route key is not valid.
    """
    integration = decode_integration(api, new_id(ctx.ids), _integration(request), managed=True)
    route_key = request.get("RouteKey") or DEFAULT
    check_route_key(route_key)
    add_integration(ctx.state, api, integration)
    add_route(ctx.state, api, Route(api.key, new_id(ctx.ids), route_key, integration.id, managed=True))
    now = ctx.clock.now()
    ctx.state.put(Stage(api.key, DEFAULT, now, now, auto_deploy=True, managed=True))
    redeploy(ctx.state, api, ctx.clock, ctx.ids)


def update(ctx: Context, api: Api, request: Mapping[str, Any]) -> None:
    """Change target, credentials and route key of what quick create made.

    Raises:
        ServiceError: the API was not made that way, or a new value is not valid.
    """
    wanted = [name for name in ("Target", "RouteKey", "CredentialsArn") if request.get(name) is not None]
    if not wanted:
        return
    integrations = [each for each in ctx.state.list(Integration, api.key) if each.managed]
    routes = [each for each in ctx.state.list(Route, api.key) if each.managed]
    if not integrations or not routes:
        raise bad_request(f"{wanted[0]} can be changed only on an API that quick create made")
    if "Target" in wanted or "CredentialsArn" in wanted:
        given = {"Target": integrations[0].uri, **request}
        ctx.state.put(change_integration(integrations[0], _integration(given)))
    if "RouteKey" in wanted:
        check_route_key(request["RouteKey"])
        changed = dataclasses.replace(routes[0], route_key=request["RouteKey"])
        check_is_new(ctx.state, api, changed)
        ctx.state.put(changed)


def _integration(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request that makes the integration of a target."""
    is_function = find_function(request["Target"]) is not None
    return {
        "IntegrationType": "AWS_PROXY" if is_function else "HTTP_PROXY",
        "IntegrationUri": request["Target"],
        "IntegrationMethod": "POST" if is_function else "ANY",
        "PayloadFormatVersion": "2.0" if is_function else "1.0",
        "CredentialsArn": request.get("CredentialsArn"),
    }
