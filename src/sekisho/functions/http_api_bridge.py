"""Functions behind HTTP APIs: what an integration with a Lambda function answers to a request.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import json
from collections.abc import Mapping
from itertools import count, takewhile
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import structlog

from sekisho.compile.emit.filters.bridge import REASON_HEADER
from sekisho.compile.emit.http_api.answers import CONTENT_TYPE, body
from sekisho.compile.emit.http_api.routes import CALL_HEADER
from sekisho.functions.events import http_api_v1, http_api_v2
from sekisho.functions.events.claims import describe_claims, read_claims, read_scopes
from sekisho.functions.events.http import HttpRequest, HttpResponse, InvalidResponseError, is_hop_by_hop
from sekisho.functions.events.http_api import ApiRequest, ApiRoute
from sekisho.functions.http_server import HttpCall, HttpReply, HttpServer
from sekisho.functions.model import Caller, Event
from sekisho.functions.runner import Functions
from sekisho.kernel.clock import Clock
from sekisho.services.apigatewayv2.uris import find_function
from sekisho.services.hosting import FunctionNotRunError
from sekisho.verify.identity_source import read_header, read_parameter

log = structlog.get_logger(__name__)

PRINCIPAL: Final = "apigateway.amazonaws.com"
"""The service that a function's policy has to let in (HTTP-LAMBDA-02)."""

AUTHORIZER_HEADER: Final = "x-sekisho-authorizer"
"""Carries what a Lambda authorizer or a signature has said of the caller, as JSON."""

_OWN = "x-sekisho-"
_FORMATS: Mapping[str, ModuleType] = {"1.0": http_api_v1, "2.0": http_api_v2}
_LONGEST_HEAD = 1 << 20

# "Invocation payload (request and response): 6 MB each for request and response (synchronous)":
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_LARGEST_EVENT = 6 * 1024 * 1024


class HttpApiBridge:
    """Answers the requests that the edge sends to integrations with a Lambda function."""

    def __init__(self, functions: Functions, clock: Clock) -> None:
        self._functions = functions
        self._clock = clock
        self._server = HttpServer(self.answer, head_limit=_LONGEST_HEAD)

    async def start(self, path: Path) -> None:
        """Listen on a Unix socket, which the edge alone may reach: it says which function is meant."""
        await self._server.start_on_socket(path)

    async def stop(self) -> None:
        """Close the socket and every connection."""
        await self._server.stop()

    async def answer(self, call: HttpCall) -> HttpReply:
        """Answer one request with what the function answers, or with 500."""
        told = dict(call.headers)
        members = _read_call(told)
        shape = _FORMATS[members["format"]]
        request = self._to_request(call, told, members)
        arn = find_function(members["function"]) or ""
        caller = None if members["credentials"] else Caller(PRINCIPAL, _source_arn(request))
        event = Event(json.dumps(shape.encode_event(request)).encode(), arn, told.get("x-amzn-trace-id", ""))
        if len(event.payload) > _LARGEST_EVENT:  # HTTP-LAMBDA-05
            return _failed("RequestTooLargeException", 413)
        try:
            run = await self._functions.call(arn, event, caller)
        except FunctionNotRunError as error:
            log.warning("a function was not run", function=arn, reason=error.message)
            return _failed(error.code)
        if run.error:
            return _failed("FunctionError")
        try:
            response: HttpResponse = shape.decode_response(run.payload)
        except InvalidResponseError as error:
            log.warning("a function's answer is not a response", function=arn, reason=error.message)
            return _failed("InvalidResponse")
        return HttpReply(response.status, response.headers, response.body)

    def _to_request(self, call: HttpCall, told: Mapping[str, str], members: Mapping[str, Any]) -> ApiRequest:
        path, _, query = call.target.partition("?")
        headers = tuple(
            (name, value)
            for name, value in call.headers
            if not name.startswith(_OWN) and (name == "content-length" or not is_hop_by_hop(name))
        )
        http = HttpRequest(call.method, path, query, headers, call.body, call.spelling)
        return ApiRequest(
            http=http,
            route=ApiRoute.from_members(members),
            request_id=told["x-sekisho-request-id"],
            source_ip=told["x-sekisho-peer"],
            time=self._clock.now(),
            authorizer=_authorizer(http, told, members),
        )


def _read_call(told: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what the edge says about a call, from the parts that it comes in."""
    parts = takewhile(bool, (told.get(f"{CALL_HEADER}-{number}") for number in count()))
    members: dict[str, Any] = json.loads("".join(part for part in parts if part is not None))
    return members


def _source_arn(request: ApiRequest) -> str:
    return request.route.arn(request.http.method, request.route.path or "")


def _authorizer(
    http: HttpRequest, told: Mapping[str, str], members: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Return what is known of the caller: the edge has verified it before the request came here."""
    if AUTHORIZER_HEADER in told:
        known: dict[str, Any] = json.loads(told[AUTHORIZER_HEADER])
        return known
    if members["authorization"] != "JWT":
        return None
    claims = read_claims(_token(http, members["identity_source"]))
    scopes = read_scopes(claims) if members["scopes"] else None
    return {"jwt": {"claims": describe_claims(claims), "scopes": scopes}}


def _token(http: HttpRequest, source: str) -> str:
    kind, _, name = source.removeprefix("$request.").partition(".")
    if kind == "querystring":
        return read_parameter(http.query, name)
    value = read_header(http.headers, name)
    return value[len("bearer ") :] if value[: len("bearer ")].lower() == "bearer " else value


def _failed(reason: str, status: int = 500) -> HttpReply:
    """Return the answer to a request whose function could not answer it (HTTP-LAMBDA-01)."""
    headers = (("content-type", CONTENT_TYPE), (REASON_HEADER, reason))
    return HttpReply(status, headers, body(status).encode())
