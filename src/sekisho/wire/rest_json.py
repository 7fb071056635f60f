"""The rest-json protocol: the operation in method and path, parameters everywhere.

https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape

from sekisho.kernel.errors import ServiceError
from sekisho.wire.http import REQUEST_ID_HEADER, Request, Response, header_value
from sekisho.wire.json_values import (
    SERIALIZATION,
    decode_members,
    dump_json,
    encode_json,
    encode_members,
    load_json,
)
from sekisho.wire.scalars import RFC822, MalformedValueError, decode_text, encode_text, refusal

_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")
_CONTENT_TYPE = "application/json"
_BAD_JSON = "InvalidRequestContentException"


@dataclass(frozen=True, slots=True)
class _Route:
    """One operation's place: its method, path and the query parameters that its path template demands."""

    operation: str
    method: str
    path: re.Pattern[str]
    query: frozenset[tuple[str, str]]
    labels: tuple[str, ...]


def find_operation(model: ServiceModel, request: Request) -> str | None:
    """Return the name of the operation that a method and a path belong to, or None."""
    found = _match(model, request)
    return found[0].operation if found else None


def decode_request(model: ServiceModel, request: Request) -> tuple[str, dict[str, Any]]:
    """Return the operation's name and its parameters. Unknown query parameters are ignored.

    Raises:
        ServiceError: the path belongs to no operation, or a parameter is not what the model says.
    """
    found = _match(model, request)
    if found is None:
        raise ServiceError(
            "UnknownOperationException", f"Could not find operation {request.method} {request.path}", 404
        )
    route, labels = found
    shape = model.operation_model(route.operation).input_shape
    params: dict[str, Any] = {}
    if shape is None:
        return route.operation, params
    query = _query(request)
    for name, member in shape.members.items():
        wire_name = member.serialization.get("name", name)
        match member.serialization.get("location"):
            case "uri":
                params[name] = _decode_text(member, labels[wire_name], wire_name)
            case "querystring" if wire_name in query:
                params[name] = _decode_query(member, query[wire_name], wire_name)
            case "header" if wire_name.lower() in request.headers:
                params[name] = _decode_text(member, request.headers[wire_name.lower()], wire_name)
    params.update(_decode_body(model, shape, request.body))
    return route.operation, params


def _query(request: Request) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(request.query, keep_blank_values=True, errors="strict")
    except ValueError:
        raise ServiceError(SERIALIZATION, "The query string is not UTF-8.") from None
    for name, text in pairs:
        values.setdefault(name, []).append(text)
    return values


def _decode_query(shape: Shape, texts: list[str], path: str) -> Any:
    if isinstance(shape, ListShape):
        return [_decode_text(shape.member, text, path) for text in texts]
    if len(texts) > 1:
        raise refusal(SERIALIZATION, "A parameter was given twice", path)
    return _decode_text(shape, texts[0], path)


def _decode_text(shape: Shape, text: str, path: str) -> Any:
    try:
        return decode_text(shape, text)
    except MalformedValueError as error:
        raise refusal(SERIALIZATION, error, path) from None


def _decode_body(model: ServiceModel, shape: StructureShape, body: bytes) -> dict[str, Any]:
    payload = shape.serialization.get("payload")
    if payload is not None:
        member = shape.members[payload]
        if member.type_name == "blob":
            return {payload: body} if body else {}
        members = {payload: member}
    else:
        members = {
            name: member
            for name, member in shape.members.items()
            if member.serialization.get("location") is None
        }
    if not body.strip():
        return {}
    code = SERIALIZATION if _error_shape(model, _BAD_JSON) is None else _BAD_JSON
    value = load_json(body, code)
    if payload is not None:
        wire_name = members[payload].serialization.get("name", payload)
        value = {wire_name: value}
    return decode_members(model.service_name, members, value, "")


