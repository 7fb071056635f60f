"""What ``explain`` says of the routes of an HTTP API."""

from typing import Any

import pytest

from .harness import Gateway, Issuer


@pytest.fixture(scope="module")
def api_id(gateway: Gateway, issuer: Issuer) -> str:
    api_id = gateway.create()
    target = gateway.proxy(api_id)
    authorizer = gateway.jwt(api_id, issuer.url)
    gateway.route(api_id, "GET /open", target)
    gateway.route(api_id, "GET /closed/{id}", target, AuthorizationType="JWT", AuthorizerId=authorizer)
    gateway.route(api_id, "GET /signed", target, AuthorizationType="AWS_IAM")
    gateway.stage(api_id, "prod")
    return api_id


def explain(gateway: Gateway, url: str, **more: Any) -> dict[str, Any]:
    return dict(gateway.server.post("/_sekisho/explain", {"url": url, **more}))


def test_a_route_is_named_by_its_key_and_api(gateway: Gateway, issuer: Issuer, api_id: str) -> None:
    base, name = gateway.url(api_id), f"API test ({api_id}, stage prod)"
    opened = explain(gateway, f"{base}/prod/open")
    assert opened["why"].startswith(
        f"Allowed: route GET /open of {name} has no JWT guard; it is forwarded to "
    )
    allowed = explain(gateway, f"{base}/prod/closed/1", token=issuer.token())
    assert f"checks of route GET /closed/{{id}} of {name}; it is forwarded to " in allowed["why"]
    assert allowed["edge"]["agrees"] is True
    assert explain(gateway, f"{base}/prod/closed/1")["status"] == 401
    signed = explain(gateway, f"{base}/prod/signed")
    assert signed["why"].endswith(
        "provided that it is signed as AWS_IAM wants it, which is not looked at here."
    )


@pytest.mark.parametrize(
    ("path", "title"), [("/prod/none", "no route of API test ("), ("/none", "no stage of ")]
)
def test_what_nothing_takes_is_not_found(gateway: Gateway, api_id: str, path: str, title: str) -> None:
    answer = explain(gateway, f"{gateway.url(api_id)}{path}")
    assert answer["why"].startswith(f"Not found: {title}")
    assert (answer["decision"], answer["status"], answer["rule"]) == ("deny", 404, "")


def test_the_name_of_an_api_on_aws(gateway: Gateway, api_id: str) -> None:
    url = f"https://{api_id}.execute-api.us-east-1.amazonaws.com/prod/open"
    assert explain(gateway, url)["listener"] == f"arn:aws:apigateway:us-east-1::/apis/{api_id}"
