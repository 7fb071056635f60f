"""Stages.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html
"""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from sekisho.model.apigatewayv2 import DEFAULT, Api, ApiMapping, Deployment, DomainName, Route, Stage
from sekisho.services.apigatewayv2 import errors, limits
from sekisho.services.apigatewayv2.definitions import point_to, redeploy
from sekisho.services.apigatewayv2.lookup import get_api, get_stage
from sekisho.services.apigatewayv2.members import Fields, given, shown
from sekisho.services.apigatewayv2.paging import page
from sekisho.services.apigatewayv2.route_settings import decode_route_settings, decode_settings
from sekisho.services.apigatewayv2.tag_values import decode_tags
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

_ENFORCED = (
    "ApiId StageName AccessLogSettings AutoDeploy DeploymentId DefaultRouteSettings RouteSettings"
    " StageVariables"
)

LEDGER = {
    "CreateStageRequest": members(
        enforced=_ENFORCED, stored="Description Tags", rejected="ClientCertificateId"
    ),
    "UpdateStageRequest": members(enforced=_ENFORCED, stored="Description", rejected="ClientCertificateId"),
    "AccessLogSettings": members(enforced="DestinationArn Format"),
    "GetStageRequest": members(enforced="ApiId StageName"),
    "GetStagesRequest": members(enforced="ApiId MaxResults NextToken"),
    "DeleteStageRequest": members(enforced="ApiId StageName"),
    "DeleteRouteSettingsRequest": members(enforced="ApiId StageName RouteKey"),
    "DeleteAccessLogSettingsRequest": members(enforced="ApiId StageName"),
}

_FIELDS: Fields = {
    "AccessLogSettings": "access_log_settings",
    "AutoDeploy": "auto_deploy",
    "Description": "description",
    "StageVariables": "variables",
}
_SHOWN: Fields = {
    **_FIELDS,
    "CreatedDate": "created",
    "DeploymentId": "deployment_id",
    "LastDeploymentStatusMessage": "status_message",
    "LastUpdatedDate": "updated",
    "StageName": "name",
}
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_VARIABLE_NAME = re.compile(r"\w{1,64}", re.ASCII)
_VARIABLE_VALUE = re.compile(r"[A-Za-z0-9\-._~:/?#&=,]{0,512}")
_LOG_ID = re.compile(r"\$context\.(?:requestId|extendedRequestId)\b")


