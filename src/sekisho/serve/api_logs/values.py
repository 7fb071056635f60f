"""The values of ``$context`` in access logs, read from what Envoy tells of a request.

Names and meanings: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""

import json
from collections.abc import Mapping
from datetime import UTC

from envoy.config.core.v3.base_pb2 import RequestMethod
from envoy.data.accesslog.v3.accesslog_pb2 import HTTPAccessLogEntry
from google.protobuf.duration_pb2 import Duration

from sekisho.compile.emit.filters.bridge import FUNCTION_METADATA
from sekisho.compile.emit.filters.normalize import PATH_METADATA
from sekisho.compile.emit.http_api.answers import MESSAGES
from sekisho.compile.emit.http_api.question import QUESTION_FILTER
from sekisho.compile.emit.http_api.request import API_METADATA
from sekisho.functions.events.claims import describe_claims, read_claims
from sekisho.functions.events.http_api import PROTOCOL
from sekisho.model.ir import HttpApiGuard, Route
from sekisho.model.ir_http_api import ApiLog, Invoke
from sekisho.serve.metadata import read_decision, read_members, read_text
from sekisho.verify.identity_source import read_header, read_parameter

_SERVED = "via_upstream"
_NO_PERMISSION = (
    "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration."
    " Check the permissions and try again."
)
"""https://repost.aws/knowledge-center/api-gateway-http-lambda-integrations"""

_KINDS = ("authorizer", "identity")
"""Where a Lambda authorizer and AWS_IAM say who the caller is."""

_RAN = frozenset(("", "FunctionError", "InvalidResponse"))
_RESPONSE_TYPES: Mapping[int, str] = {
    401: "UNAUTHORIZED",
    403: "ACCESS_DENIED",
    404: "RESOURCE_NOT_FOUND",
    413: "REQUEST_TOO_LARGE",
    429: "THROTTLED",
    500: "INTEGRATION_FAILURE",
    503: "INTEGRATION_FAILURE",
}
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"""


def read_values(entry: HTTPAccessLogEntry, route: Route, log: ApiLog) -> dict[str, str]:
    """Return the values that there are, by the name behind ``$context.``."""
    request_id = read_text(entry.common_properties.metadata, API_METADATA, "id")
    started = entry.common_properties.start_time.ToDatetime(UTC)
    status, peer = (
        entry.response.response_code.value,
        entry.common_properties.downstream_direct_remote_address,
    )
    values = {
        **dict(log.known),
        "requestId": request_id,
        "extendedRequestId": request_id,
        "httpMethod": RequestMethod.Name(entry.request.request_method),
        "identity.sourceIp": peer.socket_address.address,
        "identity.userAgent": entry.request.user_agent,
        "path": read_target(entry).partition("?")[0],
        "protocol": PROTOCOL,
        "requestTime": started.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": str(int(started.timestamp() * 1000)),
        "responseLatency": _milliseconds(entry.common_properties.time_to_last_downstream_tx_byte),
        "responseLength": str(entry.response.response_body_bytes),
        "dataProcessed": str(_size(entry)),
        "status": str(status),
        **_integration(entry, route),
        **_error(entry, status),
        **_authorizer(entry, route),
    }
    return {name: value for name, value in values.items() if value}


def read_target(entry: HTTPAccessLogEntry) -> str:
    """Return path and query as the client sent them."""
    return (
        read_text(entry.common_properties.metadata, API_METADATA, "target")
        or read_text(entry.common_properties.metadata, PATH_METADATA, "original")
        or str(entry.request.path)
    )


# --- the integration -----------------------------------------------------------------------------------------


def _integration(entry: HTTPAccessLogEntry, route: Route) -> dict[str, str]:
    """Return what the integration has answered: status codes are Lambda's own, and those of the function."""
    common = entry.common_properties
    if entry.response.response_code_details != _SERVED:
        return {}
    taken = (
        common.time_to_last_upstream_rx_byte.ToMilliseconds()
        - common.time_to_first_upstream_tx_byte.ToMilliseconds()
    )
    values = {"integration.latency": str(max(0, taken)), "integrationLatency": str(max(0, taken))}
    status, reason = str(entry.response.response_code.value), _reason(entry)
    if reason == "AccessDeniedException":
        return {**values, **_integration_error(_NO_PERMISSION)}
    values |= _integration_error(reason)
    if not reason:
        values["integration.status"] = status
    if reason in _RAN:
        own = "200" if isinstance(route.action, Invoke) else status
        values |= {"integration.integrationStatus": own, "integrationStatus": own}
    return values


def _integration_error(text: str) -> dict[str, str]:
    return {"integration.error": text, "integrationErrorMessage": text}


# --- refusals ------------------------------------------------------------------------------------------------


def _error(entry: HTTPAccessLogEntry, status: int) -> dict[str, str]:
    """Return what stands in an answer of the gateway's own."""
    served = entry.response.response_code_details == _SERVED and not _reason(entry)
    message = "" if served else MESSAGES.get(status, "")
    if not message:
        return {}
    return {
        "error.message": message,
        "error.messageString": json.dumps(message),
        "error.responseType": _response_type(entry, status),
    }


def _response_type(entry: HTTPAccessLogEntry, status: int) -> str:
    if entry.common_properties.response_flags.upstream_request_timeout:
        return "INTEGRATION_TIMEOUT"
    if status == 500 and entry.response.response_code_details.startswith("ext_authz"):
        return "AUTHORIZER_FAILURE"
    return _RESPONSE_TYPES.get(status, "")


# --- the caller ----------------------------------------------------------------------------------------------


def _authorizer(entry: HTTPAccessLogEntry, route: Route) -> dict[str, str]:
    if isinstance(route.guard, HttpApiGuard):
        return _token(entry, route.guard)
    if route.api.question is None:
        return {}
    told = read_members(entry.common_properties.metadata, QUESTION_FILTER)
    return {
        **{f"{kind}.{name}": value for kind in _KINDS for name, value in (told.get(kind) or {}).items()},
        "authorizer.error": told.get("error", ""),
    }


def _token(entry: HTTPAccessLogEntry, guard: HttpApiGuard) -> dict[str, str]:
    """Return the claims of a token that was let through, or why it was not."""
    said = read_decision(entry.common_properties.metadata)
    if said.get("status") == 200:
        try:
            claims = read_claims(_read_token(entry, guard))
        except ValueError:  # the format names no claim, or did not when the request came
            return {}
        return {f"authorizer.claims.{name}": value for name, value in describe_claims(claims).items()}
    if said.get("description"):
        return {"authorizer.error": f"{said['reason']}: {said['description']}"}
    return {}


def _read_token(entry: HTTPAccessLogEntry, guard: HttpApiGuard) -> str:
    """Return the token; a header is there only where the format names a claim."""
    if guard.source == "query":
        return read_parameter(read_target(entry).partition("?")[2], guard.source_name)
    value = read_header(tuple(entry.request.request_headers.items()), guard.source_name)
    return value[len("bearer ") :] if value[: len("bearer ")].lower() == "bearer " else value


# --- entries -------------------------------------------------------------------------------------------------


def _reason(entry: HTTPAccessLogEntry) -> str:
    """Return why a function gave no answer, empty where it did."""
    return read_text(entry.common_properties.metadata, FUNCTION_METADATA, "reason")


def _milliseconds(duration: Duration) -> str:
    return str(duration.ToMilliseconds())


def _size(entry: HTTPAccessLogEntry) -> int:
    request, response = entry.request, entry.response
    return int(
        request.request_headers_bytes
        + request.request_body_bytes
        + response.response_headers_bytes
        + response.response_body_bytes
    )
