"""Payload format 1.0 of HTTP APIs.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.functions.events.http import HttpResponse, InvalidResponseError, decode_body
from sekisho.functions.events.http_api import (
    PROTOCOL,
    ApiRequest,
    collect,
    header_text,
    load_answer,
    read_status,
    read_text,
    sent_headers,
)
from sekisho.functions.events.http_api_v2 import DEFAULT_TYPE

_IDENTITY = (
    "accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
    "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "sourceIp", "user", "userAgent", "userArn",
)  # fmt: skip

_NO_TOKEN: Mapping[str, None] = {"claims": None, "scopes": None}

_SPELLING = {
    name.lower(): name
    for name in (
        "Content-Length", "Content-Type", "Host", "User-Agent", "X-Amzn-Trace-Id", "X-Forwarded-For",
        "X-Forwarded-Port", "X-Forwarded-Proto",
    )
}  # fmt: skip
"""Headers that the gateway itself spells."""


def encode_event(request: ApiRequest) -> dict[str, Any]:
    """Return the event of a request (HTTP-EVENT-02)."""
    spelling = {**request.http.spelling, **_SPELLING}  # HTTP-EVENT-08
    headers = collect((spelling.get(name, name), value) for name, value in request.http.headers)
    query = collect(request.query)
    text, is_base64 = request.body() if request.http.body else (None, False)
    return {
        "version": "1.0",
        "resource": resource(request),
        "path": request.path,
        "httpMethod": request.http.method,
        # The documentation's example shows the last of several headers, and the first of several parameters.
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[0] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "requestContext": encode_context(request, _authorizer(request)),
        "pathParameters": request.path_parameters or None,
        "stageVariables": dict(request.route.variables) or None,
        "body": text,
        "isBase64Encoded": is_base64,
    }


def resource(request: ApiRequest) -> str:
    """Return the path of the route; of the default route its key."""
    return request.route.route_key if request.route.path is None else request.route.path


def encode_context(request: ApiRequest, authorizer: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return ``requestContext``; without an authorizer it has no such member."""
    route = request.route
    context: dict[str, Any] = {"accountId": route.account, "apiId": route.api}
    if authorizer is not None:
        context["authorizer"] = authorizer
    return {
        **context,
        "domainName": route.domain,
        "domainPrefix": request.domain_prefix,
        "extendedRequestId": request.request_id,
        "httpMethod": request.http.method,
        "identity": _identity(request),
        "path": request.path,
        "protocol": PROTOCOL,
        "requestId": request.request_id,
        "requestTime": request.clf_time,
        "requestTimeEpoch": request.epoch_milliseconds,
        "resourceId": None,
        "resourcePath": resource(request),
        "stage": route.stage,
    }


def decode_response(payload: bytes) -> HttpResponse:
    """Return the HTTP response that a function's answer describes (HTTP-LAMBDA-04).

    Raises:
        InvalidResponseError: it does not have the documented form, which is 500 to the client.
    """
    answer = load_answer(payload)
    if not isinstance(answer, dict):
        raise InvalidResponseError("the answer is not an object")
    status, text = read_status(answer), read_text(answer)
    single, multiple = answer.get("headers"), answer.get("multiValueHeaders")
    if not isinstance(single, dict | None) or not isinstance(multiple, dict | None):
        raise InvalidResponseError("headers or multiValueHeaders is not an object")
    pairs = _merge(single or {}, multiple or {})
    if all(name.lower() != "content-type" for name, _ in pairs):
        pairs.append(("content-type", DEFAULT_TYPE))
    body = decode_body(text, is_base64=answer.get("isBase64Encoded") is True)
    return HttpResponse(status, sent_headers(pairs), body)


def _merge(single: Mapping[str, Any], multiple: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the headers of both; what stands in both is sent as ``multiValueHeaders`` says."""
    pairs: list[tuple[str, str]] = []
    for name, values in multiple.items():
        if not isinstance(values, list):
            raise InvalidResponseError(f"multiValueHeaders has no list under {name!r}")
        pairs += [(name, header_text(value)) for value in values]
    known = {name.lower() for name in multiple}
    pairs += [
        (name, header_text(value))
        for name, value in single.items()
        if name.lower() not in known and value is not None
    ]
    return pairs


def _authorizer(request: ApiRequest) -> Mapping[str, Any]:
    """Return ``requestContext.authorizer``; the documentation shows it on open routes too."""
    given = request.authorizer or {}
    if "jwt" in given:
        return dict(given["jwt"])
    if "lambda" in given:
        principal = {"principalId": given["principalId"]} if given.get("principalId") else {}
        return {**_NO_TOKEN, **principal, **(given["lambda"] or {})}
    return _NO_TOKEN


def _identity(request: ApiRequest) -> dict[str, Any]:
    identity: dict[str, Any] = dict.fromkeys(_IDENTITY)
    identity |= {"sourceIp": request.source_ip, "userAgent": request.user_agent}
    iam = (request.authorizer or {}).get("iam")
    if iam is not None:
        identity |= {
            "accessKey": iam["accessKey"],
            "accountId": iam["accountId"],
            "caller": iam["callerId"],
            "principalOrgId": iam["principalOrgId"],
            "user": iam["userId"],
            "userArn": iam["userArn"],
        }
    return identity