def _match(model: ServiceModel, request: Request) -> tuple[_Route, dict[str, str]] | None:
    path = request.path.rstrip("/") or "/"
    for route in _routes(model):
        found = route.path.fullmatch(path) if route.method == request.method else None
        if found is not None and (not route.query or route.query <= set(request.query_pairs())):
            try:
                texts = [unquote(text, errors="strict") for text in found.groups()]
            except UnicodeDecodeError:
                raise ServiceError(SERIALIZATION, "The path is not UTF-8.") from None
            return route, dict(zip(route.labels, texts, strict=True))
    return None


@functools.cache
def _routes(model: ServiceModel) -> tuple[_Route, ...]:
    """Return the routes of a service, the most specific first: fewest labels, then most of a query."""
    routes = []
    for operation in model.operation_names:
        http = model.operation_model(operation).http
        template, _, query = http["requestUri"].partition("?")
        pieces = _LABEL.split(template.rstrip("/") or "/")
        pattern = "".join(
            re.escape(piece) if position == 0 else ("(.+)" if piece == "+" else "([^/]+)")
            for position, piece in ((index % 3, piece) for index, piece in enumerate(pieces))
            if position != 1
        )
        demanded = frozenset(parse_qsl(query, keep_blank_values=True))
        routes.append(_Route(operation, http["method"], re.compile(pattern), demanded, tuple(pieces[1::3])))
    return tuple(sorted(routes, key=lambda route: (len(route.labels), -len(route.query))))


def encode_response(operation_model: OperationModel, output: Mapping[str, Any], request_id: str) -> Response:
    """Return the response of a successful operation, with the status that the model or the output names.

    Raises:
        ValueError: the output has a member that the model does not know: a bug of the operation.
    """
    shape = operation_model.output_shape
    status = int(operation_model.http.get("responseCode", 200))
    headers = [(REQUEST_ID_HEADER, request_id)]
    if shape is None:
        if output:
            raise ValueError(f"{operation_model.name} has no output")
        return Response(status, tuple(headers), b"")
    in_body: dict[str, Any] = {}
    for name, value in output.items():
        if name not in shape.members:
            raise ValueError(f"{shape.name} has no member {name}")
        member = shape.members[name]
        match member.serialization.get("location"):
            case "statusCode":
                status = int(value)
            case "header" if value is not None:
                text = encode_text(member, value, RFC822)
                headers.append((member.serialization.get("name", name), header_value(text)))
            case None:
                in_body[name] = value
    body = b"" if status == 204 else _encode_body(shape, in_body)
    if body:
        headers.append(("Content-Type", _CONTENT_TYPE))
    return Response(status, tuple(headers), body)


def _encode_body(shape: StructureShape, output: Mapping[str, Any]) -> bytes:
    payload = shape.serialization.get("payload")
    if payload is not None:
        member, value = shape.members[payload], output.get(payload)
        if member.type_name in ("blob", "string"):
            return value.encode() if isinstance(value, str) else bytes(value or b"")
        return dump_json(encode_json(member, value if value is not None else {}))
    members = {
        name: member for name, member in shape.members.items() if member.serialization.get("location") is None
    }
    # An output that lies wholly in headers and status has no body.
    return dump_json(encode_members(members, output)) if members else b""


def encode_error(model: ServiceModel | None, error: ServiceError, request_id: str) -> Response:
    """Return the response of a refusal; the model says how its error spells ``message``."""
    shape = _error_shape(model, error.code) if model else None
    body: dict[str, Any] = {}
    names = {"message": "message"}
    for name, member in shape.members.items() if shape else ():
        wire_name = member.serialization.get("name", name)
        names[name.lower()] = wire_name
        if name == "Type":
            body["Type"] = "User" if error.sender_fault else "Service"
    body[names["message"]] = error.message
    body.update({names.get(name.lower(), name): text for name, text in error.members.items()})
    headers = (
        ("Content-Type", _CONTENT_TYPE),
        (REQUEST_ID_HEADER, request_id),
        ("x-amzn-ErrorType", header_value(error.code)),
    )
    return Response(error.status, headers, dump_json(body))


def _error_shape(model: ServiceModel, code: str) -> StructureShape | None:
    for shape in model.error_shapes:
        if isinstance(shape, StructureShape) and shape.error_code == code:
            return shape
    return None
