"""The AWS API over HTTP: one endpoint for every service, routed and decoded by the wire floor.

This is one of the two places that catch everything: a bug becomes an AWS-shaped 500 with a request id.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse

from sekisho.kernel.clock import Clock
from sekisho.kernel.errors import ServiceError
from sekisho.kernel.ids import Ids
from sekisho.kernel.secret import Secret
from sekisho.wire.http import Request, Response
from sekisho.wire.route import Routed, encode_unrouted, route
from sekisho.wire.sigv4 import check_signature

log = structlog.get_logger(__name__)

Call = Callable[[str, str, Mapping[str, Any], str], Awaitable[dict[str, Any]]]


class AwsApi:
    """Answers AWS API requests by calling operations."""

    def __init__(
        self, call: Call, clock: Clock, ids: Ids, region: str, access_keys: Mapping[str, Secret] | None = None
    ) -> None:
        self._call = call
        self._clock = clock
        self._ids = ids
        self._region = region
        self._access_keys = access_keys or {}

    async def handle(self, http: HttpRequest) -> HttpResponse:
        """Answer one request."""
        request_id = self._ids.uuid()
        request = Request(
            method=http.method,
            path=http.scope["raw_path"].decode("ascii"),
            query=http.scope["query_string"].decode("ascii", "replace"),
            headers={name.lower(): value for name, value in http.headers.items()},
            body=await http.body(),
        )
        response = await self._answer(request, request_id)
        answer = HttpResponse(response.body, response.status)
        answer.headers["x-amzn-requestid"] = request_id
        for name, value in response.headers:
            answer.headers[name] = value
        return answer

    async def _answer(self, request: Request, request_id: str) -> Response:
        try:
            routed = route(request)
        except ServiceError as error:
            return encode_unrouted(request, error, request_id)
        try:
            return await self._run(routed, request, request_id)
        except ServiceError as error:
            return routed.encode_error(error, request_id)
        except Exception:
            log.exception("an operation failed", service=routed.service, request_id=request_id)
            message = f"An internal error occurred; the server's log has it under request id {request_id}."
            fault = ServiceError("InternalFailure", message, 500, sender_fault=False)
            return routed.encode_error(fault, request_id)

    async def _run(self, routed: Routed, request: Request, request_id: str) -> Response:
        if self._access_keys:
            check_signature(request, self._access_keys, self._clock.now())
        operation, params = routed.decode_request(request)
        output = await self._call(routed.service, operation, params, routed.region or self._region)
        return routed.encode_response(operation, output, request_id)
