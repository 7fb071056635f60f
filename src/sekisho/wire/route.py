"""Which service and protocol a request is for."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

from sekisho.kernel.errors import ServiceError
from sekisho.wire import json11, query, rest_json
from sekisho.wire.http import Request
from sekisho.wire.models import SERVED, load_service_model
from sekisho.wire.sigv4 import read_credential

PROTOCOLS: Mapping[str, ModuleType] = {"query": query, "json": json11, "rest-json": rest_json}
"""The protocol modules; each has ``decode_request``, ``encode_response`` and ``encode_error``."""

_FORM = "application/x-www-form-urlencoded"
# Both load balancing services sign as ``elasticloadbalancing``; this is the version of the classic one:
# https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/
_CLASSIC_ELB = "2012-06-01"
# The services whose clients read XML though their requests name no action.
_REST_XML = frozenset({"s3", "s3express", "route53", "cloudfront"})


@dataclass(frozen=True, slots=True)
class Routed:
    """Where a request goes.

    Attributes:
        service: botocore's name of the service.
        protocol: the module that decodes and encodes for it.
        region: the region of the credential scope; None without one.
        access_key: the access key that the request names, which proves nothing; None without one.
    """

    service: str
    protocol: ModuleType
    region: str | None
    access_key: str | None


class NotServedError(ServiceError):
    """The request is for an AWS service that does not run here.

    Attributes:
        service: the service's signing name, or what else the request said of it.
    """

    def __init__(self, service: str) -> None:
        super().__init__(
            "NotImplemented",
            f"Sekisho does not serve {service}; it serves {', '.join(SERVED)}.",
            501,
            sender_fault=False,
        )
        self.service = service


def route(request: Request) -> Routed:
    """Return where a request goes: by its credential scope, else by its target, action or path.

    Raises:
        NotServedError: it is for a service that does not run here.
        ServiceError: nothing tells the service.
    """
    credential = read_credential(request)
    service = _signed_service(request, credential.service) if credential else _unsigned_service(request)
    protocol = PROTOCOLS[load_service_model(service).metadata["protocol"]]
    return Routed(
        service,
        protocol,
        credential.region if credential else None,
        credential.access_key if credential else None,
    )


def error_protocol(request: Request) -> ModuleType:
    """Return the module whose ``encode_error(None, …)`` a client understands when :func:`route` raised."""
    if "x-amz-target" in request.headers:
        return json11
    credential = read_credential(request)
    is_xml = credential is not None and credential.service in _REST_XML
    return query if is_xml or _is_form(request) or "Action" in dict(request.query_pairs()) else rest_json


def _signed_service(request: Request, signing_name: str) -> str:
    service = _signing_names().get(signing_name)
    if service is None:
        raise NotServedError(signing_name)
    if service == "elbv2" and _form(request).get("Version") == _CLASSIC_ELB:
        raise NotServedError("elasticloadbalancing 2012-06-01 (classic load balancers)")
    if service == "apigatewayv2" and not request.path.startswith("/v2/"):
        raise NotServedError("apigateway (REST APIs)")
    return service


def _unsigned_service(request: Request) -> str:
    target = request.headers.get("x-amz-target")
    if target is not None:
        prefix = target.rpartition(".")[0]
        return _find("targetPrefix", prefix)
    form = _form(request)
    if "Action" in form:
        return _find("apiVersion", form.get("Version", ""), "query")
    for service in SERVED:
        model = load_service_model(service)
        if model.metadata["protocol"] == "rest-json" and rest_json.find_operation(model, request):
            return service
    raise ServiceError(
        "UnknownOperationException", f"Could not find operation {request.method} {request.path}", 404
    )


def _find(key: str, value: str, protocol: str | None = None) -> str:
    for service in SERVED:
        metadata = load_service_model(service).metadata
        if metadata.get(key) == value and protocol in (None, metadata["protocol"]):
            return service
    raise NotServedError(f"{key} '{value[:80]}'")


@functools.cache
def _signing_names() -> Mapping[str, str]:
    return {load_service_model(service).signing_name: service for service in SERVED}


def _form(request: Request) -> dict[str, str]:
    return dict(query.form_pairs(request) if _is_form(request) else request.query_pairs())


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM
