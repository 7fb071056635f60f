"""Whatever bytes come in, a request is decoded or refused; nothing else is ever raised."""

import contextlib
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.kernel.errors import ServiceError
from sekisho.wire.coerce import coerce_input
from sekisho.wire.http import Request
from sekisho.wire.models import load_service_model
from sekisho.wire.route import error_protocol, route
from sekisho.wire.validate import check_input

NAMES = st.sampled_from(
    [
        "Actions",
        "Type",
        "Tags",
        "Key",
        "Order",
        "Conditions",
        "Values",
        "Priority",
        "JwtValidationConfig",
        "x",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
STEPS = st.sampled_from(
    [
        "Actions",
        "member",
        "1",
        "0",
        "Type",
        "",
        "Conditions",
        "Values",
        "entry",
        "JwtValidationConfig",
        "AdditionalClaims",
    ]
)
FIELDS = st.lists(st.tuples(st.lists(STEPS, max_size=5).map(".".join), st.text(max_size=3)), max_size=5)
BUDGET = settings(max_examples=150, deadline=None, database=None)


@BUDGET
@given(params=st.dictionaries(NAMES, JSON, max_size=4))
def test_any_parameters_are_checked_or_refused(params: dict[str, object]) -> None:
    model = load_service_model("elbv2").operation_model("CreateRule")
    with contextlib.suppress(ServiceError):
        check_input(model, params)
    coerced = coerce_input(model, params)
    assert coerced.keys() == params.keys()
    assert coerce_input(model, coerced) == coerced


@BUDGET
@given(fields=FIELDS)
def test_any_form_is_decoded_or_refused(fields: list[tuple[str, str]]) -> None:
    body = "&".join(["Action=CreateRule&Version=2015-12-01", *(f"{name}={text}" for name, text in fields)])
    request = Request("POST", "/", "", {"content-type": "application/x-www-form-urlencoded"}, body.encode())
    answer(request)


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/", {"content-type": "application/x-www-form-urlencoded"}),
        ("POST", "/", {"x-amz-target": "AWSCognitoIdentityProviderService.CreateUserPool"}),
        ("POST", "/v2/apis", {}),
        ("POST", "/2015-03-31/functions", {}),
    ],
)
@BUDGET
@given(body=st.binary(max_size=40) | st.text(alphabet='{}[]":,\\u0dataNull1e', max_size=30).map(str.encode))
def test_any_body_is_decoded_or_refused(method: str, path: str, headers: dict[str, str], body: bytes) -> None:
    answer(Request(method, path, "", headers, body))


@BUDGET
@given(path=st.text(max_size=20), query=st.text(max_size=20), authorization=st.text(max_size=40))
def test_any_address_is_routed_or_refused(path: str, query: str, authorization: str) -> None:
    headers = {"authorization": f"AWS4-HMAC-SHA256 {authorization}"}
    answer(Request("GET", f"/{path}", query, headers, b""))


def answer(request: Request) -> None:
    try:
        routed = route(request)
        protocol: ModuleType = routed.protocol
        model = load_service_model(routed.service)
        name, params = protocol.decode_request(model, request)
        check_input(model.operation_model(name), params)
    except ServiceError as error:
        response = error_protocol(request).encode_error(None, error, "request-1")
        assert response.status >= 400
        assert all("\n" not in text for _, text in response.headers)
