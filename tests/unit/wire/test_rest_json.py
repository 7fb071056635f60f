import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from sekisho.kernel.errors import ServiceError
from sekisho.wire import rest_json
from sekisho.wire.http import Request
from sekisho.wire.models import load_service_model

API = load_service_model("apigatewayv2")
LAMBDA = load_service_model("lambda")
FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"


def http(method: str, target: str, body: Any = b"", **headers: str) -> Request:
    path, _, query = target.partition("?")
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(method, path, query, {k.replace("_", "-"): v for k, v in headers.items()}, raw)


def refusal(model: Any, request: Request) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        rest_json.decode_request(model, request)
    return caught.value


def test_members_have_the_names_of_the_model() -> None:
    body = {
        "name": "n",
        "protocolType": "HTTP",
        "corsConfiguration": {"allowOrigins": ["*"]},
        "tags": {"aB": "c"},
    }
    assert rest_json.decode_request(API, http("POST", "/v2/apis", body)) == (
        "CreateApi",
        {
            "Name": "n",
            "ProtocolType": "HTTP",
            "CorsConfiguration": {"AllowOrigins": ["*"]},
            "Tags": {"aB": "c"},
        },
    )


def test_an_escaped_slash_stays_within_its_label() -> None:
    arn = "arn:aws:apigateway:us-east-1::/apis/abc"
    target = f"/v2/tags/{quote(arn, safe='')}?tagKeys=a&tagKeys=b"
    assert rest_json.decode_request(API, http("DELETE", target)) == (
        "UntagResource",
        {"ResourceArn": arn, "TagKeys": ["a", "b"]},
    )


def test_a_label_of_several_and_of_a_number() -> None:
    target = "/2018-10-31/layers/l/versions/7"
    assert rest_json.decode_request(LAMBDA, http("GET", target)) == (
        "GetLayerVersion",
        {"LayerName": "l", "VersionNumber": 7},
    )
    error = refusal(LAMBDA, http("GET", "/2018-10-31/layers/l/versions/x"))
    assert error.message == "STRING_VALUE can not be converted to a Long at 'VersionNumber'"


@pytest.mark.parametrize(
    ("target", "operation"),
    [
        ("/2018-10-31/layers", "ListLayers"),
        ("/2018-10-31/layers?find=LayerVersion&Arn=a", "GetLayerVersionByArn"),
        ("/2015-03-31/functions/", "ListFunctions"),
        ("/2015-03-31/functions", "ListFunctions"),
        ("/2015-03-31/functions/f", "GetFunction"),
    ],
)
def test_the_most_specific_operation_is_found(target: str, operation: str) -> None:
    assert rest_json.find_operation(LAMBDA, http("GET", target)) == operation


@pytest.mark.parametrize(
    ("model", "method", "target"),
    [
        (API, "GET", "/v2/nothing"),
        (API, "PUT", "/v2/apis/a/routes"),
        (API, "GET", "/v2/apis//routes/x"),
        (LAMBDA, "GET", "/2015-03-31/functions/a/b/c"),
        (LAMBDA, "GET", "/"),
    ],
)
def test_a_path_that_belongs_to_nothing(model: Any, method: str, target: str) -> None:
    error = refusal(model, http(method, target))
    assert (error.code, error.status) == ("UnknownOperationException", 404)


def test_an_invocation_keeps_its_body_and_its_headers() -> None:
    request = http(
        "POST",
        f"/2015-03-31/functions/{quote(FUNCTION_ARN, safe='')}/invocations?Qualifier=1",
        b"\x00not json",
        x_amz_invocation_type="RequestResponse",
        x_amz_log_type="Tail",
    )
    assert rest_json.decode_request(LAMBDA, request) == (
        "Invoke",
        {
            "FunctionName": FUNCTION_ARN,
            "InvocationType": "RequestResponse",
            "LogType": "Tail",
            "Payload": b"\x00not json",
            "Qualifier": "1",
        },
    )


def test_an_invocation_without_a_body_has_no_payload() -> None:
    _, params = rest_json.decode_request(LAMBDA, http("POST", "/2015-03-31/functions/f/invocations"))
    assert params == {"FunctionName": "f"}


def test_the_body_cannot_say_what_the_path_says() -> None:
    error = refusal(API, http("POST", "/v2/apis/a/routes", {"apiId": "b", "routeKey": "$default"}))
    assert (error.code, error.status) == ("BadRequestException", 400)
    assert "Value at 'apiId' failed to satisfy constraint: Member is not known" in error.message


