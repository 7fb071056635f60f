"""Functions behind HTTP APIs: events, answers, permissions and failures, on a real edge with real workers."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.support.functions import archive, make_function
from tests.support.process import ServerProcess

from .harness import Gateway, Issuer, asking

SOURCE = """
import json, time

def handler(event, context):
    path = event.get("rawPath") or event.get("path")
    if path.endswith("/fail"):
        raise RuntimeError("no")
    if path.endswith("/slow"):
        time.sleep(3)
    if path.endswith("/plain"):
        return "plain text"
    if path.endswith("/informational"):
        return {"statusCode": 101}
    if path.endswith("/nonsense"):
        return {"statusCode": "many"}
    if path.endswith("/headers"):
        return {"statusCode": 418, "headers": {"WWW-Authenticate": "Basic", "Server": "mine", "x-one": 1,
            "Content-Length": "5"}, "cookies": ["a=b", "c=d"], "body": "tea"}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(event)}
"""


@pytest.fixture(scope="module")
def function(sekisho_server: ServerProcess) -> str:
    return make_function(sekisho_server.client("lambda"), "echo", archive(index__py=SOURCE))


def permit(gateway: Gateway, api_id: str, resource: str = "*/*") -> None:
    gateway.server.client("lambda").add_permission(
        FunctionName="echo",
        StatementId=f"api-{api_id}",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:us-east-1:000000000000:{api_id}/{resource}",
    )


@pytest.fixture(scope="module")
def api(gateway: Gateway, function: str, issuer: Issuer) -> Iterator[tuple[str, httpx.Client]]:
    """An API in both formats: ``/new`` and ``/old``, guarded below ``/jwt`` and ``/scoped``."""
    api_id = gateway.create()
    new = gateway.function(api_id, function)
    old = gateway.function(api_id, function, "1.0")
    quick = gateway.function(api_id, function, TimeoutInMillis=200)
    jwt = {"AuthorizationType": "JWT", "AuthorizerId": gateway.jwt(api_id, issuer.url)}
    gateway.route(api_id, "ANY /new/{proxy+}", new)
    gateway.route(api_id, "ANY /old/{proxy+}", old)
    gateway.route(api_id, "GET /jwt/{id}", new, **jwt)
    gateway.route(api_id, "GET /jwt/old/{id}", old, **jwt)
    gateway.route(api_id, "GET /scoped", new, **jwt, AuthorizationScopes=["a"])
    gateway.route(api_id, "GET /quick/slow", quick)
    gateway.stage(api_id)
    gateway.stage(api_id, "prod", StageVariables={"color": "red"})
    permit(gateway, api_id)
    with asking(gateway.url(api_id)) as client:
        yield api_id, client


def test_the_event_of_format_2_0(api: tuple[str, httpx.Client]) -> None:
    api_id, client = api
    answer = client.post(
        "/prod/new/a%20b/c?x=1&x=2&y=%26",
        headers=[("x-many", "1"), ("x-many", "2"), ("cookie", "a=1; b=2"), ("user-agent", "me")],
        json={"k": "v"},
    )
    event = answer.json()
    assert event["version"] == "2.0"
    assert event["routeKey"] == "ANY /new/{proxy+}"
    assert event["rawPath"] == "/prod/new/a b/c"
    assert event["rawQueryString"] == "x=1&x=2&y=%26"
    assert event["queryStringParameters"] == {"x": "1,2", "y": "&"}
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["headers"]["x-many"] == "1,2"
    assert "cookie" not in event["headers"]
    assert event["headers"]["x-forwarded-proto"] == "https"
    assert event["headers"]["x-amzn-trace-id"].startswith("Root=1-")
    assert not [name for name in event["headers"] if name.startswith(("x-sekisho", "x-envoy"))]
    assert event["pathParameters"] == {"proxy": "a b/c"}
    assert event["stageVariables"] == {"color": "red"}
    assert json.loads(event["body"]) == {"k": "v"}
    context = event["requestContext"]
    assert context["requestId"] == answer.headers["apigw-requestid"]
    assert context["domainName"] == f"{api_id}.execute-api.us-east-1.amazonaws.com"
    assert (context["stage"], context["apiId"]) == ("prod", api_id)
    assert context["http"] == {
        "method": "POST",
        "path": "/prod/new/a b/c",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "me",
    }
    assert "authorizer" not in context


def test_the_event_of_format_1_0(api: tuple[str, httpx.Client]) -> None:
    _, client = api
    event = client.get("/old/a?x=1&x=2", headers=[("x-many", "1"), ("x-many", "2")]).json()
    assert event["version"] == "1.0"
    assert event["path"] == "/old/a"
    assert event["resource"] == "/old/{proxy+}"
    assert event["multiValueHeaders"]["x-many"] == ["1", "2"]
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert event["pathParameters"] == {"proxy": "a"}
    assert event["stageVariables"] is None
    assert event["body"] is None
    assert event["requestContext"]["authorizer"] == {"claims": None, "scopes": None}


@pytest.mark.semantics("HTTP-EVENT-01", "HTTP-EVENT-07", "HTTP-EVENT-08")
def test_what_a_client_writes(api: tuple[str, httpx.Client]) -> None:
    """Format 1.0 keeps the client's spelling, and a Cookie header that comes twice is one list in format 2.0."""
    _, client = api
    url = client.base_url

    def event(path: str) -> Any:
        lines = (f"GET {path} HTTP/1.0", "Host: x", "X-API-Key: k", "Cookie: a=1; b=2", "cookie: c=3", "", "")
        with socket.create_connection((url.host, url.port or 80), timeout=20) as raw:
            raw.sendall("\r\n".join(lines).encode())
            answer = b"".join(iter(lambda: raw.recv(65536), b""))
        return json.loads(answer.partition(b"\r\n\r\n")[2])

    old, new = event("/old/a"), event("/new/a")
    assert old["headers"]["X-API-Key"] == "k"
    assert old["multiValueHeaders"]["Cookie"] == ["a=1; b=2", "c=3"]
    assert new["headers"]["x-api-key"] == "k"
    assert new["cookies"] == ["a=1", "b=2", "c=3"]
    assert new["requestContext"]["http"]["protocol"] == old["requestContext"]["protocol"] == "HTTP/1.1"


