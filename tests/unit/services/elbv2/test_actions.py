from typing import Any

import pytest

from .conftest import CERTIFICATE, FIXED, JWT, Account


def jwt(order: int = 1, **config: Any) -> dict[str, Any]:
    return {"Type": "jwt-validation", "Order": order, "JwtValidationConfig": {**JWT, **config}}


def claims(count: int, **changes: Any) -> list[dict[str, Any]]:
    claim = {"Format": "single-string", "Values": ["v"], **changes}
    return [{"Name": f"claim{number}", **claim} for number in range(count)]


def fixed(order: int | None = None) -> dict[str, Any]:
    return {**FIXED, "Order": order} if order else dict(FIXED)


def create(account: Account, actions: list[dict[str, Any]], protocol: str = "HTTPS") -> dict[str, Any]:
    return {
        "LoadBalancerArn": account.load_balancer(),
        "Port": 443,
        "Protocol": protocol,
        "DefaultActions": actions,
        **({"Certificates": [{"CertificateArn": CERTIFICATE}]} if protocol == "HTTPS" else {}),
    }


@pytest.mark.semantics("ELB-03")
def test_jwt_validation_is_refused_on_http(account: Account) -> None:
    error = account.refused("CreateListener", **create(account, [jwt(), fixed(2)], "HTTP"))
    assert error.code == "InvalidLoadBalancerAction"
    assert error.message == "Actions of type 'jwt-validation' are supported only on HTTPS listeners"


@pytest.mark.semantics("ELB-02")
@pytest.mark.parametrize(
    ("actions", "code", "text"),
    [
        (
            [jwt()],
            "InvalidLoadBalancerAction",
            "One action of the following types must be specified: redirect,fixed-response,forward",
        ),
        ([], "InvalidLoadBalancerAction", "One action of the following types must be specified"),
        ([fixed(1), jwt(2)], "InvalidLoadBalancerAction", "The last action must be one of"),
        ([fixed(1), fixed(2)], "TooManyActions", "actions per rule"),
        ([jwt(1), jwt(2), fixed(3)], "TooManyActions", "actions per rule"),
    ],
)
def test_one_terminal_action_stands_last(
    account: Account, actions: list[dict[str, Any]], code: str, text: str
) -> None:
    error = account.refused("CreateListener", **create(account, actions))
    assert error.code == code
    assert text in error.message


@pytest.mark.semantics("ELB-04")
def test_actions_are_performed_by_order(account: Account) -> None:
    listener = account.https_listener(account.load_balancer(), DefaultActions=[fixed(7), jwt(3)])
    described = account.call("DescribeListeners", ListenerArns=[listener])["Listeners"][0]["DefaultActions"]
    assert [(action["Type"], action["Order"]) for action in described] == [
        ("jwt-validation", 3),
        ("fixed-response", 7),
    ]


@pytest.mark.semantics("ELB-04")
@pytest.mark.parametrize("actions", [[jwt(1), fixed(1)], [jwt(1), fixed()]])
def test_orders_are_given_and_unique(account: Account, actions: list[dict[str, Any]]) -> None:
    assert account.refused("CreateListener", **create(account, actions)).code == "InvalidLoadBalancerAction"


@pytest.mark.semantics("ELB-05")
def test_the_config_is_described_as_it_was_given(account: Account) -> None:
    given = [
        {"Format": "space-separated-values", "Name": "scope", "Values": ["read:api", "write"]},
        {"Format": "string-array", "Name": "cognito:groups", "Values": ["z", "a"]},
        {"Format": "single-string", "Name": "aud", "Values": ["https://api"]},
        *claims(7, Values=["v" * 256] * 10),
    ]
    listener = account.https_listener(
        account.load_balancer(), DefaultActions=[jwt(1, AdditionalClaims=given, Issuer="i" * 256), fixed(2)]
    )
    described = account.call("DescribeListeners", ListenerArns=[listener])["Listeners"][0]["DefaultActions"][
        0
    ]
    assert described == jwt(1, AdditionalClaims=given, Issuer="i" * 256)


@pytest.mark.semantics("ELB-05")
@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"AdditionalClaims": claims(11)}, "ValidationError"),
        ({"AdditionalClaims": claims(1, Name="exp")}, "InvalidLoadBalancerAction"),
        ({"AdditionalClaims": claims(1, Name="iss")}, "InvalidLoadBalancerAction"),
        ({"AdditionalClaims": claims(1, Name="nbf")}, "InvalidLoadBalancerAction"),
        ({"AdditionalClaims": claims(1, Name="iat")}, "InvalidLoadBalancerAction"),
        ({"AdditionalClaims": claims(1, Name="")}, "ValidationError"),
        ({"AdditionalClaims": claims(1, Values=[])}, "ValidationError"),
        ({"AdditionalClaims": claims(1, Values=["v"] * 11)}, "ValidationError"),
        ({"AdditionalClaims": claims(1, Values=["v" * 257])}, "ValidationError"),
        ({"AdditionalClaims": claims(1, Format="space-separated-values", Values=["a b"])}, "ValidationError"),
        ({"AdditionalClaims": claims(1, Format="regex")}, "ValidationError"),
        ({"Issuer": "i" * 257}, "ValidationError"),
        ({"Issuer": ""}, "ValidationError"),
    ],
)
def test_what_breaks_a_limit_is_refused(account: Account, config: dict[str, Any], code: str) -> None:
    error = account.refused("CreateListener", **create(account, [jwt(1, **config), fixed(2)]))
    assert error.code == code


