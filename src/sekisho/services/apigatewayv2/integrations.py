"""Integrations: Lambda functions and HTTP endpoints behind routes.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.kernel.arn import Arn
from sekisho.kernel.route_key import METHODS
from sekisho.model.apigatewayv2 import Api, Integration, Route
from sekisho.services.apigatewayv2 import errors, limits
from sekisho.services.apigatewayv2.definitions import redeploy
from sekisho.services.apigatewayv2.lookup import get_api, get_integration, new_id
from sekisho.services.apigatewayv2.members import Fields, check_lengths, given, shown
from sekisho.services.apigatewayv2.paging import page
from sekisho.services.apigatewayv2.parameters import decode_request_parameters, decode_response_parameters
from sekisho.services.apigatewayv2.uris import find_function, is_url
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation
from sekisho.store.api import Writer

_ENFORCED = (
    "ApiId IntegrationType IntegrationUri IntegrationMethod PayloadFormatVersion TimeoutInMillis ConnectionType"
    " RequestParameters ResponseParameters TlsConfig"
)
_STORED = "ConnectionId CredentialsArn Description"
# The first calls AWS services directly; the others are for WebSocket APIs.
_REJECTED = (
    "IntegrationSubtype ContentHandlingStrategy PassthroughBehavior RequestTemplates"
    " TemplateSelectionExpression"
)

LEDGER = {
    "CreateIntegrationRequest": members(enforced=_ENFORCED, stored=_STORED, rejected=_REJECTED),
    "UpdateIntegrationRequest": members(
        enforced=f"{_ENFORCED} IntegrationId", stored=_STORED, rejected=_REJECTED
    ),
    "TlsConfigInput": members(enforced="ServerNameToVerify"),
    "GetIntegrationRequest": members(enforced="ApiId IntegrationId"),
    "GetIntegrationsRequest": members(enforced="ApiId MaxResults NextToken"),
    "DeleteIntegrationRequest": members(enforced="ApiId IntegrationId"),
}

_FIELDS: Fields = {
    "ConnectionId": "connection_id",
    "ConnectionType": "connection_type",
    "CredentialsArn": "credentials_arn",
    "Description": "description",
    "IntegrationMethod": "method",
    "IntegrationType": "type",
    "IntegrationUri": "uri",
    "PayloadFormatVersion": "payload_format_version",
    "TimeoutInMillis": "timeout",
}


@operation("CreateIntegration")
def create_integration(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create an integration."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    integration = decode_integration(api, new_id(ctx.ids), request)
    add_integration(ctx.state, api, integration)
    redeploy(ctx.state, api, ctx.clock, ctx.ids)
    return encode_integration(integration)


@operation("GetIntegration", reads=True)
def get_one(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an integration."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    return encode_integration(get_integration(ctx.state, api, request["IntegrationId"]))


@operation("GetIntegrations", reads=True)
def get_all(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the integrations of an API."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    return page(ctx.state.list(Integration, api.key), request, encode_integration)


@operation("UpdateIntegration")
def update_integration(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change what is given."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    integration = get_integration(ctx.state, api, request["IntegrationId"])
    changed = change_integration(integration, request)
    ctx.state.put(changed)
    redeploy(ctx.state, api, ctx.clock, ctx.ids)
    return encode_integration(changed)


@operation("DeleteIntegration")
def delete_integration(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete an integration that no route names."""
    api = get_api(ctx.state, ctx, request["ApiId"])
    integration = get_integration(ctx.state, api, request["IntegrationId"])
    users = [route.id for route in ctx.state.list(Route, api.key) if route.integration_id == integration.id]
    if users:
        raise errors.conflict(
            f"Cannot delete Integration '{integration.id}' due to routes [{', '.join(users)}] using it."
        )
    ctx.state.delete(Integration, integration.key)
    redeploy(ctx.state, api, ctx.clock, ctx.ids)


# --- helpers -------------------------------------------------------------------------------------------------


def decode_integration(
    api: Api, integration_id: str, request: Mapping[str, Any], *, managed: bool = False
) -> Integration:
    """Return the integration that a request describes.

    Raises:
        ServiceError: it is not valid.
    """
    if request["IntegrationType"] == "AWS_PROXY" and not request.get("PayloadFormatVersion"):
        raise errors.bad_request("PayloadFormatVersion is a required parameter for integration")
    blank = Integration(api.key, integration_id, request["IntegrationType"], "", managed=managed)
    return change_integration(blank, request)


