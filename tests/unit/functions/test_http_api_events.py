"""The events of HTTP APIs and the answers to them, against the examples of the documentation."""

import base64
import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.functions.events import http_api_v1, http_api_v2
from sekisho.functions.events.claims import describe_claims, read_claims, read_scopes
from sekisho.functions.events.http import HttpRequest, InvalidResponseError
from sekisho.functions.events.http_api import ApiRequest, ApiRoute

GOLDEN = Path(__file__).parent / "golden"

HEADERS = (
    ("header1", "value1"),
    ("header2", "value1"),
    ("header2", "value2"),
)
ROUTE = ApiRoute(
    account="123456789012",
    api="api-id",
    region="us-east-1",
    stage="$default",
    route_key="$default",
    path=None,
    prefix="",
    domain="id.execute-api.us-east-1.amazonaws.com",
    variables={},
)
HTTP = HttpRequest("POST", "/my/path", "parameter1=value1&parameter1=value2&parameter2=value", HEADERS, b"")


def request(**changes: Any) -> ApiRequest:
    base = ApiRequest(
        http=HTTP,
        route=ROUTE,
        request_id="id",
        source_ip="192.0.2.1",
        time=datetime(2020, 3, 12, 19, 3, 58, 390_000, tzinfo=UTC),
    )
    return dataclasses.replace(base, **changes)


def on(path: str | None, target: str, prefix: str = "", stage: str = "$default") -> ApiRequest:
    key = "$default" if path is None else f"GET {path}"
    route = dataclasses.replace(ROUTE, route_key=key, path=path, prefix=prefix, stage=stage)
    found, _, query = target.partition("?")
    return request(route=route, http=HttpRequest("GET", found, query, (), b""))


def golden(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text())


# --- events --------------------------------------------------------------------------------------------------


@pytest.mark.semantics("HTTP-EVENT-01")
def test_format_2_0_is_the_documented_example() -> None:
    """But for mutual TLS, which is not served, and with a path that has the parameter of the example."""
    route = dataclasses.replace(ROUTE, variables={"stageVariable1": "value1", "stageVariable2": "value2"})
    sent = (("user-agent", "agent"), ("content-type", "text/plain"))
    headers = (*HEADERS, *sent, ("cookie", "cookie1; cookie2"))
    claims = {"claim1": "value1", "claim2": "value2"}
    event = http_api_v2.encode_event(
        request(
            route=route,
            http=dataclasses.replace(HTTP, headers=headers, body=b"Hello from Lambda"),
            authorizer={"jwt": {"claims": claims, "scopes": ["scope1", "scope2"]}},
        )
    )
    expected = golden("http-api-2.0.json")
    del expected["requestContext"]["authentication"]
    # The example's time and timeEpoch are two different moments, and its default route has a path parameter.
    expected["requestContext"]["timeEpoch"] = 1584039838390
    del expected["pathParameters"]
    # Nor does it show what its text and its user agent come from.
    for name, _ in sent:
        event["headers"].pop(name)
    assert event == expected


@pytest.mark.semantics("HTTP-EVENT-02")
def test_format_1_0_is_the_documented_example() -> None:
    route = dataclasses.replace(ROUTE, api="id", route_key="GET /my/path", path="/my/path")
    event = http_api_v1.encode_event(
        request(
            route=route,
            request_id="id=",
            http=dataclasses.replace(
                HTTP,
                method="GET",
                headers=(*HEADERS, ("user-agent", "user-agent"), ("content-type", "text/plain")),
                body=b"Hello from Lambda!",
            ),
            time=datetime(2020, 3, 4, 19, 15, 17, 135_000, tzinfo=UTC),
        )
    )
    expected = golden("http-api-1.0.json")
    del expected["requestContext"]["identity"]["clientCert"]
    expected["requestContext"]["extendedRequestId"] = "id="
    for name in ("User-Agent", "Content-Type"):
        event["headers"].pop(name)
        event["multiValueHeaders"].pop(name)
    expected["requestContext"]["requestTimeEpoch"] = 1583349317135
    assert event == expected


