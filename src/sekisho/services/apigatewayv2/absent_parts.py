"""Parts that HTTP APIs do not have: models and responses are of WebSocket APIs, routing rules lead to REST APIs.

Tools that take stock ask for them; the answer is that there are none.

Sources: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models.html,
https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid-routeresponses.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-rules.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.services.apigatewayv2.domain_names import get_domain_name
from sekisho.services.apigatewayv2.lookup import get_api, get_integration, get_route
from sekisho.services.apigatewayv2.paging import page
from sekisho.services.context import ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "GetModelsRequest": members(enforced="ApiId MaxResults NextToken"),
    "GetRouteResponsesRequest": members(enforced="ApiId RouteId MaxResults NextToken"),
    "GetIntegrationResponsesRequest": members(enforced="ApiId IntegrationId MaxResults NextToken"),
    "ListRoutingRulesRequest": members(
        enforced="DomainName", stored="MaxResults NextToken", rejected="DomainNameId"
    ),
}


@operation("GetModels", reads=True)
def get_models(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the models of an API: it has none."""
    get_api(ctx.state, ctx, request["ApiId"])
    return _nothing(request)


@operation("GetRouteResponses", reads=True)
def get_route_responses(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the responses of a route: it has none."""
    get_route(ctx.state, get_api(ctx.state, ctx, request["ApiId"]), request["RouteId"])
    return _nothing(request)


@operation("GetIntegrationResponses", reads=True)
def get_integration_responses(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the responses of an integration: it has none."""
    get_integration(ctx.state, get_api(ctx.state, ctx, request["ApiId"]), request["IntegrationId"])
    return _nothing(request)


@operation("ListRoutingRules", reads=True)
def list_routing_rules(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the routing rules of a domain name: it has none."""
    get_domain_name(ctx, request["DomainName"])
    return {"RoutingRules": []}


# --- helpers -------------------------------------------------------------------------------------------------


def _nothing(request: Mapping[str, Any]) -> dict[str, Any]:
    nothing: list[dict[str, Any]] = []
    return page(nothing, request, dict)