@pytest.mark.semantics("ELB-06")
@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/jwks",
        "https://example.com",
        "https:///jwks",
        "ftp://example.com/jwks",
        "example.com/jwks",
        "https://example.com:0/jwks",
        "https://example.com:99999/jwks",
        "https://user:pass@example.com/jwks",
        "https://example.com/a b",
        "https://example.com/jwks#keys",
        "http://127.0.0.1.example.com/jwks",
        "https://example.com/" + "a" * 240,
        "",
    ],
)
def test_a_jwks_endpoint_that_is_no_https_url_is_refused(account: Account, url: str) -> None:
    error = account.refused("CreateListener", **create(account, [jwt(1, JwksEndpoint=url), fixed(2)]))
    assert (error.code, "JwksEndpoint" in error.message) == ("ValidationError", True)


@pytest.mark.semantics("ELB-06")
@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/.well-known/jwks.json?v=1",
        "http://127.0.0.1:4566/jwks",
        "http://localhost/jwks",
        "http://issuer.localhost:8080/jwks",
        "http://[::1]:80/jwks",
    ],
)
def test_https_and_loopback_endpoints_are_taken(account: Account, url: str) -> None:
    account.call("CreateListener", **create(account, [jwt(1, JwksEndpoint=url), fixed(2)]))


@pytest.mark.parametrize(
    "action",
    [
        {"Type": "authenticate-cognito"},
        {"Type": "redirect"},
        {"Type": "fixed-response"},
        {"Type": "jwt-validation"},
        {"Type": "forward"},
        {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"Weight": 1}]}},
        {**FIXED, "RedirectConfig": {"StatusCode": "HTTP_301", "Port": "1"}},
        {
            **FIXED,
            "TargetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/a/" + "0" * 16,
        },
    ],
)
def test_config_and_type_belong_together(account: Account, action: dict[str, Any]) -> None:
    error = account.refused("CreateListener", **create(account, [action]))
    assert error.code == "InvalidLoadBalancerAction"


def test_authentication_by_the_load_balancer_is_refused_by_name(account: Account) -> None:
    config = {"UserPoolArn": "a", "UserPoolClientId": "b", "UserPoolDomain": "c"}
    action = {"Type": "authenticate-cognito", "AuthenticateCognitoConfig": config}
    error = account.refused("CreateListener", **create(account, [action, FIXED]))
    assert "'defaultActions.1.member.authenticateCognitoConfig'" in error.message


def test_a_fixed_response_is_described_as_it_was_given(account: Account) -> None:
    config = {"StatusCode": "403", "ContentType": "text/plain", "MessageBody": "Forbidden"}
    action = {"Type": "fixed-response", "FixedResponseConfig": config}
    listener = account.listener(account.load_balancer(), DefaultActions=[action])
    described = account.call("DescribeListeners", ListenerArns=[listener])["Listeners"][0]
    assert described["DefaultActions"] == [action]


@pytest.mark.parametrize(
    "config",
    [
        {"StatusCode": "302"},
        {"StatusCode": "20"},
        {"StatusCode": "200", "ContentType": "image/png"},
        {"StatusCode": "200", "MessageBody": "a" * 1025},
    ],
)
def test_a_fixed_response_outside_the_limits_is_refused(account: Account, config: dict[str, Any]) -> None:
    action = {"Type": "fixed-response", "FixedResponseConfig": config}
    assert account.refused("CreateListener", **create(account, [action])).code == "ValidationError"


@pytest.mark.semantics("ELB-08")
def test_a_redirect_is_described_with_its_placeholders(account: Account) -> None:
    action = {
        "Type": "redirect",
        "RedirectConfig": {"StatusCode": "HTTP_301", "Protocol": "HTTPS", "Port": "443"},
    }
    listener = account.listener(account.load_balancer(), DefaultActions=[action])
    described = account.call("DescribeListeners", ListenerArns=[listener])["Listeners"][0]["DefaultActions"][
        0
    ]
    assert described["RedirectConfig"] == {
        "Protocol": "HTTPS",
        "Port": "443",
        "Host": "#{host}",
        "Path": "/#{path}",
        "Query": "#{query}",
        "StatusCode": "HTTP_301",
    }


@pytest.mark.semantics("ELB-07")
@pytest.mark.parametrize("config", [{}, {"Query": "a=b"}, {"Host": "#{host}", "Path": "/#{path}"}])
def test_a_redirect_that_goes_nowhere_is_refused(account: Account, config: dict[str, Any]) -> None:
    action = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302", **config}}
    error = account.refused("CreateListener", **create(account, [action]))
    assert error.code == "InvalidLoadBalancerAction"
    assert "redirect loop" in error.message


@pytest.mark.parametrize(
    "config",
    [
        {"Protocol": "FTP"},
        {"Port": "0"},
        {"Port": "65536"},
        {"Port": "x"},
        {"Path": "no-slash"},
        {"Path": "/#{query}"},
        {"Host": "#{port}"},
        {"Host": "a\r\nSet-Cookie: b"},
        {"Query": "?a=b", "Port": "1"},
        {"Query": "#{secret}", "Port": "1"},
        {"Path": "/" + "a" * 128},
        {"StatusCode": "HTTP_307", "Port": "1"},
    ],
)
def test_a_redirect_outside_the_limits_is_refused(account: Account, config: dict[str, Any]) -> None:
    action = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302", **config}}
    assert account.refused("CreateListener", **create(account, [action])).code == "ValidationError"


def test_a_redirect_from_https_to_http_is_refused(account: Account) -> None:
    action = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302", "Protocol": "HTTP"}}
    assert account.refused("CreateListener", **create(account, [action])).code == "InvalidLoadBalancerAction"
