"""botocore is the oracle: what it serializes we decode to the same, what we encode it parses to the same."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.awsrequest import HeadersDict
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sekisho.kernel.errors import ServiceError
from sekisho.wire import json11, query, rest_json
from sekisho.wire.coerce import coerce_input
from sekisho.wire.http import Request, Response
from sekisho.wire.models import SERVED, load_service_model

PROTOCOLS: Mapping[str, ModuleType] = {"query": query, "json": json11, "rest-json": rest_json}
# An event stream is a protocol of its own; the operation is refused before anything would have to encode it.
EVENT_STREAMS = {("lambda", "InvokeWithResponseStream")}
OPERATIONS = [
    pytest.param(service, operation, id=f"{service}-{operation}")
    for service in SERVED
    for operation in load_service_model(service).operation_names
    if (service, operation) not in EVENT_STREAMS
]
EXAMPLES = settings(
    max_examples=3,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

# What XML 1.0 and UTF-8 can hold; everything else is a case of its own in the unit tests.
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=6)
LABEL = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=6)
HEADER = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=6)
# From 1970 to 2100, in whole seconds: the least that every format holds.
TIMES = st.integers(0, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
SCALARS: Mapping[str, st.SearchStrategy[Any]] = {
    "string": TEXT,
    "boolean": st.booleans(),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(allow_nan=False, allow_infinity=False, width=32),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "timestamp": TIMES,
    "blob": st.binary(max_size=8),
}


def values(shape: Shape, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a shape; recursive shapes end after a few steps."""
    if shape.metadata.get("document"):
        return st.just({"any": ["json", 1, None]})
    if isinstance(shape, StructureShape):
        return members(shape.members, depth)
    if isinstance(shape, ListShape):
        return st.lists(values(shape.member, depth + 1), max_size=2) if depth < 6 else st.just([])
    if isinstance(shape, MapShape):
        if depth >= 6:
            return st.just({})
        return st.dictionaries(values(shape.key), values(shape.value, depth + 1), max_size=2)
    return SCALARS[shape.type_name]


