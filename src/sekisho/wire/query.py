"""The query protocol: a form POST with ``Action`` and ``Version``, an XML answer.

https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from sekisho.kernel.errors import ServiceError
from sekisho.wire.http import REQUEST_ID_HEADER, Request, Response
from sekisho.wire.scalars import ISO8601, MalformedValueError, decode_text, encode_text, format_time, refusal
from sekisho.wire.validate import member_path, unknown_member

MALFORMED = "MalformedInput"

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
# What signs a request in its query string, and what names the operation, is no parameter of it.
_NO_PARAMETERS = frozenset({"action", "version"})
_INDEX = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(slots=True)
class _Node:
    """One step of the dotted names of a form: its own value, and the steps below it."""

    text: str | None = None
    below: dict[str, "_Node"] = field(default_factory=dict)


def form_pairs(request: Request) -> list[tuple[str, str]]:
    """Return the parameters of a query request: those of the query string, then those of the body.

    Raises:
        ServiceError: the form is not UTF-8.
    """
    try:
        body = parse_qsl(request.body.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        raise ServiceError(MALFORMED, "The request body is not a UTF-8 form.") from None
    return request.query_pairs() + body


def decode_request(model: ServiceModel, request: Request) -> tuple[str, dict[str, Any]]:
    """Return the operation's name and its parameters.

    Raises:
        ServiceError: the operation is not known, or a parameter is not what its model says.
    """
    pairs = form_pairs(request)
    named = dict(pairs)
    operation, version = named.get("Action", ""), named.get("Version", "")
    if not operation:
        raise ServiceError("MissingAction", "The request is missing an action or a required parameter.")
    if operation not in model.operation_names or version != model.metadata["apiVersion"]:
        raise ServiceError(
            "InvalidAction", f"Could not find operation {operation} for version {version or 'NO_VERSION'}"
        )
    root = _Node()
    for name, text in pairs:
        if name.lower() not in _NO_PARAMETERS and not name.lower().startswith("x-amz-"):
            _plant(root, name, text)
    shape = model.operation_model(operation).input_shape
    members = shape.members if shape else {}
    return operation, _decode_members(model.service_name, members, root, "")


def _plant(root: _Node, name: str, text: str) -> None:
    node = root
    for step in name.split("."):
        node = node.below.setdefault(step, _Node())
    if node.text is not None:
        raise refusal(MALFORMED, "A parameter was given twice", name)
    node.text = text


def _decode_members(service: str, members: Mapping[str, Shape], node: _Node, path: str) -> dict[str, Any]:
    names = {shape.serialization.get("name", name): name for name, shape in members.items()}
    decoded = {}
    for wire_name, below in node.below.items():
        name = names.get(wire_name)
        if name is None:
            raise unknown_member(service, wire_name, path)
        decoded[name] = _decode(service, members[name], below, member_path(path, name))
    return decoded


def _decode(service: str, shape: Shape, node: _Node, path: str) -> Any:
    if isinstance(shape, StructureShape):
        _refuse_text(node, path)
        return _decode_members(service, shape.members, node, path)
    if isinstance(shape, ListShape):
        member = shape.member
        step = None if shape.serialization.get("flattened") else member.serialization.get("name", "member")
        return [
            _decode(service, member, item, f"{path}.{number}.member")
            for number, item in _numbered(node, step, path)
        ]
    if isinstance(shape, MapShape):
        step = None if shape.serialization.get("flattened") else "entry"
        return dict(_decode_entry(service, shape, item, path) for _, item in _numbered(node, step, path))
    if node.below or node.text is None:
        raise refusal(MALFORMED, "Start of structure or map found where not expected", path)
    try:
        return decode_text(shape, node.text)
    except MalformedValueError as error:
        raise refusal(MALFORMED, error, path) from None


def _decode_entry(service: str, shape: MapShape, node: _Node, path: str) -> tuple[Any, Any]:
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    if node.text is not None or node.below.keys() != {key_name, value_name}:
        raise refusal(MALFORMED, "Every entry of a map has one key and one value", path)
    return (
        _decode(service, shape.key, node.below[key_name], path),
        _decode(service, shape.value, node.below[value_name], path),
    )


def _numbered(node: _Node, step: str | None, path: str) -> list[tuple[int, _Node]]:
    """Return the items below ``step`` in the order of their numbers, which may have gaps, as on AWS."""
    _refuse_text(node, path)
    if step is not None and node.below:
        if node.below.keys() != {step}:
            raise refusal(MALFORMED, "Start of list found where not expected", path)
        node = node.below[step]
        _refuse_text(node, path)
    if not all(_INDEX.fullmatch(number) for number in node.below):
        raise refusal(MALFORMED, "The items of a list are numbered from 1", path)
    return sorted(((int(number), item) for number, item in node.below.items()), key=lambda pair: pair[0])


def _refuse_text(node: _Node, path: str) -> None:
    # An empty text is how an empty list is written.
    if node.text:
        raise refusal(MALFORMED, "STRING_VALUE found where not expected", path)


def encode_response(operation_model: OperationModel, output: Mapping[str, Any], request_id: str) -> Response:
    """Return the response of a successful operation.

    Raises:
        ValueError: the output has a member that the model does not know: a bug of the operation.
    """
    shape = operation_model.output_shape
    namespace = operation_model.service_model.metadata["xmlNamespace"]
    name = f"{operation_model.name}Response"
    result = ""
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper", f"{operation_model.name}Result")
        result = _element(wrapper, "".join(_encode_members(shape, output)))
    elif output:
        raise ValueError(f"{operation_model.name} has no output")
    metadata = _element("ResponseMetadata", _element("RequestId", _escape(request_id)))
    return _respond(200, f'<{name} xmlns="{namespace}">{result}{metadata}</{name}>', request_id)


def _encode_members(shape: StructureShape, value: Mapping[str, Any]) -> Iterator[str]:
    unknown = value.keys() - shape.members.keys()
    if unknown:
        raise ValueError(f"{shape.name} has no members {sorted(unknown)}")
    for name, item in value.items():
        if item is not None:
            member = shape.members[name]
            yield _encode(member, member.serialization.get("name", name), item)


def _encode(shape: Shape, name: str, value: Any) -> str:
    flattened = shape.serialization.get("flattened")
    if isinstance(shape, StructureShape):
        return _element(name, "".join(_encode_members(shape, value)))
    if isinstance(shape, ListShape):
        if flattened:
            step = shape.member.serialization.get("name", name)
            return "".join(_encode(shape.member, step, item) for item in value)
        step = shape.member.serialization.get("name", "member")
        return _element(name, "".join(_encode(shape.member, step, item) for item in value))
    if isinstance(shape, MapShape):
        step = name if flattened else "entry"
        entries = "".join(_element(step, _encode_entry(shape, key, item)) for key, item in value.items())
        return entries if flattened else _element(name, entries)
    if shape.type_name == "timestamp":
        return _element(name, str(format_time(value, ISO8601, milliseconds=True)))
    return _element(name, _escape(encode_text(shape, value, ISO8601)))


def _encode_entry(shape: MapShape, key: Any, value: Any) -> str:
    return _encode(shape.key, shape.key.serialization.get("name", "key"), key) + _encode(
        shape.value, shape.value.serialization.get("name", "value"), value
    )


def encode_error(model: ServiceModel | None, error: ServiceError, request_id: str) -> Response:
    """Return the response of a refusal; without a model it names no namespace."""
    namespace = f' xmlns="{model.metadata["xmlNamespace"]}"' if model else ""
    inner = _element("Type", "Sender" if error.sender_fault else "Receiver")
    inner += _element("Code", _escape(error.code)) + _element("Message", _escape(error.message))
    inner += "".join(_element(name, _escape(text)) for name, text in error.members.items())
    envelope = _element("Error", inner) + _element("RequestId", _escape(request_id))
    return _respond(error.status, f"<ErrorResponse{namespace}>{envelope}</ErrorResponse>", request_id)


def _respond(status: int, document: str, request_id: str) -> Response:
    headers = (("Content-Type", "text/xml"), (REQUEST_ID_HEADER, request_id))
    return Response(status, headers, document.encode())


def _element(name: str, inner: str) -> str:
    return f"<{name}>{inner}</{name}>" if inner else f"<{name}/>"


def _escape(text: str) -> str:
    """Escape text for XML 1.0; characters that no XML document may hold become U+FFFD."""
    return _NOT_XML.sub("\ufffd", text).translate(_ESCAPES)