def change_integration(integration: Integration, request: Mapping[str, Any]) -> Integration:
    """Return the integration with what a request gives.

    Raises:
        ServiceError: it would not be valid.
    """
    changed = dataclasses.replace(integration, **given(request, _FIELDS))
    if request.get("RequestParameters") is not None:
        had = integration.request_parameters
        merged = _merge(had, decode_request_parameters(request["RequestParameters"], had))
        changed = dataclasses.replace(changed, request_parameters=merged)
    if request.get("ResponseParameters") is not None:
        before = integration.response_parameters
        responses = decode_response_parameters(request["ResponseParameters"], before)
        changed = dataclasses.replace(
            changed,
            response_parameters={
                status: kept
                for status in (*before, *(status for status in responses if status not in before))
                if (kept := _merge(before.get(status, {}), responses.get(status, {})))
            },
        )
    if request.get("TlsConfig") is not None:
        check_lengths(request["TlsConfig"], ("ServerNameToVerify",))
        changed = dataclasses.replace(changed, server_name=request["TlsConfig"].get("ServerNameToVerify"))
    changed = _with_defaults(changed)
    _check(changed)
    return changed


def add_integration(state: Writer, api: Api, integration: Integration) -> None:
    """Put a new integration into the state.

    Raises:
        ServiceError: the API has as many as it may have.
    """
    if len(state.list(Integration, api.key)) >= limits.INTEGRATIONS_PER_API:
        raise errors.too_many("integrations for this API", limits.INTEGRATIONS_PER_API)
    state.put(integration)


def encode_integration(integration: Integration) -> dict[str, Any]:
    """Return an integration in AWS's shape."""
    encoded = shown(integration, _FIELDS)
    encoded["IntegrationId"] = integration.id
    if integration.request_parameters:
        encoded["RequestParameters"] = integration.request_parameters
    if integration.response_parameters:
        encoded["ResponseParameters"] = integration.response_parameters
    if integration.server_name:
        encoded["TlsConfig"] = {"ServerNameToVerify": integration.server_name}
    if integration.managed:
        encoded["ApiGatewayManaged"] = True
    return encoded


def _with_defaults(integration: Integration) -> Integration:
    """Return the integration with what its type implies where nothing is given."""
    if integration.type == "AWS_PROXY":
        return dataclasses.replace(integration, method=integration.method or "POST")
    version = integration.payload_format_version or "1.0"
    return dataclasses.replace(integration, payload_format_version=version)


def _merge(had: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the mappings with those that are given; an empty value takes one away (HTTP-API-15).

    One that removes a header or a parameter needs no value, and goes only if it has had one.
    """
    return {
        key: value
        for key, value in {**had, **given}.items()
        if value or (key.startswith("remove:") and not had.get(key))
    }


def _check(integration: Integration) -> None:
    if integration.type == "AWS_PROXY":
        _check_function(integration)
    elif integration.type == "HTTP_PROXY":
        _check_endpoint(integration)
    else:
        raise errors.bad_request(
            f"Integration type {integration.type} is not supported on HTTP protocol Apis;"
            " it is one of [AWS_PROXY, HTTP_PROXY]"
        )


def _check_function(integration: Integration) -> None:
    if find_function(integration.uri) is None:
        raise errors.bad_request("IntegrationUri should be a valid Lambda ARN")
    if integration.method != "POST":
        raise errors.bad_request("The integration method of a Lambda function must be POST")
    if integration.payload_format_version not in ("1.0", "2.0"):
        raise errors.bad_request("PayloadFormatVersion must be one of [1.0, 2.0]")
    if integration.connection_type != "INTERNET":
        raise errors.bad_request("VPC_LINK is for HTTP_PROXY integrations only")


def _check_endpoint(integration: Integration) -> None:
    if not integration.method:
        raise errors.bad_request("HttpMethod must be specified for HTTP_PROXY integration")
    if integration.method not in (*METHODS, "ANY"):
        raise errors.bad_request(f"Invalid HTTP method {integration.method} specified")
    if integration.payload_format_version != "1.0":
        raise errors.bad_request("The payload format version of an HTTP_PROXY integration must be 1.0")
    if integration.connection_type == "VPC_LINK":
        if not integration.connection_id:
            raise errors.bad_request("ConnectionId must be specified for connection type VPC_LINK")
        if not Arn.is_valid(integration.uri):
            raise errors.bad_request(
                "For VPC_LINK the IntegrationUri must be the ARN of a listener or of a Cloud Map service"
            )
    elif not is_url(integration.uri):
        raise errors.bad_request("Invalid HTTP endpoint specified for URI")