def members(shapes: Mapping[str, Shape], depth: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    placed = {name: located(shape, depth + 1) for name, shape in shapes.items()}
    if depth >= 6:
        return st.just({})
    needed = {name: placed[name] for name in placed if shapes[name].serialization.get("location") == "uri"}
    return st.fixed_dictionaries(
        needed, optional={name: placed[name] for name in placed if name not in needed}
    )


def located(shape: Shape, depth: int) -> st.SearchStrategy[Any]:
    location = shape.serialization.get("location")
    if location == "uri" and shape.type_name == "string":
        return LABEL
    if location == "header" and shape.type_name == "string":
        return HEADER
    if location == "querystring" and isinstance(shape, ListShape):
        return st.lists(values(shape.member), min_size=1, max_size=2)
    if location == "statusCode":
        return st.sampled_from([200, 202])
    return values(shape, depth)


each_operation = pytest.mark.parametrize(("service", "operation"), OPERATIONS)


@each_operation
@EXAMPLES
@given(data=st.data())
def test_what_botocore_serializes_is_decoded_to_the_same_values(
    service: str, operation: str, data: st.DataObject
) -> None:
    model = load_service_model(service)
    operation_model = model.operation_model(operation)
    shape = operation_model.input_shape
    params = data.draw(members(shape.members)) if shape else {}
    protocol = model.metadata["protocol"]
    request = to_request(create_serializer(protocol, include_validation=False), params, operation_model)

    name, decoded = PROTOCOLS[protocol].decode_request(model, request)

    assert name == operation
    assert settle(decoded, shape, protocol) == settle(params, shape, protocol)
    assert coerce_input(operation_model, decoded) == decoded


@each_operation
@EXAMPLES
@given(data=st.data())
def test_what_is_encoded_is_parsed_by_botocore_to_the_same_values(
    service: str, operation: str, data: st.DataObject
) -> None:
    model = load_service_model(service)
    operation_model = model.operation_model(operation)
    shape = operation_model.output_shape
    output = data.draw(members(shape.members)) if shape else {}
    protocol = model.metadata["protocol"]

    response = PROTOCOLS[protocol].encode_response(operation_model, output, "request-1")

    parsed = parse(protocol, response, shape)
    metadata = parsed.pop("ResponseMetadata")
    assert metadata["RequestId"] == "request-1"
    for name in status_members(shape):
        assert parsed.pop(name) == output.pop(name, response.status)
    for name, empty in payload_members(shape):
        output.setdefault(name, empty)
    assert parsed == output


def to_request(serializer: Any, params: dict[str, Any], operation_model: OperationModel) -> Request:
    wire = serializer.serialize_to_request(params, operation_model)
    body = wire["body"]
    if isinstance(body, dict):
        body = urlencode(body)
    if isinstance(body, str):
        body = body.encode()
    path, _, literal = wire["url_path"].partition("?")
    query_string = "&".join(filter(None, [literal, urlencode(wire["query_string"] or {}, doseq=True)]))
    headers = {name.lower(): str(text) for name, text in wire["headers"].items()}
    return Request(wire["method"], path, query_string, headers, body)


def parse(protocol: str, response: Response, shape: StructureShape | None) -> Any:
    parser: Any = create_parser(protocol)
    return parser.parse(to_parsable(response, shape), shape)


def to_parsable(response: Response, shape: StructureShape | None) -> dict[str, Any]:
    body: Any = response.body
    if shape is not None and shape.serialization.get("payload"):
        body = Streamed(body) if shape.members[shape.serialization["payload"]].type_name == "blob" else body
    return {"status_code": response.status, "headers": HeadersDict(response.headers), "body": body}


class Streamed(bytes):
    """A body that botocore leaves undecoded, as it does a stream."""

    def decode(self, *_: Any, **__: Any) -> "bytes":  # type: ignore[override]
        return bytes(self)


def status_members(shape: StructureShape | None) -> list[str]:
    members_of = shape.members if shape else {}
    return [
        name for name, member in members_of.items() if member.serialization.get("location") == "statusCode"
    ]


def payload_members(shape: StructureShape | None) -> list[tuple[str, Any]]:
    payload = shape.serialization.get("payload") if shape else None
    return [(payload, b"" if shape.members[payload].type_name == "blob" else {})] if shape and payload else []


def settle(value: Any, shape: Shape | None, protocol: str) -> Any:
    """Return a value without what its protocol cannot say."""
    if protocol == "query":
        return without_empty(value, shape)
    if isinstance(shape, StructureShape) and shape.serialization.get("payload"):
        payload = shape.serialization["payload"]
        return {name: item for name, item in value.items() if name != payload or item}
    return value


def without_empty(value: Any, shape: Shape | None) -> Any:
    """Return a value without its empty structures and maps: the query protocol has no word for them."""
    if isinstance(shape, StructureShape):
        settled = {name: without_empty(item, shape.members[name]) for name, item in value.items()}
        return {name: item for name, item in settled.items() if item != {}}
    if isinstance(shape, ListShape):
        items = [item for item in (without_empty(item, shape.member) for item in value) if item != {}]
        return {} if value and not items else items
    return value


def test_every_operation_of_the_five_services_is_tested() -> None:
    assert len(OPERATIONS) == sum(len(load_service_model(name).operation_names) for name in SERVED) - 1


ERRORS = [
    pytest.param(service, shape.error_code, id=f"{service}-{shape.error_code}")
    for service in SERVED
    for shape in load_service_model(service).error_shapes
    if isinstance(shape, StructureShape)
]


@pytest.mark.parametrize(("service", "code"), ERRORS)
def test_every_error_of_the_models_is_parsed_by_botocore(service: str, code: str) -> None:
    model = load_service_model(service)
    protocol = model.metadata["protocol"]
    message = 'It\'s <not> & "so" \u2014 \u00e4'

    response = PROTOCOLS[protocol].encode_error(model, ServiceError(code, message), "request-1")

    parsed = parse(protocol, response, None)
    assert parsed["Error"]["Code"] == code
    assert parsed["Error"]["Message"] == message
    assert parsed["ResponseMetadata"]["RequestId"] == "request-1"