def test_what_there_is_none_of() -> None:
    event = http_api_v2.encode_event(on("/", "/"))
    assert (
        event.keys() & {"cookies", "queryStringParameters", "body", "pathParameters", "stageVariables"}
        == set()
    )
    assert event["isBase64Encoded"] is False
    assert "authorizer" not in event["requestContext"]
    old = http_api_v1.encode_event(on("/", "/"))
    for name in ("queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "body"):
        assert old[name] is None


@pytest.mark.semantics("HTTP-EVENT-06")
@pytest.mark.parametrize(
    ("path", "target", "prefix", "stage", "raw_path", "full_path", "parameters"),
    [
        ("/a/{b}", "/a/c%20d", "", "$default", "/a/c d", "/a/c d", {"b": "c d"}),
        ("/a/{b}", "/prod/a/x%2Fy", "/prod", "prod", "/prod/a/x/y", "/prod/a/x/y", {"b": "x/y"}),
        ("/{rest+}", "/prod", "/prod", "prod", "/prod", "/prod", {"rest": ""}),
        ("/{rest+}", "/a/b/", "", "$default", "/a/b/", "/a/b/", {"rest": "a/b/"}),
        ("/a/{b}", "/key/v1/a/1", "/key/v1", "prod", "/a/1", "/key/v1/a/1", {"b": "1"}),
        ("/", "/key", "/key", "prod", "/", "/key", {}),
    ],
)
def test_paths(
    path: str,
    target: str,
    prefix: str,
    stage: str,
    raw_path: str,
    full_path: str,
    parameters: dict[str, str],
) -> None:
    given = on(path, target, prefix, stage)
    new, old = http_api_v2.encode_event(given), http_api_v1.encode_event(given)
    assert new["rawPath"] == new["requestContext"]["http"]["path"] == raw_path
    assert old["path"] == full_path
    assert new.get("pathParameters", {}) == parameters
    assert (old["pathParameters"] or {}) == parameters
    assert old["resource"] == path


def test_query_parameters_are_decoded_and_the_query_is_not() -> None:
    event = http_api_v2.encode_event(on("/", "/?a=b%20c&d+e=f%2Bg&h&a=i"))
    assert event["rawQueryString"] == "a=b%20c&d+e=f%2Bg&h&a=i"
    assert event["queryStringParameters"] == {"a": "b c,i", "d e": "f+g", "h": ""}


@pytest.mark.semantics("HTTP-EVENT-01")
def test_several_cookie_headers_are_one_list() -> None:
    headers = (("cookie", "a=1; b=2"), ("x", "1"), ("cookie", "c=3,4;"))
    event = http_api_v2.encode_event(request(http=dataclasses.replace(HTTP, headers=headers)))
    assert event["cookies"] == ["a=1", "b=2", "c=3,4"]
    assert event["headers"] == {"x": "1"}


@pytest.mark.semantics("HTTP-EVENT-08")
def test_format_1_0_spells_headers_as_the_client_does() -> None:
    headers = (("x-api-key", "k"), ("accept", "a"), ("x-api-key", "l"), ("x-forwarded-for", "192.0.2.1"))
    spelling = {"x-api-key": "X-Api-KEY", "accept": "accept"}
    given = request(http=dataclasses.replace(HTTP, headers=headers, spelling=spelling))
    old, new = http_api_v1.encode_event(given), http_api_v2.encode_event(given)
    assert old["headers"] == {"X-Api-KEY": "l", "accept": "a", "X-Forwarded-For": "192.0.2.1"}
    assert old["multiValueHeaders"]["X-Api-KEY"] == ["k", "l"]
    assert new["headers"]["x-api-key"] == "k,l"


@pytest.mark.semantics("HTTP-EVENT-02")
@pytest.mark.parametrize("principal", ["", "somebody"])
def test_format_1_0_tells_what_a_lambda_authorizer_says(principal: str) -> None:
    said = {"lambda": {"tenant": "t"}, "principalId": principal}
    told = http_api_v1.encode_event(request(authorizer=said))["requestContext"]["authorizer"]
    named = {"principalId": principal} if principal else {}
    assert told == {"claims": None, "scopes": None, "tenant": "t", **named}


@pytest.mark.semantics("HTTP-EVENT-07")
def test_the_protocol() -> None:
    assert http_api_v2.encode_event(request())["requestContext"]["http"]["protocol"] == "HTTP/1.1"
    assert http_api_v1.encode_event(request())["requestContext"]["protocol"] == "HTTP/1.1"


@pytest.mark.semantics("HTTP-EVENT-05")
@pytest.mark.parametrize(
    ("content_type", "body", "is_base64"),
    [
        ("application/json; charset=utf-8", b"{}", False),
        ("text/csv", b"a,b", False),
        ("application/xml", b"<a/>", False),
        ("text/plain", b"\xff", True),
        ("application/x-www-form-urlencoded", b"a=b", True),
        ("application/octet-stream", b"a", True),
        ("application/problem+json", b"{}", True),
        (None, b"text", True),
    ],
)
def test_bodies(content_type: str | None, body: bytes, is_base64: bool) -> None:
    headers = () if content_type is None else (("content-type", content_type),)
    http = HttpRequest("POST", "/", "", headers, body)
    for shape in (http_api_v1, http_api_v2):
        event = shape.encode_event(request(http=http))
        assert event["isBase64Encoded"] is is_base64
        assert (base64.b64decode(event["body"]) if is_base64 else event["body"].encode()) == body


# --- claims --------------------------------------------------------------------------------------------------


def token(payload: str) -> str:
    encoded = base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")
    return f"e30.{encoded}.AA"


@pytest.mark.semantics("HTTP-EVENT-03")
def test_claims_are_strings() -> None:
    payload = """{"sub": "me", "exp": 1787996002, "big": 12345678901234567890, "float": 1.50, "exact": 1e3,
        "yes": true, "no": false, "none": null, "aud": ["a", "b"], "mixed": [1, "x", true, null, ["y"]],
        "empty": [], "nested": {"a": [1, 2], "b": "é"}, "negative": -5}"""
    assert describe_claims(read_claims(token(payload))) == {
        "sub": "me",
        "exp": "1787996002",
        "big": "12345678901234567890",
        "float": "1.5",
        "exact": "1000",
        "yes": "true",
        "no": "false",
        "aud": "[a b]",
        "mixed": "[1 x true <nil> [y]]",
        "empty": "[]",
        "nested": '{"a":[1,2],"b":"é"}',
        "negative": "-5",
    }


@pytest.mark.semantics("HTTP-EVENT-04")
@pytest.mark.parametrize(
    ("payload", "scopes"),
    [
        ('{"scope": "a b"}', ["a", "b"]),
        ('{"scp": ["c"], "scope": "a"}', ["c"]),
        ('{"scp": "c d"}', ["c", "d"]),
        ("{}", []),
    ],
)
def test_scopes(payload: str, scopes: list[str]) -> None:
    assert read_scopes(read_claims(token(payload))) == scopes


# --- answers -------------------------------------------------------------------------------------------------


def encode(answer: Any) -> bytes:
    return json.dumps(answer).encode()


@pytest.mark.semantics("HTTP-LAMBDA-03")
@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ("Hello from Lambda!", b"Hello from Lambda!"),
        ({"message": "hi", "n": [1]}, b'{"message":"hi","n":[1]}'),
        ([1, 2], b"[1,2]"),
        (None, b"null"),
        (7, b"7"),
    ],
)
def test_an_answer_without_a_status(answer: Any, body: bytes) -> None:
    response = http_api_v2.decode_response(encode(answer))
    assert (response.status, response.body) == (200, body)
    assert response.headers == (("content-type", "application/json"),)


