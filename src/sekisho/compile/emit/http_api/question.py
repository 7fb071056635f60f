"""Asking the control plane whether a request may pass: Lambda authorizers and AWS_IAM."""

from collections.abc import Mapping

from envoy.config.core.v3.config_source_pb2 import ApiVersion
from envoy.config.core.v3.grpc_service_pb2 import GrpcService
from envoy.extensions.filters.http.ext_authz.v3.ext_authz_pb2 import (
    BufferSettings,
    CheckSettings,
    ExtAuthz,
    ExtAuthzPerRoute,
)
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import HttpFilter
from envoy.type.v3.http_status_pb2 import HttpStatus
from google.protobuf.any_pb2 import Any

from sekisho.compile.emit.access_log import CONTROL_CLUSTER
from sekisho.compile.emit.filters.normalize import PATH_METADATA
from sekisho.compile.emit.http_api.request import API_METADATA
from sekisho.compile.emit.resources import duration, enable, pack
from sekisho.model.ir import Listener
from sekisho.model.ir_http_api import Question

QUESTION_FILTER = "envoy.filters.http.ext_authz"
"""The filter's name, and the namespace of the dynamic metadata that answers leave."""

_LONGEST_SECONDS = 10
_BODY_LIMIT = 10 * 1024 * 1024


def emit_question(_listener: Listener) -> HttpFilter:
    """Return the filter, which runs on the routes that turn it on; without an answer the request gets 500."""
    config = ExtAuthz(
        grpc_service=GrpcService(
            envoy_grpc=GrpcService.EnvoyGrpc(cluster_name=CONTROL_CLUSTER),
            timeout=duration(_LONGEST_SECONDS),
        ),
        transport_api_version=ApiVersion.V3,
        with_request_body=BufferSettings(
            max_request_bytes=_BODY_LIMIT, allow_partial_message=False, pack_as_bytes=True
        ),
        failure_mode_allow=False,
        status_on_error=HttpStatus(code=500),
        encode_raw_headers=True,
        metadata_context_namespaces=[API_METADATA, PATH_METADATA],
    )
    return HttpFilter(name=QUESTION_FILTER, typed_config=pack(config), disabled=True)


def emit_question_route(question: Question | None) -> Mapping[str, Any]:
    """Return the configuration of a route, by the name of the filter; empty where nobody is asked."""
    if question is None:
        return {}
    settings = CheckSettings(
        context_extensions={"kind": question.kind, "about": question.about},
        # Only a signature is about the body too.
        disable_request_body_buffering=question.kind != "signature",
    )
    return {QUESTION_FILTER: enable(ExtAuthzPerRoute(check_settings=settings))}


def leave_out_question(*, asks: bool) -> Mapping[str, Any]:
    """Return the configuration of a route on which nobody is asked, though on others of its listener somebody is.

    A request whose path was normalized has the filter on every route; without this it would be asked about.
    """
    return {QUESTION_FILTER: pack(ExtAuthzPerRoute(disabled=True))} if asks else {}
