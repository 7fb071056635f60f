"""Invoking functions.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.lambda_ import QueuedEvent
from sekisho.services.context import LongContext
from sekisho.services.hosting import FunctionNotRunError
from sekisho.services.lambda_ import errors
from sekisho.services.lambda_.code import hosting_of
from sekisho.services.lambda_.lookup import FunctionName, get_version, parse_name
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "InvocationRequest": members(
        enforced="FunctionName InvocationType LogType ClientContext Payload Qualifier",
        rejected="DurableExecutionName TenantId",
    ),
    "InvokeAsyncRequest": members(enforced="FunctionName InvokeArgs"),
}

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_LIMITS = {"RequestResponse": 6 * 1024 * 1024, "Event": 1024 * 1024, "DryRun": 6 * 1024 * 1024}


@operation("Invoke", transaction=False)
def invoke(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Run a function and answer with its result, queue an event for it, or only check that it is there."""
    kind = request.get("InvocationType") or "RequestResponse"
    name = parse_name(ctx, request["FunctionName"], request.get("Qualifier"))
    payload = _check_payload(request.get("Payload") or b"", kind)
    with ctx.store.read() as state:
        get_version(state, name)
    if kind == "DryRun":
        return {"StatusCode": 204}
    context = _decode_context(request.get("ClientContext"))
    if kind == "Event":
        _enqueue(ctx, name, payload, context)
        return {"StatusCode": 202}
    try:
        run = hosting_of(ctx).run(name.resource, payload, context)
    except FunctionNotRunError as error:
        raise _refusal(error) from None
    answer: dict[str, Any] = {"StatusCode": 200, "ExecutedVersion": run.version, "Payload": run.payload}
    if run.error:
        answer["FunctionError"] = run.error
    if request.get("LogType") == "Tail":
        answer["LogResult"] = base64.b64encode(run.log.encode()).decode()
    return answer


@operation("InvokeAsync", transaction=False)
def invoke_async(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Queue an event for a function: the older form of Invoke with type Event."""
    name = parse_name(ctx, request["FunctionName"])
    payload = _check_payload(request.get("InvokeArgs") or b"", "Event")
    with ctx.store.read() as state:
        get_version(state, name)
    _enqueue(ctx, name, payload, "")
    return {"Status": 202}


# --- helpers -------------------------------------------------------------------------------------------------


def _check_payload(payload: bytes, kind: str) -> bytes:
    limit = _LIMITS[kind]
    if len(payload) > limit:
        raise errors.payload_too_large(len(payload), kind, limit)
    if not payload:
        return b"{}"
    try:
        json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise errors.invalid_content(str(error)) from None
    return payload


def _decode_context(encoded: str | None) -> str:
    if not encoded:
        return ""
    try:
        text = base64.b64decode(encoded, validate=True).decode()
        json.loads(text)
    except (ValueError, RecursionError):
        raise ServiceError(
            "InvalidRequestContentException", "Client context must be a valid JSON object."
        ) from None
    return text


def _enqueue(ctx: LongContext, name: FunctionName, payload: bytes, context: str) -> None:
    hosting = hosting_of(ctx)
    with ctx.store.write() as state:  # LAMBDA-07
        state.put(QueuedEvent(ctx.ids.uuid(), name.resource, payload, context))
    hosting.wake()


def _refusal(error: FunctionNotRunError) -> ServiceError:
    status = _STATUSES.get(error.code, 500)
    return ServiceError(error.code, error.message, status, sender_fault=status < 500)


_STATUSES = {
    "ResourceNotFoundException": 404,
    "TooManyRequestsException": 429,
    "InvalidRuntimeException": 502,
    "InvalidZipFileException": 502,
}