@pytest.mark.semantics("HTTP-LAMBDA-03")
def test_a_structured_answer() -> None:
    response = http_api_v2.decode_response(
        encode(
            {
                "statusCode": "201",
                "headers": {"x-number": 5, "x-yes": True, "X-None": None, "Connection": "close"},
                "cookies": ["a=b; Secure", "c=d"],
                "body": base64.b64encode(b"\x00\xff").decode(),
                "isBase64Encoded": True,
            }
        )
    )
    assert (response.status, response.body) == (201, b"\x00\xff")
    assert response.headers == (
        ("x-number", "5"),
        ("x-yes", "true"),
        ("x-amzn-remapped-connection", "close"),
        ("content-type", "text/plain;charset=utf-8"),
        ("set-cookie", "a=b; Secure"),
        ("set-cookie", "c=d"),
    )


@pytest.mark.semantics("HTTP-LAMBDA-04")
def test_an_answer_of_format_1_0() -> None:
    answer = {
        "statusCode": 200,
        "headers": {"A": "single", "content-type": "text/html"},
        "multiValueHeaders": {"a": ["one", "two"]},
        "body": "hi",
    }
    response = http_api_v1.decode_response(encode(answer))
    assert response.headers == (("a", "one"), ("a", "two"), ("content-type", "text/html"))
    assert response.body == b"hi"


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": 199},
        {"statusCode": 600},
        {"statusCode": "ok"},
        {"statusCode": True},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"a": ["b"]}},
        {"statusCode": 200, "headers": {"a": "b\r\nc: d"}},
        {"statusCode": 200, "body": "!", "isBase64Encoded": True},
    ],
)
def test_answers_that_are_none(answer: Any) -> None:
    for shape in (http_api_v1, http_api_v2):
        with pytest.raises(InvalidResponseError):
            shape.decode_response(encode(answer))


@pytest.mark.parametrize("answer", [b"NaN", b'{"statusCode": 200, "x": Infinity}', b"", b"{"])
def test_what_is_no_json_is_no_answer(answer: bytes) -> None:
    for shape in (http_api_v1, http_api_v2):
        with pytest.raises(InvalidResponseError):
            shape.decode_response(answer)


@pytest.mark.semantics("HTTP-EDGE-07")
def test_every_value_of_a_remapped_header_is_kept() -> None:
    answer = {"statusCode": 401, "multiValueHeaders": {"WWW-Authenticate": ["Basic", "Bearer"]}}
    headers = http_api_v1.decode_response(encode(answer)).headers
    remapped = "x-amzn-remapped-www-authenticate"
    assert headers[:2] == ((remapped, "Basic"), (remapped, "Bearer"))


@pytest.mark.semantics("HTTP-LAMBDA-04")
@pytest.mark.parametrize("answer", ["text", {"message": "hi"}, None, []])
def test_format_1_0_wants_a_status(answer: Any) -> None:
    with pytest.raises(InvalidResponseError):
        http_api_v1.decode_response(encode(answer))


@pytest.mark.semantics("HTTP-LAMBDA-02")
def test_on_whose_behalf_a_function_is_called() -> None:
    begin = "arn:aws:execute-api:us-east-1:123456789012:api-id"
    assert ROUTE.arn("GET", "") == f"{begin}/$default/$default"
    named = dataclasses.replace(ROUTE, path="/a/{b}", stage="prod")
    assert named.arn("GET", "/a/{b}") == f"{begin}/prod/GET/a/{{b}}"