@pytest.mark.semantics("HTTP-EVENT-03", "HTTP-EVENT-04")
def test_claims_reach_the_function(api: tuple[str, httpx.Client], issuer: Issuer) -> None:
    _, client = api
    claims: dict[str, Any] = {"n": 12345678901234567890, "yes": True, "list": ["x", "y"], "scope": "a b"}
    headers = {"authorization": f"Bearer {issuer.token(**claims)}"}
    seen = client.get("/jwt/1", headers=headers).json()["requestContext"]["authorizer"]["jwt"]
    assert seen["scopes"] is None
    assert seen["claims"]["n"] == "12345678901234567890"
    assert seen["claims"]["yes"] == "true"
    assert seen["claims"]["list"] == "[x y]"
    assert seen["claims"]["exp"].isdecimal()
    scoped = client.get("/scoped", headers=headers).json()["requestContext"]["authorizer"]["jwt"]
    assert scoped["scopes"] == ["a", "b"]
    old = client.get("/jwt/old/1", headers=headers).json()["requestContext"]["authorizer"]
    assert old["claims"] == seen["claims"]
    assert old["scopes"] is None


@pytest.mark.semantics("HTTP-LAMBDA-03", "HTTP-EDGE-07")
def test_answers(api: tuple[str, httpx.Client]) -> None:
    _, client = api
    plain = client.get("/new/plain")
    assert (plain.status_code, plain.text) == (200, "plain text")
    assert plain.headers["content-type"] == "application/json"
    answer = client.get("/new/headers")
    assert (answer.status_code, answer.text) == (418, "tea")
    assert answer.headers["content-type"] == "text/plain;charset=utf-8"
    assert answer.headers.get_list("set-cookie") == ["a=b", "c=d"]
    assert answer.headers["x-amzn-remapped-www-authenticate"] == "Basic"
    assert answer.headers["x-amzn-remapped-server"] == "mine"
    assert answer.headers["x-amzn-remapped-content-length"] == "5"
    assert answer.headers.keys() & {"www-authenticate", "server", "x-sekisho-reason"} == set()


