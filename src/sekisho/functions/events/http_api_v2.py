"""Payload format 2.0 of HTTP APIs.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import json
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

JSON_TYPE = "application/json"
DEFAULT_TYPE = "text/plain;charset=utf-8"
"""What an answer with a status and without a content type gets."""


def encode_event(request: ApiRequest) -> dict[str, Any]:
    """Return the event of a request (HTTP-EVENT-01)."""
    return {"version": "2.0", **encode_request(request), **_encode_body(request), **_encode_rest(request)}


def encode_request(request: ApiRequest) -> dict[str, Any]:
    """Return the members that integrations and authorizers share, but for what comes after the context."""
    headers = collect(request.http.headers)
    cookies = headers.pop("cookie", None)
    query = {name: ",".join(values) for name, values in collect(request.query).items()}
    event: dict[str, Any] = {
        "routeKey": request.route.route_key,
        "rawPath": _raw_path(request),
        "rawQueryString": request.http.query,
    }
    if cookies is not None:
        # A client may send several Cookie headers (RFC 9113 section 8.2.3).
        event["cookies"] = [pair.strip() for line in cookies for pair in line.split(";") if pair.strip()]
    event["headers"] = {name: ",".join(values) for name, values in headers.items()}
    if query:
        event["queryStringParameters"] = query
    event["requestContext"] = _encode_context(request)
    return event


def decode_response(payload: bytes) -> HttpResponse:
    """Return the HTTP response that a function's answer describes or is (HTTP-LAMBDA-03).

    Raises:
        InvalidResponseError: it does not have the documented form, which is 500 to the client.
    """
    answer = load_answer(payload)
    if not isinstance(answer, dict) or "statusCode" not in answer:
        text = (
            answer
            if isinstance(answer, str)
            else json.dumps(answer, separators=(",", ":"), ensure_ascii=False)
        )
        return HttpResponse(200, (("content-type", JSON_TYPE),), decode_body(text, is_base64=False))
    status, text = read_status(answer), read_text(answer)
    headers = answer.get("headers")
    cookies = answer.get("cookies")
    if not isinstance(headers, dict | None) or not isinstance(cookies, list | None):
        raise InvalidResponseError("headers is not an object, or cookies is not a list")
    pairs = [(name, header_text(value)) for name, value in (headers or {}).items() if value is not None]
    if all(name.lower() != "content-type" for name, _ in pairs):
        pairs.append(("content-type", DEFAULT_TYPE))
    pairs += [("set-cookie", header_text(cookie)) for cookie in cookies or ()]
    body = decode_body(text, is_base64=answer.get("isBase64Encoded") is True)
    return HttpResponse(status, sent_headers(pairs), body)


def _raw_path(request: ApiRequest) -> str:
    """Return the path: with the name of a stage, but without an API mapping (HTTP-EVENT-06)."""
    if not request.route.is_mapped:
        return request.path
    return request.path.removeprefix(request.route.prefix) or "/"


def _encode_context(request: ApiRequest) -> dict[str, Any]:
    route = request.route
    context: dict[str, Any] = {"accountId": route.account, "apiId": route.api}
    if request.authorizer is not None:
        context["authorizer"] = {
            name: told for name, told in request.authorizer.items() if name != "principalId"
        }
    return {
        **context,
        "domainName": route.domain,
        "domainPrefix": request.domain_prefix,
        "http": {
            "method": request.http.method,
            "path": _raw_path(request),
            "protocol": PROTOCOL,
            "sourceIp": request.source_ip,
            "userAgent": request.user_agent,
        },
        "requestId": request.request_id,
        "routeKey": route.route_key,
        "stage": route.stage,
        "time": request.clf_time,
        "timeEpoch": request.epoch_milliseconds,
    }


def _encode_body(request: ApiRequest) -> dict[str, Any]:
    if not request.http.body:
        return {"isBase64Encoded": False}
    text, is_base64 = request.body()
    return {"body": text, "isBase64Encoded": is_base64}


def _encode_rest(request: ApiRequest) -> dict[str, Any]:
    rest: dict[str, Any] = {}
    if request.path_parameters:
        rest["pathParameters"] = request.path_parameters
    if request.route.variables:
        rest["stageVariables"] = dict(request.route.variables)
    return rest
