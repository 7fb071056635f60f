"""The AWS API over HTTP: one endpoint for every service, routed and decoded by the wire floor.

This is one of the two places that catch everything: a bug becomes an AWS-shaped 500 with a request id.
"""

from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType
from typing import Any

import structlog
from botocore.model import ServiceModel
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse

from sekisho.kernel.clock import Clock
from sekisho.kernel.errors import ServiceError
from sekisho.kernel.ids import Ids
from sekisho.kernel.secret import Secret
from sekisho.wire.http import Request, Response
from sekisho.wire.models import load_service_model
from sekisho.wire.route import Routed, error_protocol, route
from sekisho.wire.sigv4 import check_signature

log = structlog.get_logger(__name__)

Call = Callable[[str, str, Mapping[str, Any], str], Awaitable[dict[str, Any]]]


class AwsApi:
    """Answers AWS API requests by calling operations."""

    METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
    """The methods of the AWS protocols."""

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
        for name, value in response.headers:
            answer.headers[name] = value
        return answer

    async def _answer(self, request: Request, request_id: str) -> Response:
        try:
            routed = route(request)
        except ServiceError as error:
            return _encode_error(error_protocol(request), None, error, request_id)
        model = load_service_model(routed.service)
        try:
            return await self._run(routed, model, request, request_id)
        except ServiceError as error:
            return _encode_error(routed.protocol, model, error, request_id)
        except Exception:
            log.exception("an operation failed", service=routed.service, request_id=request_id)
            message = f"An internal error occurred; the server's log has it under request id {request_id}."
            fault = ServiceError("InternalFailure", message, 500, sender_fault=False)
            return _encode_error(routed.protocol, model, fault, request_id)

    async def _run(self, routed: Routed, model: ServiceModel, request: Request, request_id: str) -> Response:
        operation, params = routed.protocol.decode_request(model, request)
        if self._access_keys and model.operation_model(operation).auth_type != "none":
            check_signature(request, self._access_keys, self._clock.now())
        output = await self._call(routed.service, operation, params, routed.region or self._region)
        response: Response = routed.protocol.encode_response(
            model.operation_model(operation), output, request_id
        )
        return response


def _encode_error(
    protocol: ModuleType, model: ServiceModel | None, error: ServiceError, request_id: str
) -> Response:
    response: Response = protocol.encode_error(model, error, request_id)
    return response
