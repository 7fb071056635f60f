"""The extensions of OpenAPI that stand for integrations, authorizers and CORS, and the requests that they mean.

Sources, below https://docs.aws.amazon.com/apigateway/latest/developerguide/:
api-gateway-swagger-extensions-integration.html and api-gateway-swagger-extensions-authorizer.html
"""

from collections.abc import Mapping
from typing import Any

AUTHORIZER = "x-amazon-apigateway-authorizer"
AUTH_TYPE = "x-amazon-apigateway-authtype"
SIGNED = "awsSigv4"

INTEGRATION_TEXTS: Mapping[str, str] = {
    "connectionId": "ConnectionId",
    "connectionType": "ConnectionType",
    "credentials": "CredentialsArn",
    "httpMethod": "IntegrationMethod",
    "integrationSubtype": "IntegrationSubtype",
    "payloadFormatVersion": "PayloadFormatVersion",
    "uri": "IntegrationUri",
}
"""Member of the extension -> member of the request, for texts."""

CORS_LISTS: Mapping[str, str] = {
    "allowHeaders": "AllowHeaders",
    "allowMethods": "AllowMethods",
    "allowOrigins": "AllowOrigins",
    "exposeHeaders": "ExposeHeaders",
}
"""The same for the lists of CORS."""


def read_integration(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request that makes an integration."""
    request: dict[str, Any] = {"IntegrationType": str(given.get("type", "")).upper()}
    for name, member in INTEGRATION_TEXTS.items():
        if given.get(name) is not None:
            request[member] = str(given[name])
    if request.get("IntegrationMethod", "").lower() == "x-amazon-apigateway-any-method":
        request["IntegrationMethod"] = "ANY"
    if "timeoutInMillis" in given:
        request["TimeoutInMillis"] = given["timeoutInMillis"]
    if isinstance(given.get("requestParameters"), dict):
        request["RequestParameters"] = given["requestParameters"]
    if isinstance(given.get("responseParameters"), dict):
        request["ResponseParameters"] = given["responseParameters"]
    tls = given.get("tlsConfig")
    if isinstance(tls, dict) and tls.get("serverNameToVerify"):
        request["TlsConfig"] = {"ServerNameToVerify": tls["serverNameToVerify"]}
    return request


def read_scheme(name: str, scheme: Mapping[str, Any]) -> dict[str, Any] | str | None:
    """Return the request that makes the authorizer of a security scheme.

    None stands for AWS_IAM; a text says why nothing can be made of the scheme.
    """
    if str(scheme.get(AUTH_TYPE, "")).lower() == SIGNED.lower():
        return None
    given = scheme.get(AUTHORIZER)
    if not isinstance(given, dict):
        return f"Unable to create Authorizer for security scheme {name}: it has no {AUTHORIZER}"
    kind = str(given.get("type", "")).lower()
    if kind == "jwt":
        return _read_jwt(name, given)
    if kind == "request":
        return _read_function(name, given)
    return f"Unable to create Authorizer for security scheme {name}: its type is neither jwt nor request"


def read_cors(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the CORS configuration, or None where it is none."""
    cors: dict[str, Any] = {}
    for name, member in CORS_LISTS.items():
        value = given.get(name)
        if value is None:
            continue
        if not isinstance(value, list):
            return None
        cors[member] = [str(one) for one in value]
    credentials, age = given.get("allowCredentials"), given.get("maxAge")
    if not isinstance(credentials, bool | None) or not isinstance(age, int | None):
        return None
    if credentials is not None:
        cors["AllowCredentials"] = credentials
    if age is not None:
        cors["MaxAge"] = age
    return cors


def _read_jwt(name: str, given: Mapping[str, Any]) -> dict[str, Any] | str:
    configuration = given.get("jwtConfiguration")
    configuration = configuration if isinstance(configuration, dict) else {}
    audience = configuration.get("audience") or []
    if not isinstance(audience, list):
        return f"Unable to create Authorizer for security scheme {name}: its audience is no list"
    jwt: dict[str, Any] = {"Audience": [str(one) for one in audience]}
    if configuration.get("issuer"):
        jwt["Issuer"] = str(configuration["issuer"])
    sources = _sources(given) or ["$request.header.Authorization"]
    return {"Name": name, "AuthorizerType": "JWT", "IdentitySource": sources, "JwtConfiguration": jwt}


def _read_function(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    request: dict[str, Any] = {"Name": name, "AuthorizerType": "REQUEST", "IdentitySource": _sources(given)}
    texts = {
        "authorizerCredentials": "AuthorizerCredentialsArn",
        "authorizerPayloadFormatVersion": "AuthorizerPayloadFormatVersion",
        "authorizerUri": "AuthorizerUri",
    }
    for source, member in texts.items():
        if given.get(source) is not None:
            request[member] = str(given[source])
    if given.get("authorizerResultTtlInSeconds") is not None:
        request["AuthorizerResultTtlInSeconds"] = given["authorizerResultTtlInSeconds"]
    if given.get("enableSimpleResponses") is not None:
        request["EnableSimpleResponses"] = given["enableSimpleResponses"]
    return request


def _sources(given: Mapping[str, Any]) -> list[str]:
    value = given.get("identitySource")
    if isinstance(value, list):
        return [str(one) for one in value]
    return [one.strip() for one in value.split(",") if one.strip()] if isinstance(value, str) else []
