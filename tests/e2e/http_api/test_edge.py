"""The gateway itself on a real edge: stages, limits, CORS, throttling, parameter mapping, domain names."""

import socket
import ssl
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.support.functions import make_listener

from .harness import Backend, Gateway, Issuer, asking

NOT_FOUND = (404, '{"message":"Not Found"}')
ORIGIN = "https://app.example"
CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"


def seen(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.text


def target(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json()["target"])


def headers(answer: httpx.Response) -> dict[str, str]:
    return dict(answer.json()["headers"])


# --- stages and routes ---------------------------------------------------------------------------------------


@pytest.mark.semantics("HTTP-ROUTE-01", "HTTP-ROUTE-07", "HTTP-EDGE-01", "HTTP-EDGE-02", "HTTP-EDGE-09")
def test_stages_and_routes(gateway: Gateway) -> None:
    api_id = gateway.create()
    gateway.route(api_id, "GET /pets/{id}", gateway.proxy(api_id, "/one/{id}"))
    gateway.route(api_id, "ANY /all/{proxy+}", gateway.proxy(api_id, "/base/{proxy}"))
    gateway.route(api_id, "GET /fixed", gateway.proxy(api_id, "/fixed/path?own=1"))
    gateway.route(api_id, "GET /search/{word}", gateway.proxy(api_id, "/search?word={word}&own=1"))
    gateway.stage(api_id)
    gateway.stage(api_id, "prod")
    with asking(gateway.url(api_id)) as client:
        assert target(client.get("/pets/7")) == "/one/7"
        assert target(client.get("/prod/pets/7?q=1")) == "/one/7?q=1"
        assert target(client.post("/all/a/b%20c/?q")) == "/base/a/b%20c/?q"
        assert target(client.get("/fixed?q=2")) == "/fixed/path?own=1&q=2"
        assert target(client.get("/search/a%20b&own=2?q=3")) == "/search?word=a%20b%26own%3D2&own=1&q=3"
        assert target(client.get("/all/x/../../pets/7")) == "/one/7"
        for method, path in (
            ("GET", "/"),
            ("POST", "/pets/7"),
            ("GET", "/pets/7/"),
            ("GET", "/prod"),
            ("GET", "/x"),
        ):
            answer = client.request(method, path)
            assert seen(answer) == NOT_FOUND
            assert answer.headers["content-type"] == "application/json"
            assert len(answer.headers["apigw-requestid"]) == 16
            assert answer.headers["apigw-requestid"].endswith("=")
        ids = {client.get("/").headers["apigw-requestid"] for _ in range(20)}
        assert len(ids) == 20


def test_a_stage_serves_what_was_deployed(gateway: Gateway) -> None:
    api_id = gateway.create()
    gateway.route(api_id, "GET /a", gateway.proxy(api_id))
    first = gateway.api.create_deployment(ApiId=api_id)["DeploymentId"]
    gateway.stage(api_id, AutoDeploy=False, DeploymentId=first)
    gateway.route(api_id, "GET /b", gateway.proxy(api_id))
    with asking(gateway.url(api_id)) as client:
        assert client.get("/a").status_code == 200
        assert seen(client.get("/b")) == NOT_FOUND
        gateway.api.create_deployment(ApiId=api_id, StageName="$default")
        assert client.get("/b").status_code == 200
        gateway.api.update_api(ApiId=api_id, DisableExecuteApiEndpoint=True)
        assert seen(client.get("/a")) == NOT_FOUND


def test_every_name_of_an_api_reaches_it(gateway: Gateway) -> None:
    api_id = gateway.create()
    gateway.route(api_id, "GET /", gateway.proxy(api_id))
    gateway.stage(api_id)
    url = httpx.URL(gateway.url(api_id))
    for host in (f"{api_id}.execute-api.localhost", f"{api_id}.execute-api.us-east-1.amazonaws.com"):
        answer = httpx.get(url, headers={"host": f"{host}:{url.port}"}, trust_env=False)
        assert answer.status_code == 200
        assert f"host={host}:{url.port}" in headers(answer)["forwarded"]


def test_stage_variables_in_a_url(gateway: Gateway) -> None:
    api_id = gateway.create()
    place = gateway.backend.removeprefix("http://")
    made = gateway.api.create_integration(
        ApiId=api_id,
        IntegrationType="HTTP_PROXY",
        IntegrationMethod="PUT",
        IntegrationUri="http://${stageVariables.place}/${stageVariables.path}/x",
    )
    gateway.route(api_id, "GET /", f"integrations/{made['IntegrationId']}")
    gateway.stage(api_id, StageVariables={"place": place, "path": "green"})
    gateway.stage(api_id, "bare")
    with asking(gateway.url(api_id)) as client:
        answer = client.get("/")
        assert (target(answer), answer.json()["method"]) == ("/green/x", "PUT")
        # EDGE-02: a route that cannot be carried out answers 500, and its diagnostic says why.
        assert client.get("/bare").status_code == 500
    codes = [each["code"] for each in gateway.server.get("/_sekisho/diagnostics")]
    assert "stage-variable-missing" in codes


# --- limits --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plain(gateway: Gateway) -> Iterator[httpx.Client]:
    """An API that hands everything to the backend, and ``/slow`` with a short time limit, ``/gone`` to nobody."""
    api_id = gateway.create()
    gateway.route(api_id, "ANY /{proxy+}", gateway.proxy(api_id, "/{proxy}"))
    gateway.route(api_id, "GET /slow", gateway.proxy(api_id, "/slow", TimeoutInMillis=100))
    gateway.route(api_id, "GET /gone", gateway.proxy(api_id, IntegrationUri="http://127.0.0.1:9/"))
    gateway.route(api_id, "GET /nowhere", gateway.proxy(api_id, IntegrationUri="http://nowhere.invalid/"))
    gateway.stage(api_id)
    with asking(gateway.url(api_id)) as client:
        yield client


def exchange(client: httpx.Client, request: bytes) -> bytes:
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=20) as raw:
        raw.sendall(request)
        received = b""
        while chunk := raw.recv(65536):
            received += chunk
        return received


