"""How CloudFormation changes what quick create has made.

Source:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-apigatewaymanagedoverrides.html
"""

from collections.abc import Collection, Mapping
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.apigatewayv2.cfn.common import delete_resource, members_of

_NAME_LIMIT = 128
_IDENTIFIERS = {"Integration": "IntegrationId", "Route": "RouteId", "Stage": "StageName"}
# What quick create makes, which is what remains without the overrides.
_MADE: Mapping[str, Mapping[str, Any]] = {
    "Integration": {"Description": "", "TimeoutInMillis": 30_000},
    "Route": {
        "AuthorizationScopes": [],
        "AuthorizationType": "NONE",
        "AuthorizerId": "",
        "OperationName": "",
    },
    "Stage": {"AccessLogSettings": {}, "AutoDeploy": True, "Description": "", "StageVariables": {}},
}
_MADE_BY_TYPE = {
    "AWS_PROXY": {"IntegrationMethod": "POST", "PayloadFormatVersion": "2.0"},
    "HTTP_PROXY": {"IntegrationMethod": "ANY", "PayloadFormatVersion": "1.0"},
}


def _create_overrides(calls: Calls, desired: Desired) -> str:
    for noun in _IDENTIFIERS:
        _override(calls, desired.properties["ApiId"], noun, desired.properties.get(noun) or {}, {})
    return desired.generated_name(_NAME_LIMIT)


def _update_overrides(calls: Calls, desired: Desired, applied: Applied) -> None:
    for noun in _IDENTIFIERS:
        wanted, had = (where.properties.get(noun) or {} for where in (desired, applied))
        _override(calls, desired.properties["ApiId"], noun, wanted, had)


def _delete_overrides(calls: Calls, applied: Applied) -> None:
    for noun in _IDENTIFIERS:
        try:
            _override(calls, applied.properties["ApiId"], noun, {}, applied.properties.get(noun) or {})
        except ServiceError as error:
            if error.code != "NotFoundException":
                raise


def _override(
    calls: Calls, api_id: str, noun: str, wanted: Mapping[str, Any], had: Mapping[str, Any]
) -> None:
    """Update the part that quick create has made.

    Raises:
        ServiceError: the API was not made that way.
    """
    if not wanted and not had:
        return
    managed = _managed(calls, api_id, noun)
    key = {"ApiId": api_id, _IDENTIFIERS[noun]: managed[_IDENTIFIERS[noun]]}
    if noun == "Stage":
        _take_away_settings(calls, key, wanted, had)
    given = {**_made(calls, api_id, noun, had.keys() - wanted.keys()), **wanted}
    if given:
        calls(f"Update{noun}", {**key, **given})


def _managed(calls: Calls, api_id: str, noun: str) -> dict[str, Any]:
    parts: list[dict[str, Any]] = calls(f"Get{noun}s", {"ApiId": api_id, "MaxResults": "500"})["Items"]
    for part in parts:
        if part.get("ApiGatewayManaged"):
            return part
    raise ServiceError("NotFoundException", f"The API {api_id} has no managed {noun.lower()} to override.")


def _made(calls: Calls, api_id: str, noun: str, names: Collection[str]) -> dict[str, Any]:
    """Return what quick create gives to the members that are not overridden any more."""
    made = dict(_MADE[noun])
    if noun == "Integration":
        made |= _MADE_BY_TYPE[_managed(calls, api_id, noun)["IntegrationType"]]
    elif noun == "Route" and "Target" in names:
        made["Target"] = f"integrations/{_managed(calls, api_id, 'Integration')['IntegrationId']}"
    return {name: default for name, default in made.items() if name in names}


def _take_away_settings(
    calls: Calls, key: Mapping[str, Any], wanted: Mapping[str, Any], had: Mapping[str, Any]
) -> None:
    """Take away the settings of routes that are not overridden any more: an update leaves them alone."""
    before, after = (members_of(where, "RouteSettings") for where in (had, wanted))
    for route_key in sorted(before.keys() - after.keys()):
        delete_resource(calls, "DeleteRouteSettings", {**key, "RouteKey": route_key})
    before, after = (members_of(where, "DefaultRouteSettings") for where in (had, wanted))
    if before.keys() - after.keys():
        calls("UpdateStage", {**key, "DefaultRouteSettings": {}})


def _read_overrides(_calls: Calls, applied: Applied) -> Mapping[str, Any]:
    return {"Id": applied.physical_id}


MANAGED_OVERRIDES = CoreType(
    name="AWS::ApiGatewayV2::ApiGatewayManagedOverrides",
    service="apigatewayv2",
    properties=frozenset(("ApiId", *_IDENTIFIERS)),
    create=_create_overrides,
    update=_update_overrides,
    delete=_delete_overrides,
    read=_read_overrides,
    required=frozenset({"ApiId"}),
    create_only=frozenset({"ApiId"}),
)
