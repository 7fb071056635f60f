"""Lambda authorizers of HTTP APIs: their events in both formats, and what their answers mean.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sekisho.functions.events.http import InvalidResponseError
from sekisho.functions.events.http_api import PROTOCOL, ApiRequest, collect, load_answer
from sekisho.functions.events.http_api_v1 import resource
from sekisho.functions.events.http_api_v2 import encode_request
from sekisho.verify.identity_source import read_header, read_parameter

_INVOKE = "execute-api:Invoke"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy; ``is_conditional`` where it holds only under conditions, which are not tested here."""

    is_allow: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    is_conditional: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What an authorizer answered: a policy, or plainly yes or no.

    Attributes:
        is_authorized: of a simple response; None where ``statements`` decide.
        principal: who the caller is, empty in a simple response.
        context: what the integration is told.
    """

    is_authorized: bool | None = None
    statements: tuple[Statement, ...] = ()
    principal: str = ""
    context: Mapping[str, Any] | None = field(default=None, repr=False)

    def allows(self, arn: str) -> bool:
        """Tell whether a request to what has this ARN may pass (HTTP-AUTH-02)."""
        if self.is_authorized is not None:
            return self.is_authorized
        covering = [one for one in self.statements if _covers(one, arn)]
        # What cannot be tested never lets anybody in, and always keeps them out.
        is_allowed = any(one.is_allow and not one.is_conditional for one in covering)
        return is_allowed and all(one.is_allow for one in covering)


def read_sources(request: ApiRequest, sources: Sequence[str]) -> list[str] | None:
    """Return the values of the identity sources, or None where one is missing or empty (HTTP-AUTH-01)."""
    values = [_read_source(request, source) for source in sources]
    return values if all(values) else None


def route_arn(request: ApiRequest) -> str:
    """Return the ARN of what is asked for: API, stage, method and path as sent."""
    route = request.route
    below = request.http.path.removeprefix(route.prefix) or "/"
    begin = f"arn:aws:execute-api:{route.region}:{route.account}:{route.api}"
    return f"{begin}/{route.stage}/{request.http.method}{below}"


def encode_event(request: ApiRequest, values: Sequence[str], version: str) -> dict[str, Any]:
    """Return the event of an authorizer in format ``1.0`` or ``2.0``."""
    return _encode_v2(request, values) if version == "2.0" else _encode_v1(request, values)


def decode_answer(payload: bytes, version: str, *, is_simple: bool) -> Answer:
    """Return what the answer of an authorizer of format ``1.0`` or ``2.0`` says.

    Raises:
        InvalidResponseError: it does not have the documented form, which is 500 to the client.
    """
    answer = load_answer(payload)
    if not isinstance(answer, dict):
        raise InvalidResponseError("the answer is not an object")
    context = answer.get("context")
    if not isinstance(context, dict | None):
        raise InvalidResponseError("context is not an object")
    if version == "1.0" and "claims" in (context or {}):  # HTTP-AUTH-05
        raise InvalidResponseError("context has a member claims, which is reserved")
    if is_simple:
        verdict = answer.get("isAuthorized")
        if not isinstance(verdict, bool):
            raise InvalidResponseError("isAuthorized is not a boolean")
        return Answer(is_authorized=verdict, context=context)
    principal, policy = answer.get("principalId"), answer.get("policyDocument")
    if not isinstance(principal, str | int) or not isinstance(policy, dict):
        raise InvalidResponseError("principalId or policyDocument is missing")
    statements = policy.get("Statement")
    listed = [statements] if isinstance(statements, dict) else statements
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise InvalidResponseError("policyDocument has no statements")
    return Answer(statements=tuple(map(_statement, listed)), principal=str(principal), context=context)


# --- identity sources ----------------------------------------------------------------------------------------


def _read_source(request: ApiRequest, source: str) -> str:
    root, _, name = source.removeprefix("$").partition(".")
    if root == "stageVariables":
        return request.route.variables.get(name, "")
    if root == "context":
        return _read_context(request, name)
    kind, _, name = name.partition(".")
    if kind == "querystring":
        return read_parameter(request.http.query, name)
    return read_header(request.http.headers, name)


def _read_context(request: ApiRequest, name: str) -> str:
    route = request.route
    known = {
        "accountId": route.account,
        "apiId": route.api,
        "domainName": route.domain,
        "domainPrefix": request.domain_prefix,
        "httpMethod": request.http.method,
        "identity.sourceIp": request.source_ip,
        "identity.userAgent": request.user_agent,
        "path": request.path,
        "protocol": PROTOCOL,
        "requestId": request.request_id,
        "routeKey": route.route_key,
        "stage": route.stage,
    }
    return known.get(name, "")


# --- events --------------------------------------------------------------------------------------------------


def _encode_v2(request: ApiRequest, values: Sequence[str]) -> dict[str, Any]:
    event = {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": route_arn(request),
        "identitySource": list(values) or None,
        **encode_request(request),
    }
    if request.path_parameters:
        event["pathParameters"] = request.path_parameters
    if request.route.variables:
        event["stageVariables"] = dict(request.route.variables)
    return event


def _encode_v1(request: ApiRequest, values: Sequence[str]) -> dict[str, Any]:
    headers, query = collect(request.http.headers), collect(request.query)
    identity = ",".join(values) or None
    return {
        "version": "1.0",
        "type": "REQUEST",
        "methodArn": route_arn(request),
        "identitySource": identity,
        "authorizationToken": identity,
        "resource": resource(request),
        "path": request.path,
        "httpMethod": request.http.method,
        "headers": {name: found[-1] for name, found in headers.items()},
        "queryStringParameters": {name: found[0] for name, found in query.items()},
        "pathParameters": request.path_parameters,
        "stageVariables": dict(request.route.variables),
        "requestContext": {
            "path": request.path,
            "accountId": request.route.account,
            "resourceId": resource(request),
            "stage": request.route.stage,
            "requestId": request.request_id,
            "identity": {"sourceIp": request.source_ip, "userAgent": request.user_agent},
            "resourcePath": resource(request),
            "httpMethod": request.http.method,
            "apiId": request.route.api,
        },
    }


# --- policies ------------------------------------------------------------------------------------------------


def _statement(given: Mapping[str, Any]) -> Statement:
    effect = given.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise InvalidResponseError("a statement has no Effect")
    inverted = "NotAction" in given or "NotResource" in given
    return Statement(
        is_allow=effect == "Allow",
        actions=("*",) if "NotAction" in given else tuple(_texts(given.get("Action"))),
        resources=("*",) if "NotResource" in given else tuple(_texts(given.get("Resource"))),
        is_conditional=inverted or bool(given.get("Condition")),
    )


def _texts(value: Any) -> Iterable[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise InvalidResponseError("a statement has no Action or no Resource")
    return texts


def _covers(statement: Statement, arn: str) -> bool:
    return any(_is_like(_INVOKE.lower(), action.lower()) for action in statement.actions) and any(
        _is_like(arn, pattern) for pattern in statement.resources
    )


def _is_like(text: str, pattern: str) -> bool:
    regex = "".join(".*" if one == "*" else "." if one == "?" else re.escape(one) for one in pattern)
    return re.fullmatch(regex, text, re.DOTALL) is not None