def _with_header(size: int) -> bytes:
    return b"GET /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\nbig: " + b"x" * size + b"\r\n\r\n"


@pytest.mark.semantics("HTTP-EDGE-03")
def test_the_size_of_a_head(plain: httpx.Client) -> None:
    def status(size: int) -> int:
        # The request line and Host have 17 bytes and 1; Connection does not reach the limit.
        request = (
            b"GET /a HTTP/1.1\r\nhost: x\r\nbig: " + b"x" * (size - 18) + b"\r\nconnection: close\r\n\r\n"
        )
        return int(exchange(plain, request)[9:12])

    assert status(10240) == 200
    assert status(10241) == 431
    answer = exchange(plain, _with_header(10_240))
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert answer.endswith(b'{"message":"Request Header Fields Too Large"}')
    assert b"apigw-requestid: " in answer
    huge = exchange(plain, _with_header(70_000))
    assert huge.startswith(b"HTTP/1.1 431 ")
    assert b"apigw-requestid: " in huge


@pytest.mark.semantics("HTTP-EDGE-04")
def test_the_size_of_a_body(plain: httpx.Client) -> None:
    answer = exchange(plain, b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 10485761\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.endswith(b'{"message":"Request Entity Too Large"}')
    body = b"x" * (1 << 20)
    assert plain.post("/a", content=body).json()["body"] == body.decode()


def test_what_is_no_request(plain: httpx.Client) -> None:
    answer = exchange(plain, b"GET / HTTP/1.1\r\nno header\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b'{"message":"Bad Request"}')
    assert b"apigw-requestid: " in answer


@pytest.mark.semantics("HTTP-EDGE-10")
def test_one_host_is_enough(plain: httpx.Client) -> None:
    answer = exchange(plain, b"GET /a HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b'{"message":"Bad Request"}')
    assert b"apigw-requestid: " in answer


@pytest.mark.semantics("HTTP-EDGE-05")
@pytest.mark.parametrize("path", ["/slow", "/gone", "/nowhere"])
def test_an_endpoint_that_does_not_answer(plain: httpx.Client, path: str) -> None:
    answer = plain.get(path)
    Backend.slow.set()
    assert seen(answer) == (503, '{"message":"Service Unavailable"}')


@pytest.mark.semantics("HTTP-EDGE-07", "HTTP-EDGE-08")
def test_headers_of_an_endpoint(plain: httpx.Client) -> None:
    answer = plain.get(
        "/status/201", headers={"x-sekisho-call": "{}", "x-envoy-retry-on": "5xx", "via": "me"}
    )
    assert answer.status_code == 201
    sent = headers(answer)
    assert sent["via"] == "me,HTTP/1.1 AmazonAPIGateway" or sent["via"] == "HTTP/1.1 AmazonAPIGateway"
    assert sent["forwarded"].startswith("by=")
    assert "for=127.0.0.1" in sent["forwarded"]
    assert not [name for name in sent if name.startswith(("x-sekisho", "x-envoy"))]
    assert answer.headers["x-amzn-remapped-www-authenticate"] == "Basic"
    assert answer.headers["x-amzn-remapped-server"] == "backend/1"
    assert answer.headers.keys() & {"www-authenticate", "server"} == set()
    assert answer.headers["access-control-allow-origin"] == "https://backend.example"


@pytest.mark.semantics("HTTP-EDGE-06")
def test_throttling(gateway: Gateway) -> None:
    api_id = gateway.create()
    for path in ("a", "b", "closed"):
        gateway.route(api_id, f"GET /{path}", gateway.proxy(api_id))
    gateway.stage(
        api_id,
        DefaultRouteSettings={"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 0.5},
        RouteSettings={
            "GET /b": {"ThrottlingBurstLimit": 100, "ThrottlingRateLimit": 100},
            "GET /closed": {"ThrottlingRateLimit": 0},
        },
    )
    with asking(gateway.url(api_id)) as client:
        answers = [client.get("/a") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
        assert answers[-1].text == '{"message":"Too Many Requests"}'
        assert {client.get("/b").status_code for _ in range(20)} == {200}
        assert client.get("/closed").status_code == 429


# --- CORS ----------------------------------------------------------------------------------------------------

PREFLIGHT = {"origin": ORIGIN, "access-control-request-method": "GET"}


@pytest.fixture(scope="module")
def shared(gateway: Gateway, issuer: Issuer) -> Iterator[httpx.Client]:
    api_id = gateway.create(
        CorsConfiguration={
            "AllowOrigins": [ORIGIN, "http://*"],
            "AllowMethods": ["GET", "POST"],
            "AllowHeaders": ["x-one", "authorization"],
            "ExposeHeaders": ["x-two"],
            "AllowCredentials": True,
            "MaxAge": 60,
        }
    )
    jwt = {"AuthorizationType": "JWT", "AuthorizerId": gateway.jwt(api_id, issuer.url)}
    gateway.route(api_id, "GET /open", gateway.proxy(api_id))
    gateway.route(api_id, "GET /closed", gateway.proxy(api_id), **jwt)
    gateway.route(api_id, "ANY /any", gateway.proxy(api_id), **jwt)
    gateway.stage(api_id)
    with asking(gateway.url(api_id)) as client:
        yield client


@pytest.mark.semantics("HTTP-CORS-01", "HTTP-CORS-02", "HTTP-CORS-04")
def test_preflights(shared: httpx.Client) -> None:
    for path in ("/open", "/closed", "/missing"):
        answer = shared.options(path, headers=PREFLIGHT)
        assert seen(answer) == (204, "")
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-allow-methods"] == "GET,POST"
        assert answer.headers["access-control-allow-headers"] == "x-one,authorization"
        assert answer.headers["access-control-max-age"] == "60"
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert "apigw-requestid" in answer.headers
        assert "content-type" not in answer.headers
    foreign = shared.options("/open", headers={**PREFLIGHT, "origin": "https://other.example"})
    assert foreign.status_code == 204
    assert not [name for name in foreign.headers if name.startswith("access-control-")]
    anywhere = shared.options("/open", headers={**PREFLIGHT, "origin": "http://localhost:3000"})
    assert anywhere.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert shared.options("/any", headers=PREFLIGHT).status_code == 401
    assert seen(shared.options("/open", headers={"origin": ORIGIN})) == NOT_FOUND


@pytest.mark.semantics("HTTP-CORS-03", "HTTP-CORS-05")
def test_responses_to_other_origins(shared: httpx.Client) -> None:
    for path, status in (("/open", 200), ("/closed", 401), ("/missing", 404)):
        answer = shared.get(path, headers={"origin": ORIGIN})
        assert answer.status_code == status
        assert answer.headers.get_list("access-control-allow-origin") == [ORIGIN]
        assert answer.headers["access-control-expose-headers"] == "x-two"
        assert answer.headers["vary"] == "origin"
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert "access-control-allow-methods" not in answer.headers
    for origin in ({}, {"origin": "https://other.example"}):
        answer = shared.get("/open", headers=origin)
        assert not [name for name in answer.headers if name.startswith(("access-control-", "vary"))]


def test_any_origin(gateway: Gateway) -> None:
    api_id = gateway.create(CorsConfiguration={"AllowOrigins": ["*"], "AllowMethods": ["*"]})
    gateway.stage(api_id)
    gateway.route(api_id, "GET /", gateway.proxy(api_id))
    with asking(gateway.url(api_id)) as client:
        answer = client.options("/", headers=PREFLIGHT)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-allow-methods"] == "*"
        assert "vary" not in answer.headers


# --- parameter mapping ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mapped(gateway: Gateway, issuer: Issuer) -> Iterator[httpx.Client]:
    api_id = gateway.create()
    requests = {
        "append:header.x-append": "$request.header.x-in",
        "overwrite:header.x-over": "static ${request.path.id}/${request.querystring.q}",
        "remove:header.x-gone": "''",
        "overwrite:querystring.added": "$request.body.a.b[1].c",
        "append:querystring.number": "$request.body.big",
        "remove:querystring.q": "''",
        "overwrite:path": "/mapped/$request.path.id",
        "append:header.x-facts": "${context.stage} ${context.routeKey} ${context.identity.sourceIp}",
        "append:header.x-id": "$context.requestId",
        "append:header.x-variable": "$stageVariables.color",
        "append:header.x-missing": "$request.header.not-there",
        "append:header.x-no-variable": "$stageVariables.none",
        "append:header.x-no-claim": "$context.authorizer.claims.sub",
        "append:header.x-paths": "${request.path} ${context.path}",
    }
    responses = {
        "200": {"append:header.x-back": "${response.header.content-type} ${context.requestId}"},
        "404": {"overwrite:statuscode": "410", "append:header.x-method": "$response.body.method"},
    }
    target_id = gateway.proxy(
        api_id, "/status/{id}", RequestParameters=requests, ResponseParameters=responses
    )
    plain = gateway.proxy(api_id, "/status/{id}", ResponseParameters=responses)
    claims = gateway.proxy(
        api_id,
        RequestParameters={
            "append:header.x-sub": "$context.authorizer.claims.sub",
            "append:header.x-list": "$context.authorizer.claims.list",
            "append:header.x-big": "$context.authorizer.claims.big",
            "append:header.x-numbers": "$context.authorizer.claims.numbers",
        },
    )
    jwt = {"AuthorizationType": "JWT", "AuthorizerId": gateway.jwt(api_id, issuer.url)}
    gateway.route(api_id, "ANY /map/{id}", target_id)
    gateway.route(api_id, "ANY /plain/{id}", plain)
    gateway.route(api_id, "GET /claims", claims, **jwt)
    gateway.stage(api_id, StageVariables={"color": "red"})
    gateway.stage(api_id, "blue")
    with asking(gateway.url(api_id)) as client:
        yield client


@pytest.mark.semantics("HTTP-MAP-01", "HTTP-MAP-02", "HTTP-MAP-03", "HTTP-MAP-04")
def test_what_is_changed_of_a_request(mapped: httpx.Client) -> None:
    body = '{"a": {"b": [0, {"c": "d e"}]}, "big": 12345678901234567890}'
    answer = mapped.post(
        "/map/7?q=r%20s&kept=1",
        content=body,
        headers={"x-in": "in", "x-append": "first", "x-over": "before", "x-gone": "x"},
    )
    sent = headers(answer)
    assert sent["x-over"] == "static 7/r s"
    assert "x-gone" not in sent
    assert not sent.keys() & {"x-missing", "x-no-variable", "x-no-claim"}
    assert sent["x-paths"] == "/map/7 /map/7"
    assert sent["x-facts"] == "$default ANY /map/{id} 127.0.0.1"
    assert sent["x-id"] == answer.headers["apigw-requestid"]
    assert sent["x-variable"] == "red"
    appended = [value for name, value in answer.json()["headers"] if name == "x-append"]
    assert ",".join(appended).replace(" ", "") == "first,in"
    assert target(answer) == "/mapped/7?kept=1&added=d%20e&number=12345678901234567890"
    assert answer.json()["body"] == body
    assert answer.headers["x-back"] == f"application/json {answer.headers['apigw-requestid']}"


@pytest.mark.semantics("HTTP-MAP-05", "HTTP-MAP-06")
def test_paths_of_a_request(mapped: httpx.Client) -> None:
    answer = mapped.get("/blue/map/..%2F..%2Fadmin")
    assert answer.json()["target"] == "/mapped/..%2F..%2Fadmin"
    assert headers(answer)["x-paths"] == "/map/..%2F..%2Fadmin /blue/map/..%2F..%2Fadmin"
    assert headers(answer)["x-over"].startswith("static ../../admin/")


@pytest.mark.semantics("HTTP-MAP-07")
@pytest.mark.parametrize(("size", "selected"), [(100, True), (102_400, True), (102_401, False)])
def test_what_a_json_path_selects_from(mapped: httpx.Client, size: int, *, selected: bool) -> None:
    begin, end = '{"big": 7, "rest": "', '"}'
    body = begin + "x" * (size - len(begin) - len(end)) + end
    answer = mapped.post("/map/7", content=body)
    assert ("number=7" in target(answer)) is selected
    assert answer.json()["body"] == body


def test_a_value_cannot_begin_another_header(mapped: httpx.Client) -> None:
    answer = mapped.get("/map/a%0D%0Ax-evil:%201?q=%0D%0Ax-evil:%202")
    assert "x-evil" not in headers(answer)


def test_what_is_changed_of_a_response(mapped: httpx.Client) -> None:
    answer = mapped.get("/plain/404")
    assert (answer.status_code, answer.headers["x-method"]) == (410, "GET")
    assert mapped.get("/plain/500").status_code == 500


def test_a_value_of_a_large_response(mapped: httpx.Client) -> None:
    """The backend answers with what it was sent, which is more than Envoy holds back unless it is told to."""
    answer = mapped.post("/plain/404", content=b"x" * 2_000_000)
    assert (answer.status_code, answer.headers["x-method"]) == (410, "POST")
    assert mapped.get("/plain/404?size=2000000").headers["x-method"] == "GET"


def test_claims_in_headers(mapped: httpx.Client, issuer: Issuer) -> None:
    token = issuer.token(list=["a", "b"], big=12345678901234567890, numbers=[1.5, 2.0, 1e-7, 1e25, -0.5, 10])
    sent = headers(mapped.get("/claims", headers={"authorization": token}))
    assert (sent["x-sub"], sent["x-list"], sent["x-big"]) == ("me", "[a b]", "12345678901234567890")
    assert sent["x-numbers"] == f"[1.5 2 0.0000001 1{25 * '0'} -0.5 10]"


# --- domain names --------------------------------------------------------------------------------------------


def test_a_domain_name(gateway: Gateway) -> None:
    api_id = gateway.create()
    gateway.route(api_id, "GET /pets/{id}", gateway.proxy(api_id, "/pets/{id}"))
    gateway.stage(api_id, "prod")
    other = gateway.create()
    gateway.route(other, "$default", gateway.proxy(other, "/other"))
    gateway.stage(other)
    domain = "api.example.com"
    gateway.api.create_domain_name(
        DomainName=domain, DomainNameConfigurations=[{"CertificateArn": CERTIFICATE}]
    )
    gateway.api.create_api_mapping(DomainName=domain, ApiId=api_id, Stage="prod", ApiMappingKey="v1/zoo")
    gateway.api.create_api_mapping(DomainName=domain, ApiId=other, Stage="$default")
    (endpoint,) = [each for each in gateway.server.get("/_sekisho/endpoints") if each["name"] == domain]
    assert endpoint["tls"] is True
    trust = ssl.create_default_context(cafile=str(gateway.server.ca))
    with httpx.Client(base_url=endpoint["url"], verify=trust, trust_env=False) as client:

        def get(path: str) -> httpx.Response:
            extensions = {"sni_hostname": domain}
            return client.get(path, headers={"host": domain}, extensions=extensions)

        assert target(get("/v1/zoo/pets/7?q=1")) == "/pets/7?q=1"
        assert seen(get("/v1/zoo/nothing")) == NOT_FOUND
        assert target(get("/v1/anything")) == "/other"


def test_an_https_endpoint_is_verified(gateway: Gateway) -> None:
    """The listener of a domain name is an endpoint with a certificate that the edge trusts, for its own name only."""
    api_id = gateway.create()
    gateway.route(api_id, "$default", gateway.proxy(api_id))
    gateway.stage(api_id)
    domain = "secure.example.com"
    gateway.api.create_domain_name(
        DomainName=domain, DomainNameConfigurations=[{"CertificateArn": CERTIFICATE.replace("1", "2")}]
    )
    gateway.api.create_api_mapping(DomainName=domain, ApiId=api_id, Stage="$default")
    (endpoint,) = [each for each in gateway.server.get("/_sekisho/endpoints") if each["name"] == domain]
    front = gateway.create()
    for path, name in (("/good", domain), ("/bad", "other.example.com")):
        place = gateway.proxy(
            front, IntegrationUri=f"{endpoint['url']}/", TlsConfig={"ServerNameToVerify": name}
        )
        gateway.route(front, f"GET {path}", place)
    gateway.stage(front)
    with asking(gateway.url(front)) as client:
        assert client.get("/good").status_code == 200
        assert client.get("/bad").status_code == 503


def test_changes_reach_open_connections(gateway: Gateway) -> None:
    """What an author changes often (routes, CORS, limits) drains no connection."""
    api_id = gateway.create()
    gateway.route(api_id, "GET /", gateway.proxy(api_id))
    gateway.stage(api_id)
    url = httpx.URL(gateway.url(api_id))
    with socket.create_connection((url.host, url.port or 80), timeout=20) as raw, raw.makefile("rb") as file:

        def status(path: str) -> int:
            raw.sendall(f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
            line = file.readline()
            length = 0
            while (header := file.readline().strip().lower()) != b"":
                assert header != b"connection: close"
                if header.startswith(b"content-length: "):
                    length = int(header[16:])
            file.read(length)
            return int(line[9:12])

        assert (status("/"), status("/b")) == (200, 404)
        gateway.route(api_id, "GET /b", gateway.proxy(api_id))
        assert status("/b") == 200
        gateway.api.update_api(ApiId=api_id, CorsConfiguration={"AllowOrigins": ["*"]})
        assert status("/b") == 200
        began = time.monotonic()
        changes: dict[str, Any] = {"ThrottlingBurstLimit": 0, "ThrottlingRateLimit": 0}
        gateway.api.update_stage(ApiId=api_id, StageName="$default", DefaultRouteSettings=changes)
        assert status("/b") == 429
        assert time.monotonic() - began < 10


def test_a_load_balancer_behind_a_vpc_link(gateway: Gateway, backend: str) -> None:
    """A private integration reaches the listener that its ARN names; path and stage are as they were asked for."""
    elbv2 = gateway.server.client("elbv2")
    group = elbv2.create_target_group(
        Name="private", Protocol="HTTP", Port=80, VpcId="vpc-1", TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    elbv2.register_targets(
        TargetGroupArn=group, Targets=[{"Id": "127.0.0.1", "Port": int(backend.rpartition(":")[2])}]
    )
    listener = make_listener(elbv2, "private", group)
    api = gateway.create()
    link = gateway.api.create_vpc_link(Name="link", SubnetIds=["subnet-0a1b2c3d"])["VpcLinkId"]
    private = gateway.proxy(
        api, IntegrationUri=listener, ConnectionType="VPC_LINK", ConnectionId=link, IntegrationMethod="GET"
    )
    gateway.route(api, "ANY /pets/{id}", private)
    gateway.stage(api)
    gateway.stage(api, "v1")
    with asking(gateway.url(api)) as http:
        plain, staged = http.get("/pets/7?a=b").json(), http.delete("/v1/pets/7").json()
    assert (plain["method"], plain["target"]) == ("GET", "/pets/7?a=b")
    assert (staged["method"], staged["target"]) == ("GET", "/v1/pets/7")
    hosts = [value for name, value in plain["headers"] if name == "host"]
    assert hosts[0].startswith("private-")
    elbv2.delete_listener(ListenerArn=listener)
    with asking(gateway.url(api)) as http:
        gone = http.get("/pets/7")
    assert seen(gone) == (500, '{"message":"Internal Server Error"}')
