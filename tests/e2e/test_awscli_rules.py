"""Each condition, action and attribute of a load balancer once, by the real AWS command line and a real request."""

import json
import re
import socket
import socketserver
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from tests.support.process import ServerProcess, running, until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("awscli")]


@dataclass(frozen=True)
class Answer:
    """An answer as it stood on the wire."""

    status_line: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def status(self) -> int:
        return int(self.status_line.split()[1])

    def all(self, name: str) -> list[str]:
        """Return the values of a header."""
        return [value for each, value in self.headers if each.lower() == name]


@dataclass
class Balancer:
    """A load balancer with an HTTP listener whose default is 404, and a target group with an echo."""

    server: ServerProcess
    arn: str
    listener: str
    group: str

    def aws(self, operation: str, *arguments: str) -> Any:
        return self.server.aws_json("elbv2", operation, *arguments)

    @cached_property
    def client(self) -> Any:
        """Return a client for what the commands are not asked about: describing and clearing away."""
        return self.server.client("elbv2")

    def ask(self, target: str = "/", *headers: str, method: str = "GET", host: str = "app.test") -> Answer:
        port = int(self.server.endpoint("alb-listener")["url"].rpartition(":")[2])
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *headers, "Connection: close", "", ""]
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall("\r\n".join(lines).encode())
            text = b"".join(iter(lambda: client.recv(65536), b"")).decode()
        head, _, body = text.partition("\r\n\r\n")
        first, *rest = head.split("\r\n")
        pairs = (line.partition(": ") for line in rest)
        return Answer(first, tuple((name, value) for name, _, value in pairs), body)

    def rule(self, conditions: Sequence[Any], actions: Sequence[Any], *more: str) -> Any:
        """Create the rule of priority 10 and return it as it is described."""
        arguments = ("--conditions", json.dumps(conditions), "--actions", json.dumps(actions))
        made = self.aws("create-rule", "--listener-arn", self.listener, "--priority", "10", *arguments, *more)
        arn = made["Rules"][0]["RuleArn"]
        (described,) = self.client.describe_rules(RuleArns=[arn])["Rules"]
        assert described == made["Rules"][0]
        return described


class _Echo(socketserver.StreamRequestHandler):
    """Answers with the request's head; connections stay open."""

    def handle(self) -> None:
        head = b""
        while line := self.rfile.readline():
            head += line
            if line == b"\r\n":
                self.wfile.write(
                    b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nServer: app\r\n\r\n" % len(head) + head
                )
                head = b""


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


@pytest.fixture(scope="module")
def echo_port() -> Iterator[int]:
    with _Server(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def built(echo_port: int) -> Iterator[Balancer]:
    with running("serve", "--ephemeral", "--port", "0") as server:
        aws = server.aws_json
        made = aws("elbv2", "create-load-balancer", "--name", "web", "--subnets", "subnet-1", "subnet-2")
        balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
        settings = ("--protocol", "HTTP", "--port", "8000", "--vpc-id", "vpc-1", "--target-type", "ip")
        made = aws("elbv2", "create-target-group", "--name", "echo", *settings)
        group = made["TargetGroups"][0]["TargetGroupArn"]
        target = f"Id=127.0.0.1,Port={echo_port}"
        aws("elbv2", "register-targets", "--target-group-arn", group, "--targets", target)
        default = "Type=fixed-response,FixedResponseConfig={StatusCode=404,MessageBody=default}"
        where = ("--load-balancer-arn", balancer, "--protocol", "HTTP", "--port", "80")
        made = aws("elbv2", "create-listener", *where, "--default-actions", default)
        yield Balancer(server, balancer, made["Listeners"][0]["ListenerArn"], group)


@pytest.fixture
def balancer(built: Balancer) -> Iterator[Balancer]:
    """A load balancer whose only rule is the default one, before and after the test."""
    yield built
    for rule in built.client.describe_rules(ListenerArn=built.listener)["Rules"]:
        if not rule["IsDefault"]:
            built.client.delete_rule(RuleArn=rule["RuleArn"])


FINE = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain"}}]
REGEX = {"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/v[0-9]+/"]}}


def config(field: str, **members: Any) -> dict[str, Any]:
    """Return a condition whose members stand in the structure of its field."""
    name = "".join(part.capitalize() for part in field.split("-")) + "Config"
    return {"Field": field, name.replace("Ip", "Ip"): members}


