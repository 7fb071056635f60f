"""How CloudFormation makes HTTP APIs.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-api.html
"""

import json
from collections.abc import Mapping
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.apigatewayv2.cfn.common import delete_resource, pick, reset, tagged_arn, update_tags

_SETTINGS = (
    "ApiKeySelectionExpression",
    "CorsConfiguration",
    "CredentialsArn",
    "Description",
    "DisableExecuteApiEndpoint",
    "DisableSchemaValidation",
    "IpAddressType",
    "Name",
    "RouteKey",
    "RouteSelectionExpression",
    "Target",
    "Version",
)
_DEFAULTS = {
    "CredentialsArn": "",
    "Description": "",
    "DisableExecuteApiEndpoint": False,
    "DisableSchemaValidation": False,
    "IpAddressType": "ipv4",
    "RouteKey": "$default",
    "Version": "",
}


def _create_api(calls: Calls, desired: Desired) -> str:
    if "Body" in desired.properties:
        api_id = str(calls("ImportApi", _import(desired))["ApiId"])
        _set_beside_body(calls, api_id, desired)
        return api_id
    _check_named(desired)
    params = pick(desired.properties, *_SETTINGS, "ProtocolType", "Tags")
    return str(calls("CreateApi", params)["ApiId"])


def _update_api(calls: Calls, desired: Desired, applied: Applied) -> None:
    key = {"ApiId": applied.physical_id}
    if "Target" in applied.properties and "Target" not in desired.properties:
        raise ServiceError(
            "InvalidRequest", "Target: a quick-created target can be changed, but not removed from an API."
        )
    if "Body" in desired.properties or "Body" in applied.properties:
        calls("ReimportApi", {**key, **_import(desired)})
        settings = reset(desired, applied, {"DisableSchemaValidation": False, "IpAddressType": "ipv4"})
        if settings:
            calls("UpdateApi", {**key, **settings})
        _set_beside_body(calls, applied.physical_id, desired)
        return
    _check_named(desired)
    if "CorsConfiguration" in applied.properties and "CorsConfiguration" not in desired.properties:
        calls("DeleteCorsConfiguration", key)
    calls("UpdateApi", {**key, **pick(desired.properties, *_SETTINGS), **reset(desired, applied, _DEFAULTS)})
    update_tags(calls, tagged_arn(applied, f"apis/{applied.physical_id}"), desired, applied)


def _check_named(desired: Desired) -> None:
    for name in ("Name", "ProtocolType"):
        if name not in desired.properties:
            # The schema does not ask for them, because a Body could hold them.
            raise ServiceError("InvalidRequest", f"{name} is required to create an API.")


def _import(desired: Desired) -> dict[str, Any]:
    given = desired.properties
    empty = {"openapi": "3.0.1", "info": {"title": given.get("Name")}, "paths": {}}
    return {
        "Body": json.dumps(given.get("Body", empty)),
        "Basepath": given.get("BasePath"),
        "FailOnWarnings": given.get("FailOnWarnings"),
    }


def _set_beside_body(calls: Calls, api_id: str, desired: Desired) -> None:
    """Set what a template says beside the definition: it counts before what the definition says."""
    settings = pick(desired.properties, *_SETTINGS)
    if settings:
        calls("UpdateApi", {"ApiId": api_id, **settings})
    if desired.properties.get("Tags"):
        calls(
            "TagResource",
            {"ResourceArn": tagged_arn(desired, f"apis/{api_id}"), "Tags": desired.properties["Tags"]},
        )


def _delete_api(calls: Calls, applied: Applied) -> None:
    delete_resource(calls, "DeleteApi", {"ApiId": applied.physical_id})


def _read_api(calls: Calls, applied: Applied) -> Mapping[str, Any]:
    api_id = applied.physical_id
    return {
        **pick(calls("GetApi", {"ApiId": api_id}), "ApiId", "ApiEndpoint"),
        "ExecuteApiArn": f"arn:aws:execute-api:{applied.region}:{applied.account_id}:{api_id}",
    }


API = CoreType(
    name="AWS::ApiGatewayV2::Api",
    service="apigatewayv2",
    properties=frozenset((*_SETTINGS, "BasePath", "Body", "FailOnWarnings", "ProtocolType", "Tags")),
    create=_create_api,
    update=_update_api,
    delete=_delete_api,
    read=_read_api,
    create_only=frozenset({"ProtocolType"}),
)
