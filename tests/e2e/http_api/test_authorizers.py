"""Lambda authorizers and AWS_IAM on a real edge."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.session import Session
from tests.support.functions import archive, make_function
from tests.support.process import REGION, ServerProcess, running

from .harness import Gateway, asking

FORBIDDEN = (403, '{"message":"Forbidden"}')
UNAUTHORIZED = (401, '{"message":"Unauthorized"}')
FAILED = (500, '{"message":"Internal Server Error"}')

SOURCE = """
import json, os, time

CALLS = {"n": 0}

def word(event):
    return (event.get("headers") or {}).get("x-word", "")

def simple(event, context):
    CALLS["n"] += 1
    said = word(event)
    if said == "crash":
        raise RuntimeError("no")
    if said == "unauthorized":
        raise Exception("Unauthorized")
    if said == "shape":
        return {"authorized": True}
    return {"isAuthorized": said.startswith("yes"), "context": {"calls": CALLS["n"], "event": json.dumps(event)}}

def policy(event, context):
    said = word(event)
    arn = event.get("routeArn") or event["methodArn"]
    effect = "Allow" if said.startswith("yes") else "Deny"
    resource = arn if said != "yes elsewhere" else arn + "/x"
    return {
        "principalId": "somebody",
        "policyDocument": {"Version": "2012-10-17", "Statement": [
            {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}]},
        "context": {"event": json.dumps(event), "n": 1, **({"claims": {}} if said == "yes claims" else {})},
    }

