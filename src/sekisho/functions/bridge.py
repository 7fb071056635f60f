"""Functions behind load balancers: what a target group with a Lambda function answers to a request.

Statuses: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
Reasons: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
"""

import asyncio
import json
from pathlib import Path

import structlog

from sekisho.compile.emit.filters.bridge import REASON_HEADER, UPSTREAM_HEADER
from sekisho.compile.emit.pages import CONTENT_TYPE, SERVER, page
from sekisho.functions.events.alb import (
    REQUEST_LIMIT,
    RESPONSE_LIMIT,
    decode_response,
    encode_event,
)
from sekisho.functions.events.http import HttpRequest, HttpResponse, InvalidResponseError, is_hop_by_hop
from sekisho.functions.http_server import HttpCall, HttpReply, HttpServer
from sekisho.functions.model import Caller, Event
from sekisho.functions.runner import Functions
from sekisho.model.elbv2 import TargetGroup
from sekisho.services.hosting import FunctionNotRunError
from sekisho.store.api import Store

log = structlog.get_logger(__name__)

PRINCIPAL = "elasticloadbalancing.amazonaws.com"
"""The service that a function's policy has to let in."""

_OWN = "x-sekisho-"
_MULTI_VALUE = "lambda.multi_value_headers.enabled"
_REASONS = {
    "AccessDeniedException": "LambdaAccessDenied",
    "InvalidRuntimeException": "LambdaInvalidRuntimeException",
    "InvalidZipFileException": "LambdaInvalidZipFileException",
    "ResourceNotFoundException": "LambdaResourceNotFound",
    "TooManyRequestsException": "LambdaThrottling",
}


class LoadBalancerBridge:
    """Answers the requests that the edge sends to target groups with a Lambda function."""

    def __init__(self, store: Store, functions: Functions) -> None:
        self._store = store
        self._functions = functions
        self._server = HttpServer(self.answer, REQUEST_LIMIT)

    async def start(self, path: Path) -> None:
        """Listen on a Unix socket, which the edge alone may reach: it says which target group is meant."""
        await self._server.start_on_socket(path)

    async def stop(self) -> None:
        """Close the socket and every connection."""
        await self._server.stop()

    async def answer(self, call: HttpCall) -> HttpReply:
        """Answer one request with what the function answers, or with the load balancer's page."""
        headers = dict(call.headers)
        group = await asyncio.to_thread(self._find_group, headers.get(UPSTREAM_HEADER, ""))
        if group is None or not group.targets:
            return _page(503)
        if "websocket" in headers.get("upgrade", "").lower():  # ALB-LAMBDA-04
            return _page(400, "LambdaWebsocketNotSupported")
        if call.is_cut_off:  # ALB-LAMBDA-02
            return _page(413, "LambdaRequestTooLarge")
        multi_value = group.attributes.get(_MULTI_VALUE) == "true"
        event = encode_event(_to_request(call), group.arn, multi_value=multi_value)
        return await self._run(group, event, headers.get("x-amzn-trace-id", ""), multi_value=multi_value)

    async def _run(self, group: TargetGroup, event: object, trace: str, *, multi_value: bool) -> HttpReply:
        resource = group.targets[0].id
        sent = Event(json.dumps(event).encode(), resource, trace)
        try:
            run = await self._functions.call(resource, sent, Caller(PRINCIPAL, group.arn))  # ALB-LAMBDA-01
        except FunctionNotRunError as error:  # ALB-LAMBDA-05
            log.warning("a function was not run", function=resource, reason=error.message)
            return _page(502, _REASONS.get(error.code, "LambdaServiceException"))
        if run.error:
            return _page(502, "LambdaUnhandled")
        if len(run.payload) > RESPONSE_LIMIT:  # ALB-LAMBDA-03
            return _page(502, "LambdaResponseTooLarge")
        try:
            response = decode_response(run.payload, multi_value=multi_value)
        except InvalidResponseError as error:
            log.warning("a function's answer is not a response", function=resource, reason=error.message)
            return _page(502, "LambdaInvalidResponse")
        return _to_reply(response)

    def _find_group(self, arn: str) -> TargetGroup | None:
        with self._store.read() as state:
            return state.find(TargetGroup, arn)


def _to_request(call: HttpCall) -> HttpRequest:
    path, _, query = call.target.partition("?")
    headers = tuple(
        (name, value)
        for name, value in call.headers
        if not name.startswith(_OWN) and (name == "content-length" or not is_hop_by_hop(name))
    )
    return HttpRequest(call.method, path, query, headers, call.body)


def _to_reply(response: HttpResponse) -> HttpReply:
    headers = tuple((name, value) for name, value in response.headers if not name.lower().startswith(_OWN))
    if all(name.lower() != "server" for name, _ in headers):  # ALB-LAMBDA-06
        headers = (("Server", SERVER), *headers)
    return HttpReply(response.status, headers, response.body, response.reason)


def _page(status: int, reason: str = "") -> HttpReply:
    """Return one of the load balancer's pages, and why it stands in the function's place."""
    why = ((REASON_HEADER, reason),) if reason else ()
    return HttpReply(
        status, (("Server", SERVER), ("Content-Type", CONTENT_TYPE), *why), page(status).encode()
    )
