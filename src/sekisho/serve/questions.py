"""Answering the edge's questions about requests: Lambda authorizers and AWS_IAM of HTTP APIs.

Protocol: https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/auth/v3/external_auth.proto
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import grpc
import structlog
from envoy.service.auth.v3 import external_auth_pb2, external_auth_pb2_grpc
from envoy.service.auth.v3.external_auth_pb2 import (
    CheckRequest,
    CheckResponse,
    DeniedHttpResponse,
    OkHttpResponse,
)
from envoy.type.v3.http_status_pb2 import HttpStatus
from google.protobuf.struct_pb2 import Struct
from google.rpc.code_pb2 import OK, PERMISSION_DENIED
from google.rpc.status_pb2 import Status

from sekisho.compile.emit.filters.normalize import PATH_METADATA
from sekisho.compile.emit.http_api.answers import CONTENT_TYPE, body
from sekisho.compile.emit.http_api.request import API_METADATA
from sekisho.compile.emit.resources import set_header
from sekisho.functions.events.http import HttpRequest, is_hop_by_hop
from sekisho.functions.events.http_api import ApiRequest, ApiRoute
from sekisho.functions.http_api_authorizers import LambdaAuthorizers, Verdict
from sekisho.functions.http_api_bridge import AUTHORIZER_HEADER
from sekisho.kernel.clock import Clock
from sekisho.kernel.errors import ServiceError
from sekisho.kernel.secret import Secret
from sekisho.serve.metadata import read_text
from sekisho.wire.http import Request
from sekisho.wire.sigv4 import check_signature, read_credential

log = structlog.get_logger(__name__)

_SERVICE = "execute-api"
_EDGES_OWN = (":", "x-sekisho-", "x-envoy-")
_PUBLIC_PORT = "443"
_IDENTITY = {
    "accountId": "accountId",
    "caller": "callerId",
    "principalOrgId": "principalOrgId",
    "user": "userId",
    "userArn": "userArn",
}
"""Name in ``$context.identity`` -> member of ``requestContext.authorizer.iam``."""


class Questions(external_auth_pb2_grpc.AuthorizationServicer):  # type: ignore[misc]
    """Answers whether a request may pass; what is not answered is refused by the edge."""

    def __init__(
        self, authorizers: LambdaAuthorizers, clock: Clock, access_keys: Mapping[str, Secret]
    ) -> None:
        self._authorizers = authorizers
        self._clock = clock
        self._access_keys = access_keys

    async def Check(  # noqa: N802 - the name that gRPC calls
        self, asked: CheckRequest, _context: grpc.aio.ServicerContext
    ) -> CheckResponse:
        """Answer one question."""
        extensions = asked.attributes.context_extensions
        about: dict[str, Any] = json.loads(extensions["about"])
        request = self._to_request(asked, about)
        if extensions["kind"] == "signature":
            verdict = self._check_signature(asked, request)
        else:
            verdict = await self._authorizers.decide(_as_integrations_see(request), about)
        return _allow(verdict) if verdict.status == 200 else _deny(verdict)

    def _to_request(self, asked: CheckRequest, about: Mapping[str, Any]) -> ApiRequest:
        http = asked.attributes.request.http
        path, _, query = http.path.partition("?")
        return ApiRequest(
            http=HttpRequest(http.method, path, query, _headers(asked), bytes(http.raw_body)),
            route=ApiRoute.from_members(about),
            request_id=read_text(asked.attributes.metadata_context, API_METADATA, "id"),
            source_ip=_peer(asked),
            time=self._clock.now(),
        )

    def _check_signature(self, asked: CheckRequest, request: ApiRequest) -> Verdict:
        """Return whether somebody has signed the request, who may (HTTP-IAM-01)."""
        # The path as it was signed, before it was normalized.
        target = (
            read_text(asked.attributes.metadata_context, PATH_METADATA, "original")
            or asked.attributes.request.http.path
        )
        path, _, query = target.partition("?")
        headers: dict[str, str] = {}
        for name, value in request.http.headers:
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        signed = Request(request.http.method, path, query, headers, request.http.body)
        credential = read_credential(signed)
        if credential is None or credential.service != _SERVICE:
            return Verdict(403)
        if self._access_keys:
            try:
                check_signature(signed, self._access_keys, self._clock.now())
            except ServiceError as error:
                log.info("a signature was refused", code=error.code, access_key=credential.access_key)
                return Verdict(403)
        return Verdict(200, {"iam": _describe_caller(credential.access_key, request.route.account)})


def _describe_caller(access_key: str, account: str) -> dict[str, Any]:
    return {
        "accessKey": access_key,
        "accountId": account,
        "callerId": access_key,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": f"arn:aws:iam::{account}:user/{access_key}",
        "userId": access_key,
    }


def _headers(asked: CheckRequest) -> tuple[tuple[str, str], ...]:
    """Return the headers as the client sent them, Host the first."""
    http = asked.attributes.request.http
    listed = ((header.key, header.raw_value.decode("latin-1")) for header in http.header_map.headers)
    sent = (pair for pair in listed if not pair[0].startswith(_EDGES_OWN))
    return (("host", http.host), *(pair for pair in sent if pair[0] != "x-forwarded-proto"))


def _peer(asked: CheckRequest) -> str:
    return str(asked.attributes.source.address.socket_address.address)


def _as_integrations_see(request: ApiRequest) -> ApiRequest:
    """Return the request with the headers that the gateway adds for functions (HTTP-AUTH-06)."""
    added = {
        "x-forwarded-for": request.source_ip,
        "x-forwarded-port": _PUBLIC_PORT,
        "x-forwarded-proto": "https",
    }
    kept = (
        pair
        for pair in request.http.headers
        if pair[0] != "x-forwarded-port" and (pair[0] == "content-length" or not is_hop_by_hop(pair[0]))
    )
    http = replace(request.http, headers=(*kept, *added.items()))
    return replace(request, http=http)


def _allow(verdict: Verdict) -> CheckResponse:
    """Let the request pass; the integration and its parameter mapping learn who the caller is."""
    told = set_header(AUTHORIZER_HEADER, json.dumps(verdict.caller))
    facts = Struct()
    facts.update(_context(verdict.caller))
    return CheckResponse(
        status=Status(code=OK), ok_response=OkHttpResponse(headers=[told]), dynamic_metadata=facts
    )


def _context(caller: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return what ``$context.authorizer`` and ``$context.identity`` can select, as texts."""
    if "iam" in caller:
        known = {name: caller["iam"][member] for name, member in _IDENTITY.items()}
        return {"identity": _texts(known)}
    return {"authorizer": _texts({**(caller["lambda"] or {}), "principalId": caller["principalId"] or None})}


def _texts(known: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in known.items()
        if value is not None
    }


def _deny(verdict: Verdict) -> CheckResponse:
    """Refuse the request; the access log learns why, where something went wrong."""
    denied = DeniedHttpResponse(
        status=HttpStatus(code=verdict.status),
        headers=[set_header("content-type", CONTENT_TYPE)],
        body=body(verdict.status),
    )
    facts = Struct()
    facts.update({"error": verdict.error} if verdict.error else {})
    return external_auth_pb2.CheckResponse(
        status=Status(code=PERMISSION_DENIED), denied_response=denied, dynamic_metadata=facts
    )