def test_the_models_name_is_not_the_wires_name() -> None:
    assert "'Name'" in refusal(API, http("POST", "/v2/apis", {"Name": "n"})).message


@pytest.mark.parametrize(
    ("model", "request_", "code"),
    [
        (API, http("POST", "/v2/apis", b"{"), "SerializationException"),
        (LAMBDA, http("POST", "/2015-03-31/functions", b"{"), "InvalidRequestContentException"),
        (API, http("POST", "/v2/apis", {"name": 1}), "SerializationException"),
        (API, http("GET", "/v2/apis?maxResults=%ff"), "SerializationException"),
        (API, http("GET", "/v2/apis/%ff"), "SerializationException"),
        (LAMBDA, http("GET", "/2015-03-31/functions?MaxItems=x"), "SerializationException"),
        (LAMBDA, http("GET", "/2015-03-31/functions?MaxItems=1&MaxItems=2"), "SerializationException"),
        (LAMBDA, http("POST", "/2015-03-31/functions", {"Code": {"ZipFile": "*"}}), "SerializationException"),
    ],
)
def test_what_cannot_be_decoded(model: Any, request_: Request, code: str) -> None:
    error = refusal(model, request_)
    assert (error.code, error.status) == (code, 400)


@pytest.mark.parametrize(
    ("operation", "status"), [("CreateApi", 201), ("DeleteApi", 204), ("GetApi", 200), ("UpdateRoute", 200)]
)
def test_the_status_is_the_models(operation: str, status: int) -> None:
    assert rest_json.encode_response(API.operation_model(operation), {}, "r").status == status


def test_a_deletion_has_no_body_and_no_content_type() -> None:
    response = rest_json.encode_response(API.operation_model("DeleteApi"), {}, "r")
    assert response.body == b""
    assert response.headers == (("x-amzn-RequestId", "r"),)


def test_names_and_times_of_an_http_api() -> None:
    output = {"ApiId": "a", "CreatedDate": datetime(2026, 11, 21, 0, 0, 0, 5000, tzinfo=UTC), "Version": None}
    response = rest_json.encode_response(API.operation_model("GetApi"), output, "r")
    assert response.body == b'{"apiId":"a","createdDate":"2026-11-21T00:00:00Z"}'


def test_an_invocation_answers_with_status_headers_and_payload() -> None:
    output = {
        "StatusCode": 202,
        "FunctionError": "Unhandled",
        "ExecutedVersion": "$LATEST",
        "LogResult": "bG9n",
        "Payload": b'{"errorMessage":"x"}',
    }
    response = rest_json.encode_response(LAMBDA.operation_model("Invoke"), output, "r")
    assert response.status == 202
    assert response.body == b'{"errorMessage":"x"}'
    headers = dict(response.headers)
    assert headers["X-Amz-Function-Error"] == "Unhandled"
    assert headers["X-Amz-Log-Result"] == "bG9n"
    assert headers["X-Amz-Executed-Version"] == "$LATEST"


def test_an_output_that_the_model_does_not_know_is_a_bug() -> None:
    with pytest.raises(ValueError, match="has no member apiId"):
        rest_json.encode_response(API.operation_model("GetApi"), {"apiId": "a"}, "r")
    with pytest.raises(ValueError, match="has no output"):
        rest_json.encode_response(API.operation_model("DeleteApi"), {"apiId": "a"}, "r")


@pytest.mark.parametrize(
    ("model", "error", "body"),
    [
        (
            API,
            ServiceError("NotFoundException", "m", 404, members={"ResourceType": "Api"}),
            {"message": "m", "resourceType": "Api"},
        ),
        (API, ServiceError("BadRequestException", "m"), {"message": "m"}),
        (LAMBDA, ServiceError("ResourceNotFoundException", "m", 404), {"Type": "User", "Message": "m"}),
        (LAMBDA, ServiceError("ResourceConflictException", "m", 409), {"Type": "User", "message": "m"}),
        (
            LAMBDA,
            ServiceError("ServiceException", "m", 500, sender_fault=False),
            {"Type": "Service", "Message": "m"},
        ),
        (LAMBDA, ServiceError("ValidationException", "m"), {"message": "m"}),
        (None, ServiceError("NotImplemented", "m", 501), {"message": "m"}),
    ],
)
def test_an_error_is_spelled_as_the_model_says(model: Any, error: ServiceError, body: dict[str, str]) -> None:
    response = rest_json.encode_error(model, error, "r")
    assert response.status == error.status
    assert dict(response.headers)["x-amzn-ErrorType"] == error.code
    assert json.loads(response.body) == body
