import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.kernel.errors import ServiceError
from sekisho.wire import json11
from sekisho.wire.http import Request
from sekisho.wire.models import load_service_model

COGNITO = load_service_model("cognito-idp")
TARGET = "AWSCognitoIdentityProviderService"


def call(operation: str, body: Any, target: str = TARGET) -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request("POST", "/", "", {"x-amz-target": f"{target}.{operation}"}, raw)


def refusal(request: Request) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        json11.decode_request(COGNITO, request)
    return caught.value


def test_null_means_absent_and_a_type_hint_is_skipped() -> None:
    body = {"__type": "x", "PoolName": "p", "Policies": None, "UserPoolTags": {"a": "b"}}
    assert json11.decode_request(COGNITO, call("CreateUserPool", body)) == (
        "CreateUserPool",
        {"PoolName": "p", "UserPoolTags": {"a": "b"}},
    )


def test_an_empty_body_has_no_parameters() -> None:
    assert json11.decode_request(COGNITO, call("ListUserPools", b"")) == ("ListUserPools", {})


@pytest.mark.parametrize("request_", [call("Fly", {}), call("ListUserPools", {}, "Other"), call("", {}, "")])
def test_an_unknown_operation(request_: Request) -> None:
    error = refusal(request_)
    assert (error.code, error.status) == ("UnknownOperationException", 400)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b'{"PoolName": NaN}',
        b"nonsense",
        b"[" * 100_000,
        b'{"a":' + b"1" * 5000 + b"}",
        b'"\xed\xa0\x80"',
    ],
)
def test_a_body_that_is_not_json(body: bytes) -> None:
    error = refusal(call("CreateUserPool", body))
    assert (error.code, error.status) == ("SerializationException", 400)
    assert error.message.startswith("Could not parse request body into json: ")
    assert len(error.message) < 120


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], "Start of list found where not expected"),
        ("x", "STRING_VALUE found where not expected"),
        ({"PoolName": 1}, "NUMBER_VALUE can not be converted to a String at 'poolName'"),
        ({"PoolName": True}, "TRUE_VALUE can not be converted to a String at 'poolName'"),
        ({"PoolName": {}}, "Start of structure or map found where not expected at 'poolName'"),
        ({"AliasAttributes": "x"}, "STRING_VALUE can not be converted to a List at 'aliasAttributes'"),
        (
            {"AliasAttributes": [1]},
            "NUMBER_VALUE can not be converted to a String at 'aliasAttributes.1.member'",
        ),
        ({"Policies": []}, "Start of list found where not expected at 'policies'"),
        (
            {"Policies": {"PasswordPolicy": {"MinimumLength": "8"}}},
            "STRING_VALUE can not be converted to an Integer at 'policies.passwordPolicy.minimumLength'",
        ),
        (
            {"Policies": {"PasswordPolicy": {"MinimumLength": 8.5}}},
            "NUMBER_VALUE can not be converted to an Integer at 'policies.passwordPolicy.minimumLength'",
        ),
        ({"PoolName": "\ud800"}, "STRING_VALUE is not valid Unicode at 'poolName'"),
    ],
)
def test_a_wrong_type_is_named(body: Any, message: str) -> None:
    error = refusal(call("CreateUserPool", body))
    assert error.code == "SerializationException"
    assert error.message == message


def test_bad_base64_is_named() -> None:
    error = refusal(call("SetUICustomization", {"UserPoolId": "a_b", "ImageFile": "%%%"}))
    assert error.message == "STRING_VALUE can not be converted to a Blob: it is not base64 at 'imageFile'"


def test_an_unknown_member_is_refused() -> None:
    error = refusal(call("CreateUserPool", {"PoolName": "p", "poolname": "q"}))
    assert error.code == "InvalidParameterException"
    assert "Value at 'poolname' failed to satisfy constraint: Member is not known" in error.message


def test_times_are_epoch_seconds_with_milliseconds() -> None:
    output = {"UserPool": {"Id": "a_b", "CreationDate": datetime(2026, 11, 21, 0, 0, 0, 123999, tzinfo=UTC)}}
    response = json11.encode_response(COGNITO.operation_model("DescribeUserPool"), output, "id-1")
    assert response.body == b'{"UserPool":{"Id":"a_b","CreationDate":1795219200.123}}'
    assert dict(response.headers) == {
        "Content-Type": "application/x-amz-json-1.1",
        "x-amzn-RequestId": "id-1",
    }


def test_an_operation_without_output_has_an_empty_body() -> None:
    operation = COGNITO.operation_model("DeleteUserPool")
    assert json11.encode_response(operation, {}, "r").body == b""
    with pytest.raises(ValueError, match="has no output"):
        json11.encode_response(operation, {"a": 1}, "r")


def test_an_output_without_members_is_an_empty_object() -> None:
    assert json11.encode_response(COGNITO.operation_model("AdminEnableUser"), {}, "r").body == b"{}"


def test_an_error_does_not_split_the_headers() -> None:
    error = ServiceError(
        "InvalidParameterException", "bad\r\nSet-Cookie: x \u00e4", members={"reasonCode": "R"}
    )
    response = json11.encode_error(COGNITO, error, "id-1")
    assert response.status == 400
    assert json.loads(response.body) == {
        "__type": "InvalidParameterException",
        "message": "bad\r\nSet-Cookie: x \u00e4",
        "reasonCode": "R",
    }
    headers = dict(response.headers)
    assert headers["x-amzn-ErrorType"] == "InvalidParameterException:"
    assert headers["x-amzn-ErrorMessage"] == "bad??Set-Cookie: x ?"


def test_an_error_that_is_cut_before_a_space_has_a_legal_header() -> None:
    error = ServiceError("InvalidParameterException", f"{'x' * 1023} and more")
    headers = dict(json11.encode_error(COGNITO, error, "id-1").headers)
    assert headers["x-amzn-ErrorMessage"] == "x" * 1023
