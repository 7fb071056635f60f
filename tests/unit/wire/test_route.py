import pytest

from sekisho.kernel.errors import ServiceError
from sekisho.wire import json11, query, rest_json
from sekisho.wire.http import Request
from sekisho.wire.route import NotServedError, Routed, error_protocol, route

FORM = "application/x-www-form-urlencoded; charset=utf-8"


def signed(service: str, method: str = "POST", path: str = "/", body: bytes = b"", **headers: str) -> Request:
    authorization = (
        f"AWS4-HMAC-SHA256 Credential=AKIA/20261121/eu-west-1/{service}/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=00"
    )
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Request(method, path, "", {"authorization": authorization, **named}, body)


@pytest.mark.parametrize(
    ("request_", "service", "protocol"),
    [
        (
            signed("elasticloadbalancing", body=b"Action=X&Version=2015-12-01", content_type=FORM),
            "elbv2",
            query,
        ),
        (signed("cloudformation"), "cloudformation", query),
        (signed("cognito-idp", x_amz_target="Whatever.X"), "cognito-idp", json11),
        (signed("apigateway", path="/v2/apis"), "apigatewayv2", rest_json),
        (signed("lambda", path="/2015-03-31/functions"), "lambda", rest_json),
    ],
)
def test_the_credential_scope_says_the_service(request_: Request, service: str, protocol: object) -> None:
    assert route(request_) == Routed(service, protocol, "eu-west-1", "AKIA")  # type: ignore[arg-type]


def test_a_presigned_request() -> None:
    credential = "X-Amz-Credential=AKIA%2F20261121%2Feu-west-1%2Flambda%2Faws4_request"
    routed = route(Request("GET", "/2015-03-31/functions", credential, {}, b""))
    assert routed == Routed("lambda", rest_json, "eu-west-1", "AKIA")


@pytest.mark.parametrize(
    ("request_", "service"),
    [
        (
            Request(
                "POST", "/", "", {"x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth"}, b"{}"
            ),
            "cognito-idp",
        ),
        (Request("POST", "/", "", {"content-type": FORM}, b"Action=A&Version=2015-12-01"), "elbv2"),
        (Request("POST", "/", "", {"content-type": FORM}, b"Action=A&Version=2010-05-15"), "cloudformation"),
        (Request("GET", "/", "Action=A&Version=2015-12-01", {}, b""), "elbv2"),
        (Request("GET", "/v2/apis/abc/routes", "", {}, b""), "apigatewayv2"),
        (Request("POST", "/2015-03-31/functions/f/invocations", "", {}, b"{}"), "lambda"),
    ],
)
def test_an_unsigned_request_is_told_by_target_action_or_path(request_: Request, service: str) -> None:
    routed = route(request_)
    assert (routed.service, routed.region, routed.access_key) == (service, None, None)


@pytest.mark.parametrize(
    ("request_", "service", "protocol"),
    [
        (signed("s3", "GET", "/bucket"), "s3", query),
        (signed("sts", body=b"Action=GetCallerIdentity&Version=2011-06-15", content_type=FORM), "sts", query),
        (signed("ssm", x_amz_target="AmazonSSM.GetParameter"), "ssm", json11),
        (signed("eks", "GET", "/clusters"), "eks", rest_json),
        (signed("apigateway", "GET", "/restapis"), "apigateway (REST APIs)", rest_json),
        (
            signed("elasticloadbalancing", body=b"Action=X&Version=2012-06-01", content_type=FORM),
            "elasticloadbalancing 2012-06-01 (classic load balancers)",
            query,
        ),
        (Request("POST", "/", "", {"x-amz-target": "AmazonSSM.X"}, b""), "targetPrefix 'AmazonSSM'", json11),
        (Request("GET", "/", "Action=X&Version=2011-06-15", {}, b""), "apiVersion '2011-06-15'", query),
    ],
)
def test_a_service_that_is_not_served_is_named(request_: Request, service: str, protocol: object) -> None:
    with pytest.raises(NotServedError) as caught:
        route(request_)
    assert caught.value.service == service
    assert caught.value.status == 501
    assert caught.value.message.startswith(f"Sekisho does not serve {service}; ")
    assert error_protocol(request_) is protocol


def test_a_path_that_nobody_has() -> None:
    request = Request("GET", "/favicon.ico", "", {}, b"")
    with pytest.raises(ServiceError, match=r"Could not find operation GET /favicon\.ico") as caught:
        route(request)
    assert caught.value.status == 404
    assert error_protocol(request) is rest_json


def test_a_form_that_is_not_utf8_is_refused_as_xml() -> None:
    request = signed("elasticloadbalancing", body=b"\xff", content_type=FORM)
    with pytest.raises(ServiceError, match="not a UTF-8 form"):
        route(request)
    assert error_protocol(request) is query
