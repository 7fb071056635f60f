"""The events of Lambda targets behind an Application Load Balancer.

Shapes and rules: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sekisho.functions.events.http import (
    HttpRequest,
    HttpResponse,
    InvalidResponseError,
    decode_body,
    encode_body,
    encode_headers,
    is_hop_by_hop,
)

REQUEST_LIMIT = 1_048_576
"""Most bytes of a request body: a larger one gets 413."""

RESPONSE_LIMIT = 1_048_576
"""Most bytes of a function's answer as JSON: a larger one gets 502."""

_TEXT_TYPES = frozenset({"application/json", "application/javascript", "application/xml"})


def encode_event(request: HttpRequest, target_group_arn: str, *, multi_value: bool) -> dict[str, Any]:
    """Return the event of a request; ``multi_value`` is the target group's ``lambda.multi_value_headers.enabled``.

    Header names are in lower case and query parameters as they were sent, still percent-encoded; without multi-value
    the last of several wins.
    """
    # ALB-LAMBDA-09
    query = [_split(part) for part in request.query.split("&") if part]
    # ALB-LAMBDA-10
    body, is_base64 = encode_body(request.body, is_text=_is_text(request.headers))
    event: dict[str, Any] = {
        "requestContext": {"elb": {"targetGroupArn": target_group_arn}},
        "httpMethod": request.method,
        "path": request.path,
    }
    if multi_value:  # ALB-LAMBDA-08
        event["multiValueQueryStringParameters"] = _collect(query)
        event["multiValueHeaders"] = _collect(request.headers)
    else:
        event["queryStringParameters"] = dict(query)
        event["headers"] = dict(request.headers)
    return {**event, "body": body, "isBase64Encoded": is_base64}


def decode_response(payload: bytes, *, multi_value: bool) -> HttpResponse:
    """Return the HTTP response that a function's answer describes.

    Raises:
        InvalidResponseError: it does not have the documented form, which is 502 to the client.
    """
    if len(payload) > RESPONSE_LIMIT:
        raise InvalidResponseError(f"the answer has more than {RESPONSE_LIMIT} bytes")
    try:
        answer = json.loads(payload)
    except ValueError:
        raise InvalidResponseError("the answer is not JSON") from None
    if not isinstance(answer, dict):
        raise InvalidResponseError("the answer is not a JSON object")
    status = _status(answer.get("statusCode"))
    body = "" if answer.get("body") is None else answer["body"]
    if not isinstance(body, str):
        raise InvalidResponseError("body is not a string")
    # ALB-LAMBDA-11
    headers = encode_headers(pair for pair in _headers(answer, multi_value) if not is_hop_by_hop(pair[0]))
    content = decode_body(body, is_base64=answer.get("isBase64Encoded") is True)
    return HttpResponse(status, headers, content, _reason(answer.get("statusDescription")))


def _split(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name, value


def _collect(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    collected: dict[str, list[str]] = {}
    for name, value in pairs:
        collected.setdefault(name, []).append(value)
    return collected


def _is_text(headers: Iterable[tuple[str, str]]) -> bool:
    found = dict(headers)
    if "content-encoding" in found:
        return False
    kind = found.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "" or kind.startswith("text/") or kind in _TEXT_TYPES


def _status(value: Any) -> int:
    number = int(value) if isinstance(value, str) and value.isdecimal() else value
    if isinstance(number, bool) or not isinstance(number, int) or not 200 <= number <= 599:
        raise InvalidResponseError("statusCode is missing or is not an HTTP status")
    return number


def _headers(answer: Mapping[str, Any], multi_value: bool) -> list[tuple[str, str]]:
    wanted, other = ("multiValueHeaders", "headers") if multi_value else ("headers", "multiValueHeaders")
    if answer.get(wanted) is None and answer.get(other):
        raise InvalidResponseError(f"{other} is given where the target group's setting asks for {wanted}")
    headers = answer.get(wanted)
    if headers is None:
        return []
    if not isinstance(headers, dict):
        raise InvalidResponseError(f"{wanted} is not an object")
    pairs: list[tuple[str, str]] = []
    for name, value in headers.items():
        values = value if multi_value else [value]
        if not isinstance(values, list) or not all(isinstance(item, str | int | float) for item in values):
            raise InvalidResponseError(f"{wanted} has a value of the wrong type under {name!r}")
        pairs += [(name, _text(item)) for item in values]
    return pairs


def _text(value: str | float) -> str:
    return json.dumps(value) if isinstance(value, bool | int | float) else value


def _reason(description: Any) -> str:
    if not isinstance(description, str):
        return ""
    number, _, reason = description.partition(" ")
    # ALB-LAMBDA-07
    reason = reason if number.isdecimal() else description
    # A text that cannot stand in a status line is left out: the status says it all.
    return reason if reason.isascii() and reason.isprintable() else ""
