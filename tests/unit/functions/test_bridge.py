"""The bridge between the edge and functions: what each request gets, without an edge."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sekisho.functions.bridge import LoadBalancerBridge
from sekisho.functions.events.alb import REQUEST_LIMIT, RESPONSE_LIMIT
from sekisho.functions.http_server import HttpCall, HttpReply
from sekisho.functions.model import Caller, Event
from sekisho.functions.runner import Functions
from sekisho.kernel.clock import SystemClock
from sekisho.kernel.ids import RandomIds
from sekisho.model.elbv2 import HealthCheck, Target, TargetGroup
from sekisho.services.hosting import FunctionNotRunError, FunctionRun
from sekisho.store.sql import open_sqlite

GROUP = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/t/0123456789abcdef"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
OK = b'{"statusCode": 200, "headers": {"X-A": "1"}, "body": "hi"}'


class Scripted(Functions):
    """Functions whose answer a test sets; what they were called with is kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(open_sqlite(folder / "other.db"), folder / "functions", SystemClock(), RandomIds())
        self.outcome: FunctionRun | FunctionNotRunError = ran(OK)
        self.called: list[tuple[str, dict[str, Any], Caller | None]] = []

    async def call(self, resource: str, event: Event, caller: Caller | None = None) -> FunctionRun:
        self.called.append((resource, json.loads(event.payload), caller))
        if isinstance(self.outcome, FunctionNotRunError):
            raise self.outcome
        return self.outcome


def ran(payload: bytes, error: str = "") -> FunctionRun:
    return FunctionRun(payload, error, "", "$LATEST", "id")


def group(*targets: str, **attributes: str) -> TargetGroup:
    check = HealthCheck(False, None, None, "/", 35, 30, 5, 5, "200")
    return TargetGroup(
        GROUP, "t", "lambda", check, targets=tuple(map(Target, targets)), attributes=attributes
    )


Scenario = Callable[[LoadBalancerBridge, Scripted], Awaitable[Any]]


def run(folder: Path, scenario: Scenario, stored: TargetGroup | None = None) -> Any:
    async def main() -> Any:
        store, functions = open_sqlite(folder / "state.db"), Scripted(folder)
        with store.write() as state:
            state.put(stored or group(FUNCTION))
        return await scenario(LoadBalancerBridge(store, functions), functions)

    return asyncio.run(main())


def call(method: str = "GET", target: str = "/", body: bytes = b"", **changes: Any) -> HttpCall:
    headers = (("host", "h"), ("x-sekisho-upstream", GROUP), *changes.pop("headers", ()))
    return HttpCall(method, target, headers, body, **changes)


def ask(folder: Path, outcome: Any = None, request: HttpCall | None = None) -> HttpReply:
    async def scenario(bridge: LoadBalancerBridge, functions: Scripted) -> HttpReply:
        if outcome is not None:
            functions.outcome = outcome
        return await bridge.answer(request or call())

    reply = run(folder, scenario)
    assert isinstance(reply, HttpReply)
    return reply


@pytest.mark.semantics("ALB-LAMBDA-06")
def test_an_answer_is_a_response_of_the_load_balancer(tmp_path: Path) -> None:
    reply = ask(tmp_path)
    assert (reply.status, reply.body) == (200, b"hi")
    assert reply.headers == (("Server", "awselb/2.0"), ("X-A", "1"))
    own = ask(tmp_path, ran(b'{"statusCode": 200, "headers": {"server": "mine"}}'))
    assert own.headers == (("server", "mine"),)


def test_a_function_cannot_speak_to_the_edge(tmp_path: Path) -> None:
    reply = ask(tmp_path, ran(b'{"statusCode": 200, "headers": {"X-Sekisho-Reason": "r", "a": "1"}}'))
    assert reply.headers == (("Server", "awselb/2.0"), ("a", "1"))


@pytest.mark.semantics("ALB-LAMBDA-01")
def test_the_function_is_invoked_for_its_target_group(tmp_path: Path) -> None:
    async def scenario(bridge: LoadBalancerBridge, functions: Scripted) -> list[Any]:
        more = (("x-sekisho-other", "x"), ("connection", "close"), ("content-length", "1"))
        await bridge.answer(call("POST", "/a%20b?c=d", b"x", headers=more))
        return functions.called

    ((resource, event, caller),) = run(tmp_path, scenario)
    assert (resource, caller) == (FUNCTION, Caller("elasticloadbalancing.amazonaws.com", GROUP))
    assert event["requestContext"] == {"elb": {"targetGroupArn": GROUP}}
    assert (event["path"], event["queryStringParameters"]) == ("/a%20b", {"c": "d"})
    assert event["headers"] == {"host": "h", "content-length": "1"}


