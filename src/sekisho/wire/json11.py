"""The json 1.1 protocol: POST ``/``, the operation in ``X-Amz-Target``, JSON both ways.

https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from collections.abc import Mapping
from typing import Any

from botocore.model import OperationModel, ServiceModel

from sekisho.kernel.errors import ServiceError
from sekisho.wire.http import REQUEST_ID_HEADER, Request, Response, header_value
from sekisho.wire.json_values import decode_members, dump_json, encode_members, load_json

CONTENT_TYPE = "application/x-amz-json-1.1"


def decode_request(model: ServiceModel, request: Request) -> tuple[str, dict[str, Any]]:
    """Return the operation's name and its parameters.

    Raises:
        ServiceError: the operation is not known, or the body is not what its model says.
    """
    prefix, _, operation = request.headers.get("x-amz-target", "").rpartition(".")
    if prefix != model.metadata["targetPrefix"] or operation not in model.operation_names:
        raise ServiceError("UnknownOperationException", f"Could not find operation {operation}")
    shape = model.operation_model(operation).input_shape
    value = load_json(request.body) if request.body.strip() else {}
    return operation, decode_members(model.service_name, shape.members if shape else {}, value, "")


def encode_response(operation_model: OperationModel, output: Mapping[str, Any], request_id: str) -> Response:
    """Return the response of a successful operation; without an output shape its body is empty."""
    shape = operation_model.output_shape
    if shape is None and output:
        raise ValueError(f"{operation_model.name} has no output")
    body = dump_json(encode_members(shape.members, output)) if shape else b""
    return Response(200, (("Content-Type", CONTENT_TYPE), (REQUEST_ID_HEADER, request_id)), body)


def encode_error(model: ServiceModel | None, error: ServiceError, request_id: str) -> Response:
    """Return the response of a refusal. ``model`` plays no part in this protocol."""
    del model
    headers = (
        ("Content-Type", CONTENT_TYPE),
        (REQUEST_ID_HEADER, request_id),
        ("x-amzn-ErrorType", header_value(f"{error.code}:")),
        ("x-amzn-ErrorMessage", header_value(error.message[:1024])),
    )
    return Response(
        error.status, headers, dump_json({"__type": error.code, "message": error.message, **error.members})
    )