CONDITIONS: dict[str, tuple[list[Any], list[tuple[Any, ...]], list[tuple[Any, ...]]]] = {
    "path": (
        [{"Field": "path-pattern", "Values": ["/img/*.p?g"]}],
        [("/img/a/b.png",), ("/img/.pXg?q=1",), ("/x/../img/a.png",), ("/%69mg/a.png",)],
        [("/IMG/a.png",), ("/img/a.pg",), ("/other",)],
    ),
    "path by regex": ([REGEX], [("/v1/x",), ("/v22/",)], [("/v/x",), ("/x/v1/",)]),
    "host": (
        [config("host-header", Values=["*.example.com", "app.test"])],
        [("/", "h:A.Example.COM"), ("/", "h:app.test:99"), ("/", "h:a.b.example.com")],
        [("/", "h:example.com"), ("/", "h:app.test.evil")],
    ),
    "header": (
        [config("http-header", HttpHeaderName="X-Env", Values=["stag*", "q?"])],
        [("/", "x-env: STAGING"), ("/", "X-ENV: qa"), ("/", "X-Env: no", "X-Env: qa")],
        [("/",), ("/", "X-Env: prod"), ("/", "X-Env: q")],
    ),
    "method": (
        [config("http-request-method", Values=["PUT", "MY-METHOD"])],
        [("/", "m:PUT"), ("/", "m:MY-METHOD")],
        [("/",), ("/", "m:put")],
    ),
    "query": (
        [config("query-string", Values=[{"Key": "version", "Value": "v?"}, {"Value": "*wild\\**"}])],
        [("/?a=1&version=V2",), ("/?x=awild*b",), ("/?wild*",)],
        [("/?version=v10",), ("/?x=wild",), ("/",)],
    ),
    "source": (
        [config("source-ip", Values=["10.0.0.0/8", "127.0.0.1/32"])],
        [("/",)],
        [],
    ),
    "all of several": (
        [
            {"Field": "path-pattern", "Values": ["/a/*"]},
            config("http-header", HttpHeaderName="X-A", Values=["1"]),
            config("http-header", HttpHeaderName="X-B", Values=["2"]),
        ],
        [("/a/x", "X-A: 1", "X-B: 2")],
        [("/a/x", "X-A: 1"), ("/b", "X-A: 1", "X-B: 2")],
    ),
}


def play(balancer: Balancer, request: tuple[str, ...]) -> int:
    target, *rest = request
    own = {each[0]: each[2:] for each in rest if each[:2] in {"h:", "m:"}}
    headers = [each for each in rest if each[:2] not in {"h:", "m:"}]
    return balancer.ask(target, *headers, method=own.get("m", "GET"), host=own.get("h", "app.test")).status


@pytest.mark.parametrize("name", CONDITIONS)
def test_condition(balancer: Balancer, name: str) -> None:
    conditions, fitting, other = CONDITIONS[name]
    balancer.rule(conditions, FINE)
    assert {request: play(balancer, request) for request in fitting} == dict.fromkeys(fitting, 200)
    assert {request: play(balancer, request) for request in other} == dict.fromkeys(other, 404)


def test_source_addresses_that_are_not_the_clients(balancer: Balancer) -> None:
    balancer.rule([config("source-ip", Values=["10.0.0.0/8"])], FINE)
    assert balancer.ask("/", "X-Forwarded-For: 10.0.0.1").status == 404


ANY = [{"Field": "path-pattern", "Values": ["*"]}]


def test_fixed_response(balancer: Balancer) -> None:
    fixed = {"StatusCode": "503", "ContentType": "application/json", "MessageBody": '{"a": 1}'}
    balancer.rule(ANY, [{"Type": "fixed-response", "FixedResponseConfig": fixed}])
    answer = balancer.ask()
    assert (answer.status, answer.body) == (503, '{"a": 1}')
    assert answer.all("content-type") == ["application/json; charset=utf-8"]
    assert answer.all("server") == ["awselb/2.0"]