@pytest.mark.semantics("ALB-LAMBDA-03", "ALB-LAMBDA-05")
@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (ran(b'{"errorMessage": "x"}', "Unhandled"), "LambdaUnhandled"),
        (ran(b'"text"'), "LambdaInvalidResponse"),
        (ran(b"x" * (RESPONSE_LIMIT + 1)), "LambdaResponseTooLarge"),
        (FunctionNotRunError("AccessDeniedException", ""), "LambdaAccessDenied"),
        (FunctionNotRunError("InvalidRuntimeException", ""), "LambdaInvalidRuntimeException"),
        (FunctionNotRunError("InvalidZipFileException", ""), "LambdaInvalidZipFileException"),
        (FunctionNotRunError("ResourceNotFoundException", ""), "LambdaResourceNotFound"),
        (FunctionNotRunError("TooManyRequestsException", ""), "LambdaThrottling"),
        (FunctionNotRunError("ServiceException", ""), "LambdaServiceException"),
    ],
)
def test_what_is_no_answer_is_a_page(tmp_path: Path, outcome: Any, reason: str) -> None:
    reply = ask(tmp_path, outcome)
    assert (reply.status, len(reply.body)) == (502, 122)
    assert reply.headers == (
        ("Server", "awselb/2.0"), ("Content-Type", "text/html"), ("x-sekisho-reason", reason),
    )  # fmt: skip


@pytest.mark.semantics("ALB-LAMBDA-02", "ALB-LAMBDA-04")
@pytest.mark.parametrize(
    ("request_", "status", "reason"),
    [
        (call("POST", is_cut_off=True), 413, "LambdaRequestTooLarge"),
        (
            call(headers=(("upgrade", "WebSocket"), ("connection", "upgrade"))),
            400,
            "LambdaWebsocketNotSupported",
        ),
    ],
)
def test_what_functions_do_not_get(tmp_path: Path, request_: HttpCall, status: int, reason: str) -> None:
    async def scenario(bridge: LoadBalancerBridge, functions: Scripted) -> None:
        reply = await bridge.answer(request_)
        assert (reply.status, dict(reply.headers)["x-sekisho-reason"]) == (status, reason)
        assert functions.called == []

    run(tmp_path, scenario)


def test_a_group_without_a_function_has_no_target(tmp_path: Path) -> None:
    async def scenario(bridge: LoadBalancerBridge, _functions: Scripted) -> None:
        assert (await bridge.answer(call())).status == 503
        assert (await bridge.answer(HttpCall("GET", "/", (), b""))).status == 503

    run(tmp_path, scenario, group())


@pytest.mark.semantics("ALB-LAMBDA-08")
def test_the_target_group_says_which_form_headers_have(tmp_path: Path) -> None:
    async def scenario(bridge: LoadBalancerBridge, functions: Scripted) -> None:
        functions.outcome = ran(b'{"statusCode": 200, "multiValueHeaders": {"Set-Cookie": ["a", "b"]}}')
        reply = await bridge.answer(call(headers=(("cookie", "1"), ("cookie", "2"))))
        assert reply.headers[1:] == (("Set-Cookie", "a"), ("Set-Cookie", "b"))
        assert functions.called[0][1]["multiValueHeaders"]["cookie"] == ["1", "2"]
        functions.outcome = ran(OK)
        assert (await bridge.answer(call())).status == 502

    run(tmp_path, scenario, group(FUNCTION, **{"lambda.multi_value_headers.enabled": "true"}))


async def exchange(path: Path, *sent: bytes) -> list[bytes]:
    """Send requests over one connection and return the answers."""
    reader, writer = await asyncio.open_unix_connection(path)
    answers = []
    for message in sent:
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        is_head = message.startswith(b"HEAD")
        answers.append(head + (b"" if is_head else await reader.readexactly(int(length.split(b":")[1]))))
    writer.close()
    return answers


@pytest.mark.semantics("ALB-LAMBDA-02", "ALB-LAMBDA-07")
def test_it_is_http_on_a_socket(tmp_path: Path) -> None:
    upstream = f"host: h\r\nx-sekisho-upstream: {GROUP}\r\n".encode()
    fits = b"x" * REQUEST_LIMIT

    async def scenario(bridge: LoadBalancerBridge, functions: Scripted) -> None:
        functions.outcome = ran(b'{"statusCode": 201, "statusDescription": "201 Fine", "body": "hi"}')
        path = tmp_path / "s.sock"
        await bridge.start(path)
        length = f"content-length: {len(fits)}\r\n\r\n".encode()
        longer = f"content-length: {len(fits) + 1}\r\n\r\n".encode()
        answers = await exchange(
            path,
            b"GET / HTTP/1.1\r\n" + upstream + b"\r\n",
            b"POST / HTTP/1.1\r\n" + upstream + length + fits,
            b"POST / HTTP/1.1\r\n" + upstream + longer + fits + b"x",
            b"HEAD / HTTP/1.1\r\n" + upstream + b"\r\n",
        )
        assert [answer.split(b"\r\n")[0] for answer in answers] == [
            b"HTTP/1.1 201 Fine", b"HTTP/1.1 201 Fine", b"HTTP/1.1 413 ", b"HTTP/1.1 201 Fine",
        ]  # fmt: skip
        assert answers[0].endswith(b"\r\n\r\nhi")
        assert len(functions.called) == 3
        await bridge.stop()

    run(tmp_path, scenario)