def echo(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
"""


@pytest.fixture(scope="module")
def functions(sekisho_server: ServerProcess) -> dict[str, str]:
    """The functions by name, which anybody may call for API Gateway."""
    lambda_ = sekisho_server.client("lambda")
    found = {}
    for name in ("simple", "policy", "echo"):
        found[name] = make_function(lambda_, name, archive(index__py=SOURCE), Handler=f"index.{name}")
        lambda_.add_permission(
            FunctionName=name,
            StatementId="any",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
        )
    return found


def custom(
    gateway: Gateway, api_id: str, function: str, version: str = "2.0", **params: Any
) -> dict[str, str]:
    made = gateway.api.create_authorizer(
        ApiId=api_id,
        Name=f"a{len(gateway.api.get_authorizers(ApiId=api_id)['Items'])}",
        AuthorizerType="REQUEST",
        AuthorizerUri=function,
        AuthorizerPayloadFormatVersion=version,
        **{"IdentitySource": ["$request.header.x-word"], **params},
    )
    return {"AuthorizationType": "CUSTOM", "AuthorizerId": made["AuthorizerId"]}


@pytest.fixture(scope="module")
def client(gateway: Gateway, functions: dict[str, str]) -> Iterator[httpx.Client]:
    api_id = gateway.create()
    echo = gateway.function(api_id, functions["echo"])
    old = gateway.function(api_id, functions["echo"], "1.0")
    mapping = {"append:header.x-who": "$context.authorizer.principalId"}
    proxy = gateway.proxy(api_id, RequestParameters=mapping)
    simple = custom(gateway, api_id, functions["simple"], EnableSimpleResponses=True)
    kept = custom(
        gateway, api_id, functions["simple"], EnableSimpleResponses=True, AuthorizerResultTtlInSeconds=300
    )
    policy = custom(gateway, api_id, functions["policy"])
    policy_old = custom(gateway, api_id, functions["policy"], "1.0", IdentitySource=[])
    sources = ["$request.header.x-word", "$request.header.Host"]
    host = custom(gateway, api_id, functions["simple"], EnableSimpleResponses=True, IdentitySource=sources)
    gateway.route(api_id, "GET /host", echo, **host)
    gateway.route(api_id, "ANY /simple/{id}", echo, **simple)
    gateway.route(api_id, "GET /kept", echo, **kept)
    gateway.route(api_id, "GET /policy", echo, **policy)
    gateway.route(api_id, "GET /policy/old", old, **policy_old)
    gateway.route(api_id, "GET /proxy", proxy, **policy)
    gateway.route(api_id, "GET /open", proxy)
    callers = {
        "append:header.x-arn": "$context.identity.userArn",
        "append:header.x-no": "$context.authorizer.userArn",
    }
    signed_proxy = gateway.proxy(api_id, RequestParameters=callers)
    gateway.route(api_id, "GET /iam/proxy", signed_proxy, AuthorizationType="AWS_IAM")
    gateway.route(api_id, "ANY /iam", echo, AuthorizationType="AWS_IAM")
    gateway.route(api_id, "ANY /iam/old", old, AuthorizationType="AWS_IAM")
    gateway.stage(api_id, StageVariables={"v": "1"})
    with asking(gateway.url(api_id)) as found:
        yield found


def ask(client: httpx.Client, path: str, word: str | None) -> httpx.Response:
    return client.get(path, headers={} if word is None else {"x-word": word})


def seen(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.text


@pytest.mark.semantics("HTTP-AUTH-01", "HTTP-AUTH-02", "HTTP-AUTH-03")
def test_simple_responses(client: httpx.Client) -> None:
    allowed = ask(client, "/simple/7?q=1", "yes")
    assert allowed.status_code == 200
    authorizer = allowed.json()["requestContext"]["authorizer"]
    assert authorizer.keys() == {"lambda"}
    event = json.loads(authorizer["lambda"]["event"])
    assert (event["version"], event["type"]) == ("2.0", "REQUEST")
    assert event["identitySource"] == ["yes"]
    assert event["routeArn"].endswith("/$default/GET/simple/7")
    assert event["routeKey"] == "ANY /simple/{id}"
    assert event["pathParameters"] == {"id": "7"}
    assert event["stageVariables"] == {"v": "1"}
    assert event["queryStringParameters"] == {"q": "1"}
    assert event["requestContext"]["requestId"] == allowed.headers["apigw-requestid"]
    assert not [name for name in event["headers"] if name.startswith("x-sekisho")]
    assert seen(ask(client, "/simple/7", "no")) == FORBIDDEN
    assert seen(ask(client, "/simple/7", None)) == UNAUTHORIZED
    assert seen(ask(client, "/simple/7", "crash")) == FAILED
    assert seen(ask(client, "/simple/7", "shape")) == FAILED
    assert seen(ask(client, "/simple/7", "unauthorized")) == UNAUTHORIZED


@pytest.mark.semantics("HTTP-AUTH-02")
def test_policies(client: httpx.Client) -> None:
    assert ask(client, "/policy", "yes").json()["requestContext"]["authorizer"]["lambda"]["n"] == 1
    assert seen(ask(client, "/policy", "no")) == FORBIDDEN
    assert seen(ask(client, "/policy", "yes elsewhere")) == FORBIDDEN
    old = ask(client, "/policy/old", "yes").json()["requestContext"]["authorizer"]
    assert old["principalId"] == "somebody"
    event = json.loads(old["event"])
    assert event["version"] == "1.0"
    assert event["methodArn"].endswith("/$default/GET/policy/old")
    assert event["identitySource"] is None


@pytest.mark.semantics("HTTP-AUTH-05")
def test_an_answer_of_format_1_0_has_no_claims(client: httpx.Client) -> None:
    assert seen(ask(client, "/policy/old", "yes claims")) == FAILED
    assert ask(client, "/policy", "yes claims").status_code == 200


@pytest.mark.semantics("HTTP-AUTH-06", "HTTP-AUTH-01")
def test_an_authorizer_sees_what_the_integration_sees(client: httpx.Client) -> None:
    """Host among it, which can be an identity source too."""
    sent = {"x-word": "yes", "x-forwarded-for": "192.0.2.7", "host": "api.example"}
    function = client.get("/host", headers=sent).json()
    asked = json.loads(function["requestContext"]["authorizer"]["lambda"]["event"])
    assert asked["identitySource"] == ["yes", "api.example"]
    assert asked["headers"] == function["headers"]
    assert asked["headers"]["x-forwarded-for"] == "192.0.2.7,127.0.0.1"
    assert asked["headers"]["x-forwarded-proto"] == "https"


def test_an_endpoint_behind_an_authorizer(client: httpx.Client) -> None:
    answer = ask(client, "/proxy", "yes")
    headers = dict(answer.json()["headers"])
    assert headers["x-who"] == "somebody"
    assert "x-sekisho-authorizer" not in headers
    assert seen(ask(client, "/proxy", "no")) == FORBIDDEN


@pytest.mark.semantics("HTTP-AUTH-04")
def test_answers_are_kept(client: httpx.Client) -> None:
    def calls(path: str) -> int:
        return int(ask(client, path, "yes kept").json()["requestContext"]["authorizer"]["lambda"]["calls"])

    first = calls("/kept")
    assert calls("/kept") == first
    assert calls("/simple/1") > first
    assert calls("/simple/1") > first + 1


def test_a_route_without_questions_is_not_asked_about(client: httpx.Client) -> None:
    assert client.get("/open").status_code == 200
    assert client.get("/%6Fpen").status_code == 200
    assert seen(ask(client, "/%73imple/7", "no")) == FORBIDDEN
    assert ask(client, "/%73imple/7", "yes").status_code == 200


def signed(
    client: httpx.Client, method: str, path: str, body: bytes = b"", secret: str = "any"
) -> httpx.Request:
    url = f"{client.base_url}".rstrip("/") + path
    request = AWSRequest(method=method, url=url, data=body)
    SigV4Auth(Credentials("AKIDEXAMPLE", secret), "execute-api", "us-east-1").add_auth(request)
    return client.build_request(method, path, headers=dict(request.headers.items()), content=body)


@pytest.mark.semantics("HTTP-IAM-01")
def test_signed_requests(client: httpx.Client) -> None:
    answer = client.send(signed(client, "POST", "/iam?a=b", b"body"))
    assert answer.status_code == 200
    iam = answer.json()["requestContext"]["authorizer"]["iam"]
    assert iam["accessKey"] == "AKIDEXAMPLE"
    old = client.send(signed(client, "GET", "/iam/old")).json()["requestContext"]["identity"]
    assert old["accessKey"] == "AKIDEXAMPLE"
    mapped = dict(client.send(signed(client, "GET", "/iam/proxy")).json()["headers"])
    assert mapped["x-arn"] == "arn:aws:iam::000000000000:user/AKIDEXAMPLE"
    assert "x-no" not in mapped
    assert seen(client.get("/iam")) == FORBIDDEN
    assert seen(client.get("/iam", headers={"authorization": "Bearer x"})) == FORBIDDEN


@pytest.mark.semantics("HTTP-IAM-01")
def test_signatures_are_verified_once_keys_are_configured(backend: str) -> None:
    keys = "AKIDEXAMPLE:secret"
    with running("serve", "--ephemeral", "--port", "0", SEKISHO_ACCESS_KEYS=keys) as server:
        client = Session().create_client(
            "apigatewayv2",
            region_name=REGION,
            endpoint_url=server.url,
            aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="secret",
        )
        gateway = Gateway(server, backend, client)
        api_id = gateway.create()
        gateway.route(api_id, "ANY /iam", gateway.proxy(api_id), AuthorizationType="AWS_IAM")
        gateway.stage(api_id)
        with asking(gateway.url(api_id)) as http:
            good = signed(http, "POST", "/iam?a=b%20c", b"body", "secret")
            assert http.send(good).status_code == 200
            assert seen(http.send(signed(http, "POST", "/iam", b"body", "other"))) == FORBIDDEN
            tampered = signed(http, "POST", "/iam", b"body", "secret")
            bent = http.build_request("POST", "/iam", headers=tampered.headers, content=b"BODY")
            assert seen(http.send(bent)) == FORBIDDEN
