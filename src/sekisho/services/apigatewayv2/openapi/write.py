"""From an API to an OpenAPI 3.0 definition of it.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-export.html
"""

from typing import Any

from sekisho.kernel.route_key import RouteKey, SegmentKind
from sekisho.model.apigatewayv2 import DEFAULT, Api, Authorizer, Definition, Integration, Route
from sekisho.services.apigatewayv2.cors import encode_cors
from sekisho.services.apigatewayv2.openapi.parts import (
    AUTH_TYPE,
    AUTHORIZER,
    CORS_LISTS,
    SIGNED,
)
from sekisho.services.apigatewayv2.openapi.read import ANY_METHOD, CORS, ENDPOINT, INTEGRATION, TAG_VALUE

_SIGNED_SCHEME = "AWS_IAM"


def write_openapi(api: Api, definition: Definition, *, extensions: bool) -> dict[str, Any]:
    """Return the definition; without ``extensions`` it holds what OpenAPI itself knows."""
    info: dict[str, Any] = {"title": api.name, "version": api.version or api.created.isoformat()}
    if api.description:
        info["description"] = api.description
    document: dict[str, Any] = {
        "openapi": "3.0.1",
        "info": info,
        "servers": [_server(api, extensions=extensions)],
    }
    if api.tags and extensions:
        document["tags"] = [{"name": key, TAG_VALUE: value} for key, value in api.tags.items()]
    authorizers = {each.id: each for each in definition.authorizers}
    integrations = {each.id: each for each in definition.integrations}
    paths: dict[str, dict[str, Any]] = {}
    for route in definition.routes:
        key = RouteKey.parse(route.route_key)
        path = f"/{DEFAULT}" if key.path is None else key.path
        method = ANY_METHOD if key.method is None else key.method.lower()
        integration = integrations.get(route.integration_id or "")
        operation = _operation(route, key, authorizers, integration if extensions else None)
        if extensions or key.method is not None:
            paths.setdefault(path, {})[method] = operation
    document["paths"] = paths
    schemes = _schemes(definition, extensions=extensions)
    if schemes:
        document["components"] = {"securitySchemes": schemes}
    if definition.cors is not None and extensions:
        document[CORS] = _cors(definition)
    if extensions:
        document["x-amazon-apigateway-importexport-version"] = "1.0"
    return document


def _server(api: Api, *, extensions: bool) -> dict[str, Any]:
    server: dict[str, Any] = {
        "url": f"https://{api.domain_name}/{{basePath}}",
        "variables": {"basePath": {"default": ""}},
    }
    if api.disable_execute_api_endpoint and extensions:
        server[ENDPOINT] = {"disableExecuteApiEndpoint": True}
    return server


def _operation(
    route: Route, key: RouteKey, authorizers: dict[str, Authorizer], integration: Integration | None
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "responses": {"default": {"description": f"Default response for {route.route_key}"}}
    }
    if key.path is None:
        operation["isDefaultRoute"] = True
    if route.operation_name:
        operation["operationId"] = route.operation_name
    names = [segment.text for segment in key.segments if segment.kind is not SegmentKind.STATIC]
    if names:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
        ]
    if route.authorization_type == "AWS_IAM":
        operation["security"] = [{_SIGNED_SCHEME: []}]
    elif route.authorizer_id in authorizers:
        operation["security"] = [{authorizers[route.authorizer_id].name: list(route.authorization_scopes)}]
    if integration is not None:
        operation[INTEGRATION] = _integration(integration)
    return operation


def _integration(integration: Integration) -> dict[str, Any]:
    described: dict[str, Any] = {
        "payloadFormatVersion": integration.payload_format_version,
        "type": integration.type.lower(),
        "httpMethod": integration.method,
        "uri": integration.uri,
        "connectionType": integration.connection_type,
        "timeoutInMillis": integration.timeout,
    }
    optional = {
        "connectionId": integration.connection_id,
        "credentials": integration.credentials_arn,
        "requestParameters": integration.request_parameters,
        "responseParameters": integration.response_parameters,
        "tlsConfig": {"serverNameToVerify": integration.server_name} if integration.server_name else None,
    }
    return described | {name: value for name, value in optional.items() if value}


def _schemes(definition: Definition, *, extensions: bool) -> dict[str, Any]:
    schemes: dict[str, Any] = {}
    for authorizer in definition.authorizers:
        source = authorizer.identity_source[0] if authorizer.identity_source else ""
        if authorizer.type == "JWT":
            scheme: dict[str, Any] = {"type": "oauth2", "flows": {}}
        else:
            name = source.rpartition(".")[2] or "Unused"
            scheme = {
                "type": "apiKey",
                "name": name,
                "in": "query" if ".querystring." in source else "header",
            }
        if extensions:
            scheme[AUTHORIZER] = _authorizer(authorizer)
        schemes[authorizer.name] = scheme
    if any(route.authorization_type == "AWS_IAM" for route in definition.routes):
        signed: dict[str, Any] = {"type": "apiKey", "name": "Authorization", "in": "header"}
        schemes[_SIGNED_SCHEME] = signed | ({AUTH_TYPE: SIGNED} if extensions else {})
    return schemes


def _authorizer(authorizer: Authorizer) -> dict[str, Any]:
    if authorizer.type == "JWT":
        return {
            "identitySource": authorizer.identity_source[0],
            "jwtConfiguration": {"audience": list(authorizer.audience), "issuer": authorizer.issuer},
            "type": "jwt",
        }
    described: dict[str, Any] = {
        "type": "request",
        "authorizerUri": authorizer.uri,
        "authorizerPayloadFormatVersion": authorizer.payload_format_version,
        "authorizerResultTtlInSeconds": authorizer.ttl,
        "enableSimpleResponses": authorizer.simple_responses,
    }
    if authorizer.identity_source:
        described["identitySource"] = ",".join(authorizer.identity_source)
    if authorizer.credentials_arn:
        described["authorizerCredentials"] = authorizer.credentials_arn
    return described


def _cors(definition: Definition) -> dict[str, Any]:
    assert definition.cors is not None  # noqa: S101 - the caller has looked
    encoded = encode_cors(definition.cors)
    names = {member: name for name, member in CORS_LISTS.items()}
    names |= {"AllowCredentials": "allowCredentials", "MaxAge": "maxAge"}
    return {names[member]: value for member, value in encoded.items()}
