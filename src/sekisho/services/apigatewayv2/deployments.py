"""Deployments.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-deployments.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.apigatewayv2 import Deployment, Stage
from sekisho.services.apigatewayv2 import errors
from sekisho.services.apigatewayv2.definitions import point_to, read_definition
from sekisho.services.apigatewayv2.lookup import get_api, get_deployment, get_stage, new_id
from sekisho.services.apigatewayv2.members import Fields, check_lengths, shown
from sekisho.services.apigatewayv2.paging import page
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "CreateDeploymentRequest": members(enforced="ApiId StageName", stored="Description"),
    "UpdateDeploymentRequest": members(enforced="ApiId DeploymentId", stored="Description"),
    "GetDeploymentRequest": members(enforced="ApiId DeploymentId"),
    "GetDeploymentsRequest": members(enforced="ApiId MaxResults NextToken"),
    "DeleteDeploymentRequest": members(enforced="ApiId DeploymentId"),
}

_SHOWN: Fields = {
    "AutoDeployed": "auto_deployed",
    "CreatedDate": "created",
    "DeploymentId": "id",
    "Description": "description",
}


@operation("CreateDeployment")
def create_deployment(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the API as it is now, and serve it from a stage where one is named (HTTP-API-08)."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    definition = read_definition(ctx.state, api)
    if not definition.routes:
        raise errors.bad_request("At least one route is required before deploying the Api.")
    check_lengths(request, ("Description",))
    deployment = Deployment(api.key, new_id(ctx.ids), ctx.clock.now(), definition, request.get("Description"))
    ctx.state.put(deployment)
    if request.get("StageName") is not None:
        stage = get_stage(ctx.state, api, request["StageName"])
        ctx.state.put(point_to(stage, deployment, ctx.clock))
    return _encode(deployment)


@operation("GetDeployment", reads=True)
def get_one(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a deployment."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    return _encode(get_deployment(ctx.state, api, request["DeploymentId"]))


@operation("GetDeployments", reads=True)
def get_all(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the deployments of an API, the newest first."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    return page(ctx.state.list(Deployment, api.key)[::-1], request, _encode)


@operation("UpdateDeployment")
def update_deployment(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change the description."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    deployment = get_deployment(ctx.state, api, request["DeploymentId"])
    check_lengths(request, ("Description",))
    if request.get("Description") is not None:
        deployment = dataclasses.replace(deployment, description=request["Description"])
        ctx.state.put(deployment)
    return _encode(deployment)


@operation("DeleteDeployment")
def delete_deployment(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete a deployment that no stage serves."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    deployment = get_deployment(ctx.state, api, request["DeploymentId"])
    if any(stage.deployment_id == deployment.id for stage in ctx.state.list(Stage, api.key)):
        raise errors.conflict("Active stages pointing to this deployment must be moved or deleted")
    ctx.state.delete(Deployment, deployment.key)


# --- helpers -------------------------------------------------------------------------------------------------


def _encode(deployment: Deployment) -> dict[str, Any]:
    return {**shown(deployment, _SHOWN), "DeploymentStatus": "DEPLOYED"}
