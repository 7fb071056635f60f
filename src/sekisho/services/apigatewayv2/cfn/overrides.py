"""How CloudFormation changes what quick create has made.

Source:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-apigatewaymanagedoverrides.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired

_NAME_LIMIT = 128
# What quick create makes, which is what remains without the overrides.
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "Integration": {"Description": "", "TimeoutInMillis": 30_000},
    "Route": {"AuthorizationScopes": [], "AuthorizationType": "NONE", "OperationName": ""},
    "Stage": {"AccessLogSettings": {}, "AutoDeploy": True, "Description": "", "StageVariables": {}},
}
_IDENTIFIERS = {"Integration": "IntegrationId", "Route": "RouteId", "Stage": "StageName"}


def _create_overrides(calls: Calls, desired: Desired) -> str:
    for noun in _IDENTIFIERS:
        _override(calls, desired.properties["ApiId"], noun, desired.properties.get(noun))
    return desired.generated_name(_NAME_LIMIT)


def _update_overrides(calls: Calls, desired: Desired, applied: Applied) -> None:
    for noun in _IDENTIFIERS:
        gone = (applied.properties.get(noun) or {}).keys() - (desired.properties.get(noun) or {}).keys()
        given = {**_defaults(noun, gone), **(desired.properties.get(noun) or {})}
        _override(calls, desired.properties["ApiId"], noun, given)


def _delete_overrides(calls: Calls, applied: Applied) -> None:
    for noun in _IDENTIFIERS:
        given = _defaults(noun, applied.properties.get(noun) or {})
        try:
            _override(calls, applied.properties["ApiId"], noun, given)
        except ServiceError as error:
            if error.code != "NotFoundException":
                raise


def _defaults(noun: str, names: Any) -> dict[str, Any]:
    return {name: default for name, default in _DEFAULTS[noun].items() if name in names}


def _override(calls: Calls, api_id: str, noun: str, given: Mapping[str, Any] | None) -> None:
    """Update the part that quick create has made.

    Raises:
        ServiceError: the API was not made that way.
    """
    if not given:
        return
    parts = calls(f"Get{noun}s", {"ApiId": api_id})["Items"]
    managed = [part for part in parts if part.get("ApiGatewayManaged")]
    if not managed:
        raise ServiceError(
            "NotFoundException", f"The API {api_id} has no managed {noun.lower()} to override."
        )
    identifier = _IDENTIFIERS[noun]
    calls(f"Update{noun}", {"ApiId": api_id, identifier: managed[0][identifier], **given})


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