@operation("CreateStage")
def create_stage(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a stage; one with AutoDeploy serves the API at once."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    name = request["StageName"]
    if name != DEFAULT and not (_NAME.fullmatch(name) and len(name) <= limits.NAME_LENGTH):
        raise errors.bad_request(
            "Stage name only allows a-zA-Z0-9_- and $default; invalid stage name specified"
        )
    stages = ctx.state.list(Stage, api.key)
    if any(stage.name == name for stage in stages):
        raise errors.conflict("Stage already exists")
    if len(stages) >= limits.STAGES_PER_API:
        raise errors.too_many("stages for this API", limits.STAGES_PER_API)
    now = ctx.clock.now()
    tags = decode_tags(request.get("Tags"))
    return _save(ctx, api, Stage(api.key, name, now, now, tags=tags), request)


@operation("GetStage", reads=True)
def get_one(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a stage."""
    return _encode(get_stage(ctx.state, get_api(ctx.state, ctx, request["ApiId"]), request["StageName"]))


@operation("GetStages", reads=True)
def get_all(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the stages of an API."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    return page(ctx.state.list(Stage, api.key), request, _encode)


@operation("UpdateStage")
def update_stage(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change what is given."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    stage = get_stage(ctx.state, api, request["StageName"])
    return _save(ctx, api, dataclasses.replace(stage, updated=ctx.clock.now()), request)


@operation("DeleteStage")
def delete_stage(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete a stage that no domain name is mapped to."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    stage = get_stage(ctx.state, api, request["StageName"])
    for domain in ctx.state.list(DomainName, ctx.home):
        for mapping in ctx.state.list(ApiMapping, domain.key):
            if (mapping.api, mapping.stage) == (api.key, stage.name):
                raise errors.bad_request(f"The stage {stage.name} is mapped to the domain name {domain.name}")
    ctx.state.delete(Stage, stage.key)


@operation("DeleteRouteSettings")
def delete_route_settings(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete the settings of one route."""
    stage = get_stage(ctx.state, get_api(ctx.state, ctx, request["ApiId"]), request["StageName"])
    kept = {key: value for key, value in stage.route_settings.items() if key != request["RouteKey"]}
    if len(kept) == len(stage.route_settings):
        raise errors.child_not_found("Route Settings", request["RouteKey"])
    ctx.state.put(dataclasses.replace(stage, route_settings=kept, updated=ctx.clock.now()))


@operation("DeleteAccessLogSettings")
def delete_access_log_settings(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete the settings of the access log."""
    stage = get_stage(ctx.state, get_api(ctx.state, ctx, request["ApiId"]), request["StageName"])
    ctx.state.put(dataclasses.replace(stage, access_log_settings={}, updated=ctx.clock.now()))


# --- helpers -------------------------------------------------------------------------------------------------


def _save(ctx: Context, api: Api, stage: Stage, request: Mapping[str, Any]) -> dict[str, Any]:
    """Store a stage with what a request gives, and deploy to it where it asks for that."""
    changed = dataclasses.replace(stage, **given(request, _FIELDS))
    _check_variables(changed.variables)
    _check_log_format(changed.access_log_settings)
    if request.get("DefaultRouteSettings") is not None:
        settings = decode_settings(request["DefaultRouteSettings"])
        had = changed.default_route_settings if settings else {}  # HTTP-API-17
        changed = dataclasses.replace(changed, default_route_settings={**had, **settings})
    if request.get("RouteSettings") is not None:
        keys = {route.route_key for route in ctx.state.list(Route, api.key)}
        routes = decode_route_settings(request["RouteSettings"], keys)
        changed = dataclasses.replace(changed, route_settings={**changed.route_settings, **routes})
    deployment_id = request.get("DeploymentId")
    if deployment_id is not None:
        if changed.auto_deploy:
            raise errors.bad_request("Deployment ID cannot be set on stage with AutoDeploy enabled")
        deployment = ctx.state.find(Deployment, f"{api.key}/deployments/{deployment_id}")
        if deployment is None:
            raise errors.bad_request(f"Invalid deployment identifier specified {deployment_id}")
        changed = point_to(changed, deployment, ctx.clock)
    ctx.state.put(changed)
    redeploy(ctx.state, api, ctx.clock, ctx.ids)
    return _encode(get_stage(ctx.state, api, changed.name))


def _encode(stage: Stage) -> dict[str, Any]:
    encoded = shown(stage, _SHOWN)
    encoded["DefaultRouteSettings"] = {"DetailedMetricsEnabled": False, **stage.default_route_settings}
    encoded["RouteSettings"] = stage.route_settings
    encoded["StageVariables"] = stage.variables
    encoded["Tags"] = stage.tags
    if stage.managed:
        encoded["ApiGatewayManaged"] = True
    return encoded


def _check_variables(variables: Mapping[str, str]) -> None:
    if len(variables) > limits.STAGE_VARIABLES_PER_STAGE:
        raise errors.too_many("stage variables for a stage", limits.STAGE_VARIABLES_PER_STAGE)
    for name, value in variables.items():
        if not _VARIABLE_NAME.fullmatch(name):
            raise errors.bad_request(f"Invalid stage variable name: {name}")
        if not _VARIABLE_VALUE.fullmatch(value):
            raise errors.bad_request(
                f"Invalid stage variable value for {name}. Please use values with alphanumeric characters and"
                " the symbols -._~:/?#&=, only."
            )


def _check_log_format(settings: Mapping[str, str]) -> None:
    text = settings.get("Format") or ""
    if len(text.encode()) > limits.ACCESS_LOG_FORMAT_SIZE:
        raise errors.bad_request(
            f"The Format of AccessLogSettings has at most {limits.ACCESS_LOG_FORMAT_SIZE} bytes"
        )
    if text and not _LOG_ID.search(text):
        raise errors.bad_request(
            "Failed to parse ACL format: it must include $context.requestId or $context.extendedRequestId"
        )