@pytest.mark.parametrize(
    ("redirect", "target", "location"),
    [
        (
            {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
            "/a?b=c",
            "https://app.test:443/a?b=c",
        ),
        (
            {"Path": "/new/#{path}", "Query": "from=#{host}", "StatusCode": "HTTP_302"},
            "/a",
            "http://app.test:80/new/a?from=app.test",
        ),
    ],
)
def test_redirect(balancer: Balancer, redirect: dict[str, str], target: str, location: str) -> None:
    rule = balancer.rule(ANY, [{"Type": "redirect", "RedirectConfig": redirect}])
    whole = {
        "Protocol": "#{protocol}",
        "Port": "#{port}",
        "Host": "#{host}",
        "Path": "/#{path}",
        "Query": "#{query}",
    }
    assert rule["Actions"][0]["RedirectConfig"] == whole | redirect
    answer = balancer.ask(target)
    assert answer.status == int(redirect["StatusCode"][-3:])
    assert answer.all("location") == [location]
    assert answer.all("content-length") == [{301: "134", 302: "110"}[answer.status]]


def test_forward_by_weight_with_stickiness(balancer: Balancer) -> None:
    made = balancer.aws(
        *("create-target-group", "--name", "empty", "--protocol", "HTTP", "--port", "1"),
        *("--vpc-id", "vpc-1", "--target-type", "ip"),
    )
    empty = made["TargetGroups"][0]["TargetGroupArn"]
    groups = [{"TargetGroupArn": balancer.group, "Weight": 1}, {"TargetGroupArn": empty, "Weight": 1}]
    sticky = {"Enabled": True, "DurationSeconds": 60}
    forward = {"TargetGroups": groups, "TargetGroupStickinessConfig": sticky}
    rule = balancer.rule(ANY, [{"Type": "forward", "ForwardConfig": forward}])
    assert rule["Actions"][0]["ForwardConfig"] == forward
    assert {balancer.ask().status for _ in range(40)} == {200, 503}
    first = next(answer for answer in (balancer.ask() for _ in range(40)) if answer.status == 200)
    cookie = first.all("set-cookie")[0].split(";")[0]
    assert cookie.startswith("AWSALBTG=")
    assert {balancer.ask("/", f"Cookie: {cookie}").status for _ in range(8)} == {200}
    groups[0]["Weight"], groups[1]["Weight"] = 0, 1
    balancer.aws(
        *("modify-rule", "--rule-arn", rule["RuleArn"], "--actions"),
        json.dumps([{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]),
    )
    assert {balancer.ask().status for _ in range(8)} == {503}


def forward(balancer: Balancer) -> list[dict[str, str]]:
    return [{"Type": "forward", "TargetGroupArn": balancer.group}]


def test_transforms(balancer: Balancer) -> None:
    transforms = [
        {
            "Type": "url-rewrite",
            "UrlRewriteConfig": {"Rewrites": [{"Regex": "^/api/(.*)$", "Replace": "/$1"}]},
        },
        {
            "Type": "host-header-rewrite",
            "HostHeaderRewriteConfig": {"Rewrites": [{"Regex": r"^(.*)\.test$", "Replace": "$1.internal"}]},
        },
    ]
    rule = balancer.rule(ANY, forward(balancer), "--transforms", json.dumps(transforms))
    assert rule["Transforms"] == transforms
    seen = balancer.ask("/api/x?y=1").body
    assert seen.startswith("GET /x?y=1 HTTP/1.1\r\nhost: app.internal\r\n")


def test_priorities_decide(balancer: Balancer) -> None:
    first = balancer.rule(ANY, FINE)
    text = "Type=fixed-response,FixedResponseConfig={StatusCode=418}"
    made = balancer.aws(
        *("create-rule", "--listener-arn", balancer.listener, "--priority", "20"),
        *("--conditions", json.dumps(ANY), "--actions", text),
    )
    second = made["Rules"][0]["RuleArn"]
    assert balancer.ask().status == 200
    balancer.aws(
        *("set-rule-priorities", "--rule-priorities"),
        *(f"RuleArn={first['RuleArn']},Priority=20", f"RuleArn={second},Priority=10"),
    )
    assert balancer.ask().status == 418


def attributes(balancer: Balancer, noun: str, **values: str) -> None:
    """Modify attributes of the load balancer, the listener or the target group, and see them described."""
    arns = {"load-balancer": balancer.arn, "listener": balancer.listener, "target-group": balancer.group}
    name = f"--{noun}-arn"
    pairs = [{"Key": key, "Value": value} for key, value in values.items()]
    balancer.aws(f"modify-{noun}-attributes", name, arns[noun], "--attributes", json.dumps(pairs))
    describe = getattr(balancer.client, f"describe_{noun.replace('-', '_')}_attributes")
    described = describe(**{noun.title().replace("-", "") + "Arn": arns[noun]})["Attributes"]
    assert {each["Key"]: each["Value"] for each in described}.items() >= values.items()


HTTP = "routing.http."
BALANCER_ATTRIBUTES: dict[str, tuple[dict[str, str], dict[str, str], str, str]] = {
    "client port": (
        {f"{HTTP}xff_client_port.enabled": "true"},
        {f"{HTTP}xff_client_port.enabled": "false"},
        "X-Forwarded-For: 1.1.1.1",
        r"x-forwarded-for: 1\.1\.1\.1, 127\.0\.0\.1:\d+\r\n",
    ),
    "forwarded-for kept": (
        {f"{HTTP}xff_header_processing.mode": "preserve"},
        {f"{HTTP}xff_header_processing.mode": "append"},
        "X-Forwarded-For: 1.1.1.1",
        r"x-forwarded-for: 1\.1\.1\.1\r\n",
    ),
    "host preserved": (
        {f"{HTTP}preserve_host_header.enabled": "true"},
        {f"{HTTP}preserve_host_header.enabled": "false"},
        "X-A: 1",
        r"host: App\.Test:80\r\n",
    ),
    "invalid names dropped": (
        {f"{HTTP}drop_invalid_header_fields.enabled": "true"},
        {f"{HTTP}drop_invalid_header_fields.enabled": "false"},
        "X_Bad: 1",
        r"(?s)^(?!.*x_bad)",
    ),
}


@pytest.mark.parametrize("name", BALANCER_ATTRIBUTES)
def test_load_balancer_attribute(balancer: Balancer, name: str) -> None:
    changed, back, header, expected = BALANCER_ATTRIBUTES[name]
    balancer.rule(ANY, forward(balancer))
    assert not re.search(expected, balancer.ask("/", header, host="App.Test:80").body)
    attributes(balancer, "load-balancer", **changed)
    assert re.search(expected, balancer.ask("/", header, host="App.Test:80").body)
    attributes(balancer, "load-balancer", **back)


def test_idle_timeout(balancer: Balancer) -> None:
    attributes(balancer, "load-balancer", **{"idle_timeout.timeout_seconds": "1"})
    port = int(balancer.server.endpoint("alb-listener")["url"].rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 408 ")
    attributes(balancer, "load-balancer", **{"idle_timeout.timeout_seconds": "60"})


def test_listener_attributes(balancer: Balancer) -> None:
    headers = {
        "strict_transport_security": "max-age=1",
        "access_control_allow_origin": "https://a.test",
        "content_security_policy": "default-src 'self'",
        "x_frame_options": "DENY",
    }
    values = {f"{HTTP}response.{name}.header_value": value for name, value in headers.items()}
    balancer.rule(ANY, forward(balancer))
    attributes(balancer, "listener", **values, **{f"{HTTP}response.server.enabled": "false"})
    answer = balancer.ask()
    assert {name: answer.all(name.replace("_", "-")) for name in headers} == {
        name: [value] for name, value in headers.items()
    }
    # It is about the load balancer's own answers.
    assert answer.all("server") == ["app"]
    assert balancer.ask(method="TRACE").all("server") == []
    attributes(
        balancer, "listener", **dict.fromkeys(values, ""), **{f"{HTTP}response.server.enabled": "true"}
    )
    assert balancer.ask().all("x-frame-options") == []
    assert balancer.ask(method="TRACE").all("server") == ["awselb/2.0"]


def test_target_group_attributes(balancer: Balancer) -> None:
    balancer.rule(ANY, forward(balancer))
    attributes(balancer, "target-group", **{"stickiness.enabled": "true", "stickiness.type": "lb_cookie"})
    assert [cookie.split("=")[0] for cookie in balancer.ask().all("set-cookie")] == ["AWSALB", "AWSALBCORS"]
    application = {"stickiness.type": "app_cookie", "stickiness.app_cookie.cookie_name": "session"}
    attributes(balancer, "target-group", **application)
    assert balancer.ask().all("set-cookie") == []
    for algorithm in ("least_outstanding_requests", "weighted_random", "round_robin"):
        attributes(
            balancer,
            "target-group",
            **{"stickiness.enabled": "false", "load_balancing.algorithm.type": algorithm},
        )
        assert balancer.ask().status == 200


def test_health_decides(balancer: Balancer, echo_port: int) -> None:
    balancer.rule(ANY, forward(balancer))

    def state() -> str:
        found = balancer.client.describe_target_health(TargetGroupArn=balancer.group)
        return str(found["TargetHealthDescriptions"][0]["TargetHealth"]["State"])

    until(lambda: state() == "healthy", 10)
    target = f"Id=127.0.0.1,Port={echo_port}"
    where = ("--target-group-arn", balancer.group, "--targets", target)
    balancer.aws("deregister-targets", *where)
    assert balancer.ask().status == 503
    balancer.aws("register-targets", *where)
    assert balancer.ask().status == 200
