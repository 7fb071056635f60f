"""Deciding on requests of HTTP APIs by Lambda authorizers.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from sekisho.functions.events.authorizers import (
    Answer,
    decode_answer,
    encode_event,
    read_sources,
    route_arn,
)
from sekisho.functions.events.http import InvalidResponseError
from sekisho.functions.events.http_api import ApiRequest
from sekisho.functions.http_api_bridge import PRINCIPAL
from sekisho.functions.model import Caller, Event
from sekisho.functions.runner import Functions
from sekisho.kernel.clock import Clock
from sekisho.services.apigatewayv2.uris import find_function
from sekisho.services.hosting import FunctionNotRunError

log = structlog.get_logger(__name__)

_SECONDS = 9.5
"""How long a function may take: less than the edge waits, so that the answer is ours."""

_KEPT = 10_000

_NO_PERMISSION = (
    "The IAM role configured on the authorizer or API Gateway doesn't have permissions to call the authorizer."
    " Check the permissions and try again."
)
"""https://repost.aws/knowledge-center/api-gateway-http-lambda-integrations"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass: 200, or the status that it gets instead.

    Attributes:
        caller: what the integration is told, as ``requestContext.authorizer`` of format 2.0.
        error: what access logs say of an authorizer that gave no answer.
    """

    status: int
    caller: Mapping[str, Any] = field(default_factory=dict, repr=False)
    error: str = ""


class _RefusedError(Exception):
    """The authorizer gave no answer; the client gets this status."""

    def __init__(self, status: int, error: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.error = error


class LambdaAuthorizers:
    """Calls the functions of authorizers, and keeps their answers for as long as they say."""

    def __init__(self, functions: Functions, clock: Clock) -> None:
        self._functions = functions
        self._clock = clock
        self._kept: OrderedDict[str, tuple[datetime, Answer]] = OrderedDict()

    async def decide(self, request: ApiRequest, about: Mapping[str, Any]) -> Verdict:
        """Decide on one request; ``about`` describes the authorizer as the edge knows it."""
        values = read_sources(request, about["sources"])
        if values is None:
            return Verdict(401)
        key = json.dumps(
            [values, *(about[name] for name in ("api", "stage", "authorizer_id", "epoch", "function"))]
        )
        try:
            answer = self._recall(key) or await self._ask(request, values, about)
        except _RefusedError as refused:
            return Verdict(refused.status, error=refused.error)
        self._keep(key, answer, about["ttl"])
        if not answer.allows(route_arn(request)):
            return Verdict(403)
        return Verdict(200, {"lambda": answer.context, "principalId": answer.principal})

    async def _ask(self, request: ApiRequest, values: list[str], about: Mapping[str, Any]) -> Answer:
        function = find_function(about["function"]) or ""
        payload = json.dumps(encode_event(request, values, about["format"])).encode()
        caller = None
        if not about["credentials"]:
            source = f"arn:aws:execute-api:{about['region']}:{about['account']}:{about['api']}/authorizers"
            caller = Caller(PRINCIPAL, f"{source}/{about['authorizer_id']}")
        try:
            async with asyncio.timeout(_SECONDS):
                run = await self._functions.call(function, Event(payload, function), caller)
        except (FunctionNotRunError, TimeoutError) as error:  # HTTP-AUTH-03
            log.warning(
                "an authorizer was not run", function=function, reason=str(error) or "it took too long"
            )
            is_denied = isinstance(error, FunctionNotRunError) and error.code == "AccessDeniedException"
            raise _RefusedError(500, _NO_PERMISSION if is_denied else "") from None
        if run.error:
            raise _RefusedError(401 if _message(run.payload) == "Unauthorized" else 500)
        try:
            return decode_answer(run.payload, about["format"], is_simple=about["simple"])
        except InvalidResponseError as error:
            log.warning("an authorizer's answer is none", function=function, reason=error.message)
            raise _RefusedError(500) from None

    def _recall(self, key: str) -> Answer | None:
        kept = self._kept.get(key)
        if kept is None or kept[0] <= self._clock.now():
            return None
        return kept[1]

    def _keep(self, key: str, answer: Answer, seconds: int) -> None:
        """Keep an answer from now on; one that is kept already stays as long as it was to stay (HTTP-AUTH-04)."""
        if seconds <= 0 or self._recall(key) is not None:
            return
        self._kept[key] = (self._clock.now() + timedelta(seconds=seconds), answer)
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def _message(payload: bytes) -> str:
    try:
        described = json.loads(payload)
    except ValueError:
        return ""
    return str(described.get("errorMessage", "")) if isinstance(described, dict) else ""