@pytest.mark.semantics("HTTP-LAMBDA-01")
@pytest.mark.parametrize("path", ["/new/fail", "/new/nonsense", "/new/informational", "/old/plain"])
def test_failures(api: tuple[str, httpx.Client], path: str) -> None:
    _, client = api
    answer = client.get(path)
    assert (answer.status_code, answer.text) == (500, '{"message":"Internal Server Error"}')
    assert answer.headers["content-type"] == "application/json"
    assert "x-sekisho-reason" not in answer.headers


@pytest.mark.semantics("HTTP-EDGE-03")
def test_the_number_of_headers_does_not_count(api: tuple[str, httpx.Client]) -> None:
    _, client = api
    many = {f"x-{number}": "v" for number in range(900)}
    assert client.get("/new/a", headers=many).json()["headers"].items() >= many.items()


@pytest.mark.semantics("HTTP-LAMBDA-05")
@pytest.mark.parametrize(
    ("size", "kind", "status"), [(6, "text/plain", 200), (6.291, "text/plain", 413), (4.8, "x/y", 413)]
)
def test_the_size_of_an_event(api: tuple[str, httpx.Client], size: float, kind: str, status: int) -> None:
    _, client = api
    body = b"x" * int(size * 1_000_000)
    answer = client.post("/new/plain", content=body, headers={"content-type": kind})
    assert answer.status_code == status
    if status == 413:
        assert answer.text == '{"message":"Request Entity Too Large"}'


@pytest.mark.semantics("HTTP-EDGE-05")
def test_an_integration_that_takes_too_long(api: tuple[str, httpx.Client]) -> None:
    _, client = api
    answer = client.get("/quick/slow")
    assert (answer.status_code, answer.text) == (503, '{"message":"Service Unavailable"}')


@pytest.mark.semantics("HTTP-LAMBDA-02")
@pytest.mark.parametrize(
    ("resource", "status"),
    [("*/*/hello", 200), ("$default/GET/hello", 200), ("*/POST/hello", 500), ("*/*/other", 500), (None, 500)],
)
def test_a_function_answers_whom_its_policy_lets_in(
    gateway: Gateway, function: str, resource: str | None, status: int
) -> None:
    api_id = gateway.create()
    gateway.route(api_id, "GET /hello", gateway.function(api_id, function))
    gateway.stage(api_id)
    if resource is not None:
        permit(gateway, api_id, resource)
    with asking(gateway.url(api_id)) as client:
        assert client.get("/hello").status_code == status


@pytest.mark.semantics("HTTP-LAMBDA-06")
def test_a_stage_chooses_the_function(gateway: Gateway, function: str) -> None:
    api_id = gateway.create()
    named = function.removesuffix("echo") + "${stageVariables.function}"
    invoked = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{named}/invocations"
    gateway.route(api_id, "GET /named", gateway.function(api_id, named))
    gateway.route(api_id, "GET /invoked", gateway.function(api_id, invoked))
    gateway.stage(api_id, StageVariables={"function": "echo"})
    gateway.stage(api_id, "bare")
    permit(gateway, api_id)
    with asking(gateway.url(api_id)) as client:
        assert client.get("/named").json()["routeKey"] == "GET /named"
        assert client.get("/invoked").json()["routeKey"] == "GET /invoked"
        assert client.get("/bare/named").status_code == 500
    codes = [each["code"] for each in gateway.server.get("/_sekisho/diagnostics")]
    assert "stage-variable-missing" in codes


def test_a_stage_with_all_the_variables_that_it_may_have(gateway: Gateway, function: str) -> None:
    """They are more than Envoy lets one header hold: what it refuses would leave the whole API as it was before."""
    api_id = gateway.create()
    gateway.route(api_id, "GET /", gateway.function(api_id, function))
    variables = {f"v{number}": f"{number:=^512}" for number in range(100)}
    gateway.stage(api_id, StageVariables=variables)
    permit(gateway, api_id)
    with asking(gateway.url(api_id)) as client:
        event = client.get("/").json()
    assert event["stageVariables"] == variables
    assert event["routeKey"] == "GET /"
    assert gateway.server.get("/_sekisho/health")["parts"]["delivery"] == "ok"


def test_quick_create(gateway: Gateway, function: str) -> None:
    api_id = gateway.create(Target=function)
    permit(gateway, api_id, "$default/$default")
    with asking(gateway.url(api_id)) as client:
        event = client.get("/any/thing").json()
    assert event["routeKey"] == "$default"
    assert "pathParameters" not in event
