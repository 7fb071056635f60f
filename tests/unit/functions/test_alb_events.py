"""Lambda targets of a load balancer: the documented event, and what becomes of answers."""

import json
from typing import Any

import pytest

from sekisho.functions.events.alb import RESPONSE_LIMIT, decode_response, encode_event
from sekisho.functions.events.http import HttpRequest, InvalidResponseError

GROUP = "arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/lambda-279XGJDqGZ5rsrHC2Fjr/49e9d65c45c6791a"


def request(**changes: Any) -> HttpRequest:
    values: dict[str, Any] = {"method": "GET", "path": "/", "query": "", "headers": (), "body": b""}
    return HttpRequest(**{**values, **changes})


def test_the_documented_example() -> None:
    headers = (
        ("accept", "text/html,application/xhtml+xml"),
        ("host", "lambda-846800462-us-east-2.elb.amazonaws.com"),
    )
    event = encode_event(
        request(query="query=1234ABCD", path="/lambda", headers=headers), GROUP, multi_value=False
    )
    assert event == {
        "requestContext": {"elb": {"targetGroupArn": GROUP}},
        "httpMethod": "GET",
        "path": "/lambda",
        "queryStringParameters": {"query": "1234ABCD"},
        "headers": dict(headers),
        "body": "",
        "isBase64Encoded": False,
    }


@pytest.mark.semantics("ALB-LAMBDA-08")
def test_multi_value_lists_every_value_and_replaces_the_single_forms() -> None:
    headers = (("cookie", "a=1"), ("cookie", "b=2"))
    event = encode_event(request(query="k=v1&k=v2&e", headers=headers), GROUP, multi_value=True)
    assert event["multiValueQueryStringParameters"] == {"k": ["v1", "v2"], "e": [""]}
    assert event["multiValueHeaders"] == {"cookie": ["a=1", "b=2"]}
    assert "headers" not in event
    assert "queryStringParameters" not in event


@pytest.mark.semantics("ALB-LAMBDA-09")
def test_query_values_stay_encoded_and_the_last_duplicate_wins() -> None:
    event = encode_event(request(query="k=a%20b&k=c%2Fd"), GROUP, multi_value=False)
    assert event["queryStringParameters"] == {"k": "c%2Fd"}


@pytest.mark.semantics("ALB-LAMBDA-10")
@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ((("content-type", "application/json; charset=utf-8"),), b"{}", ("{}", False)),
        ((("content-type", "text/plain"),), b"x", ("x", False)),
        ((("content-type", "text/plain"), ("content-encoding", "gzip")), b"x", ("eA==", True)),
        ((("content-type", "image/png"),), b"x", ("eA==", True)),
        ((("content-type", "text/plain"),), b"\xff", ("/w==", True)),
    ],
)
def test_a_body_is_text_or_base64(
    headers: tuple[tuple[str, str], ...], body: bytes, expected: tuple[str, bool]
) -> None:
    event = encode_event(request(headers=headers, body=body), GROUP, multi_value=False)
    assert (event["body"], event["isBase64Encoded"]) == expected


@pytest.mark.semantics("ALB-LAMBDA-11")
def test_an_answer_becomes_a_response_without_hop_by_hop_headers() -> None:
    answer = {
        "statusCode": 201,
        "statusDescription": "201 Created",
        "headers": {"Content-Type": "text/plain", "Connection": "close", "X-N": 5},
        "body": "aGk=",
        "isBase64Encoded": True,
    }
    response = decode_response(json.dumps(answer).encode(), multi_value=False)
    assert (response.status, response.reason, response.body) == (201, "Created", b"hi")
    assert response.headers == (("Content-Type", "text/plain"), ("X-N", "5"))


@pytest.mark.semantics("ALB-LAMBDA-03", "ALB-LAMBDA-08")
@pytest.mark.parametrize(
    ("payload", "multi_value"),
    [
        (b"null", False),
        (b'"text"', False),
        (b"{", False),
        (b"{}", False),
        (b'{"statusCode": "many"}', False),
        (b'{"statusCode": true}', False),
        (b'{"statusCode": 101}', False),
        (b'{"statusCode": 600}', False),
        (b'{"statusCode": 200, "headers": {"a b": "1"}}', False),
        (b'{"statusCode": 200, "headers": {"a": "1\\r\\nb: 2"}}', False),
        (b'{"statusCode": 200, "headers": []}', False),
        (b'{"statusCode": 200, "headers": {"a": {}}}', False),
        (b'{"statusCode": 200, "headers": {"a": "1"}}', True),
        (b'{"statusCode": 200, "multiValueHeaders": {"a": ["1"]}}', False),
        (b'{"statusCode": 200, "body": 5}', False),
        (b'{"statusCode": 200, "body": "*", "isBase64Encoded": true}', False),
        (b'{"statusCode": 200, "body": "' + b"x" * RESPONSE_LIMIT + b'"}', False),
    ],
)
def test_answers_of_another_form_are_refused(payload: bytes, multi_value: bool) -> None:
    with pytest.raises(InvalidResponseError):
        decode_response(payload, multi_value=multi_value)


@pytest.mark.parametrize(
    ("description", "reason"),
    [("200 OK", "OK"), ("Fine", "Fine"), ("200 Fine\r\nX: y", ""), ("200 Schön", ""), (5, ""), (None, "")],
)
@pytest.mark.semantics("ALB-LAMBDA-07")
def test_a_status_description_is_a_reason_if_it_can_be(description: Any, reason: str) -> None:
    answer = {"statusCode": 200, "statusDescription": description}
    assert decode_response(json.dumps(answer).encode(), multi_value=False).reason == reason


def test_text_is_sent_as_utf_8() -> None:
    answer = {"statusCode": 200, "headers": {"x": "ö"}, "body": "ö \ud800"}
    response = decode_response(json.dumps(answer).encode(), multi_value=False)
    assert response.body.decode() == "ö \ufffd"
    assert response.headers[0][1].encode("latin-1").decode() == "ö"
