"""How CloudFormation makes stages and deployments.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-stage.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-deployment.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.apigatewayv2.cfn.common import (
    delete_resource,
    members_of,
    pick,
    reset,
    tagged_arn,
    update_tags,
)

_DEFAULTS: Mapping[str, Any] = {
    "AccessLogSettings": {},
    "AutoDeploy": False,
    "Description": "",
    "StageVariables": {},
}

_SETTINGS = (
    "AccessLogSettings",
    "AutoDeploy",
    "ClientCertificateId",
    "DefaultRouteSettings",
    "DeploymentId",
    "Description",
    "RouteSettings",
    "StageVariables",
)
_KEY = frozenset({"ApiId", "StageName"})
_DEFAULT_ROUTE = "DefaultRouteSettings"


def _key(properties: Mapping[str, Any]) -> dict[str, Any]:
    return pick(properties, "ApiId", "StageName")


def _create_stage(calls: Calls, desired: Desired) -> str:
    given = desired.properties
    return str(calls("CreateStage", pick(given, *_SETTINGS, *_KEY, "Tags"))["StageName"])


def _update_stage(calls: Calls, desired: Desired, applied: Applied) -> None:
    key = _key(applied.properties)
    routes = members_of(applied.properties, "RouteSettings").keys()
    for route_key in sorted(routes - members_of(desired.properties, "RouteSettings").keys()):
        delete_resource(calls, "DeleteRouteSettings", {**key, "RouteKey": route_key})
    gone = members_of(applied.properties, _DEFAULT_ROUTE).keys()
    if gone - members_of(desired.properties, _DEFAULT_ROUTE).keys():
        # Members that an update does not name stay as they were, but an empty object takes them all away.
        calls("UpdateStage", {**key, _DEFAULT_ROUTE: {}})
    calls(
        "UpdateStage",
        {**key, **pick(desired.properties, *_SETTINGS), **reset(desired, applied, _DEFAULTS)},
    )
    arn = tagged_arn(applied, f"apis/{key['ApiId']}/stages/{key['StageName']}")
    update_tags(calls, arn, desired, applied)


def _delete_stage(calls: Calls, applied: Applied) -> None:
    delete_resource(calls, "DeleteStage", _key(applied.properties))


STAGE = CoreType(
    name="AWS::ApiGatewayV2::Stage",
    service="apigatewayv2",
    properties=frozenset((*_SETTINGS, *_KEY, "Tags")),
    create=_create_stage,
    update=_update_stage,
    delete=_delete_stage,
    required=_KEY,
    create_only=_KEY,
    name_property="StageName",
)


def _create_deployment(calls: Calls, desired: Desired) -> str:
    params = pick(desired.properties, "ApiId", "Description", "StageName")
    return str(calls("CreateDeployment", params)["DeploymentId"])


def _update_deployment(calls: Calls, desired: Desired, applied: Applied) -> None:
    key = _deployment_key(applied)
    description = desired.properties.get("Description") or ""
    calls("UpdateDeployment", {**key, "Description": description})
    stage = desired.properties.get("StageName")
    if stage is not None and stage != applied.properties.get("StageName"):
        calls("UpdateStage", {**key, "StageName": stage})


def _delete_deployment(calls: Calls, applied: Applied) -> None:
    delete_resource(calls, "DeleteDeployment", _deployment_key(applied))


def _deployment_key(applied: Applied) -> dict[str, Any]:
    return {"ApiId": applied.properties["ApiId"], "DeploymentId": applied.physical_id}


def _read_deployment(_calls: Calls, applied: Applied) -> Mapping[str, Any]:
    return {"DeploymentId": applied.physical_id}


DEPLOYMENT = CoreType(
    name="AWS::ApiGatewayV2::Deployment",
    service="apigatewayv2",
    properties=frozenset({"ApiId", "Description", "StageName"}),
    create=_create_deployment,
    update=_update_deployment,
    delete=_delete_deployment,
    read=_read_deployment,
    required=frozenset({"ApiId"}),
    create_only=frozenset({"ApiId"}),
)
