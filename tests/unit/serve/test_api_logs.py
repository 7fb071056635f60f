"""Lines of access logs of HTTP APIs."""

import asyncio
import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from envoy.config.core.v3.base_pb2 import GET
from envoy.data.accesslog.v3.accesslog_pb2 import HTTPAccessLogEntry

from sekisho.compile.compile import Compiled
from sekisho.model.ir import Edge, FixedResponse, Flavour, HttpApiGuard, Listener, Match, Route
from sekisho.model.ir_http_api import ApiLog, ApiOptions, Invoke, Question
from sekisho.serve.access_log import to_decision
from sekisho.serve.api_logs.lines import log_file, render_line
from sekisho.serve.api_logs.values import read_values
from sekisho.serve.api_logs.writer import ApiLogs

ARN = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/apis/zoo"
LISTENER = "arn:aws:apigateway:us-east-1::/apis/a"
LOG = ApiLog(ARN, "$context.requestId $context.status", (("routeKey", "GET /pets"), ("stage", "prod")))
ROUTE = Route("a prod r", LISTENER, 0, Match(), FixedResponse(200), api=ApiOptions(log=LOG))
FUNCTION = replace(ROUTE, action=Invoke("functions", "{}", 30))
GUARD = HttpApiGuard("https://i", "k", ("a",), source="header", source_name="authorization")


def entry(status: int = 200, details: str = "via_upstream", **metadata: dict[str, Any]) -> HTTPAccessLogEntry:
    found = HTTPAccessLogEntry()
    found.request.request_method = GET
    found.request.authority = "backend.example"
    found.request.path = "/rewritten?token=secret"
    found.request.user_agent = "me"
    found.response.response_code.value = status
    found.response.response_code_details = details
    found.response.response_body_bytes = 12
    common = found.common_properties
    common.route_name = ROUTE.name
    common.downstream_direct_remote_address.socket_address.address = "192.0.2.1"
    common.start_time.FromDatetime(datetime(2026, 11, 21, 12, 0, 0, 5000, tzinfo=UTC))
    common.time_to_last_downstream_tx_byte.FromMilliseconds(20)
    common.time_to_first_upstream_tx_byte.FromMilliseconds(2)
    common.time_to_last_upstream_rx_byte.FromMilliseconds(17)
    sent = {"id": "x=", "host": "api.example", "target": "/prod/pets?token=secret"}
    for namespace, members in {"sekisho_api": sent, **metadata}.items():
        common.metadata.filter_metadata[namespace.replace("_", ".")].update(members)
    return found


@pytest.mark.semantics("HTTP-LOG-01")
def test_a_line_is_the_format_with_its_variables() -> None:
    values = {"requestId": "x=", "status": "200", "authorizer.claims.custom:team-id": "7"}
    template = (
        '{"id":"$context.requestId","s":$context.status,\n"t":"$context.authorizer.claims.custom:team-id"}'
    )
    assert render_line(template, values) == '{"id":"x=","s":200, "t":"7"}'
    assert render_line("$context.stage-$context.requestId.", values) == "--x=."
    assert render_line("$context.authorizer.claims", values) == "-"


@pytest.mark.semantics("HTTP-LOG-02")
def test_a_value_ends_neither_a_member_nor_a_line() -> None:
    values = {"identity.userAgent": 'a","status":"200\n\u2028\\', "error.messageString": '"No"'}
    line = render_line('{"ua":"$context.identity.userAgent","e":$context.error.messageString}', values)
    assert json.loads(line) == {"ua": values["identity.userAgent"], "e": "No"}
    assert line.splitlines() == [line]


@pytest.mark.semantics("HTTP-LOG-01")
def test_what_every_request_has() -> None:
    values = read_values(entry(), ROUTE, LOG)
    assert values["requestId"] == values["extendedRequestId"] == "x="
    assert values["requestTime"] == "21/Nov/2026:12:00:00 +0000"
    assert values["requestTimeEpoch"] == "1795262400005"
    assert (values["httpMethod"], values["path"]) == ("GET", "/prod/pets")
    assert (values["routeKey"], values["stage"]) == ("GET /pets", "prod")
    assert (values["identity.sourceIp"], values["identity.userAgent"]) == ("192.0.2.1", "me")
    assert (values["status"], values["responseLength"], values["responseLatency"]) == ("200", "12", "20")
    assert values["integration.latency"] == values["integrationLatency"] == "15"
    assert values["integration.status"] == values["integrationStatus"] == "200"
    assert not [name for name in values if name.startswith(("error", "authorizer"))]
    assert "secret" not in str(values)


@pytest.mark.semantics("HTTP-LOG-03")
@pytest.mark.parametrize(
    ("status", "reason", "own", "error"),
    [
        (201, "", "200", ""),
        (500, "FunctionError", "200", "FunctionError"),
        (500, "AccessDeniedException", "", "The IAM role"),
    ],
)
def test_a_function(status: int, reason: str, own: str, error: str) -> None:
    said = {"sekisho_function": {"reason": reason}} if reason else {}
    values = read_values(entry(status, "via_upstream", **said), FUNCTION, LOG)
    assert values.get("integrationStatus", "") == values.get("integration.integrationStatus", "") == own
    assert values.get("integration.status", "") == ("" if reason else "201")
    assert values.get("integration.error", "").startswith(error)
    assert values.get("error.message", "") == ("Internal Server Error" if reason else "")


@pytest.mark.semantics("HTTP-LOG-03")
@pytest.mark.parametrize(
    ("status", "details", "kind"),
    [
        (401, "lua_response", "UNAUTHORIZED"),
        (404, "direct_response", "RESOURCE_NOT_FOUND"),
        (429, "local_rate_limited", "THROTTLED"),
        (500, "ext_authz_error", "AUTHORIZER_FAILURE"),
        (503, "upstream_reset", "INTEGRATION_FAILURE"),
    ],
)
def test_what_the_gateway_answers_itself(status: int, details: str, kind: str) -> None:
    values = read_values(entry(status, details), ROUTE, LOG)
    assert values["error.responseType"] == kind
    assert values["error.messageString"] == f'"{values["error.message"]}"'
    assert not [name for name in values if name.startswith("integration")]


def decided(**record: Any) -> dict[str, Any]:
    return {"sekisho": {"decision": json.dumps(record)}}


@pytest.mark.semantics("HTTP-LOG-01")
def test_claims_are_those_of_a_token_that_was_let_through() -> None:
    payload = base64.urlsafe_b64encode(b'{"sub":"me","groups":["a","b"]}').decode().rstrip("=")
    guarded = replace(ROUTE, guard=GUARD)
    passed = entry(**decided(status=200))
    assert "authorizer.claims.sub" not in read_values(passed, guarded, LOG)
    passed.request.request_headers["authorization"] = f"Bearer e30.{payload}.AA"
    values = read_values(passed, guarded, LOG)
    assert (values["authorizer.claims.sub"], values["authorizer.claims.groups"]) == ("me", "[a b]")
    refused = entry(401, "lua_response", **decided(status=401, reason="invalid_token", description="no"))
    refused.request.request_headers["authorization"] = f"e30.{payload}.AA"
    values = read_values(refused, guarded, LOG)
    assert values["authorizer.error"] == "invalid_token: no"
    assert "authorizer.claims.sub" not in values


@pytest.mark.semantics("HTTP-LOG-01")
@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [("function", "authorizer.tenant", "t"), ("signature", "identity.userArn", "arn:aws:iam::1:user/u")],
)
def test_who_an_authorizer_says_it_is(kind: str, name: str, value: str) -> None:
    asked = replace(ROUTE, api=ApiOptions(question=Question(kind, "{}", 5), log=LOG))
    found = entry()
    space, _, member = name.partition(".")
    told = {space: {member: value}}
    found.common_properties.metadata.filter_metadata["envoy.filters.http.ext_authz"].update(told)
    assert read_values(found, asked, LOG)[name] == value


@pytest.mark.parametrize(
    ("destination", "file"),
    [
        (ARN, "us-east-1/%2Faws%2Fapis%2Fzoo.log"),
        (f"{ARN}:*", "us-east-1/%2Faws%2Fapis%2Fzoo.log"),
        (
            "arn:aws:firehose:eu-west-1:1:deliverystream/amazon-apigateway-z",
            "eu-west-1/amazon-apigateway-z.log",
        ),
        ("arn:aws:logs:..:1:log-group:../../x", "none/..%2F..%2Fx.log"),
        ("anything", "none/anything.log"),
    ],
)
def test_the_file_of_a_destination(destination: str, file: str) -> None:
    assert log_file(Path("/logs"), destination) == Path("/logs") / file


def test_a_long_name_is_cut_and_stays_one_of_its_own() -> None:
    names = {log_file(Path("/logs"), f"{ARN}{'x' * 600}{end}").name for end in "ab"}
    assert len(names) == 2
    assert max(map(len, names)) < 255


def compiled(*routes: Route) -> Compiled:
    listener = Listener(LISTENER, LISTENER, Flavour.HTTP_API, 1, 443, routes)
    return Compiled(1, Edge((listener,)), {}, ())


def test_lines_are_appended_to_the_file_of_their_stage(tmp_path: Path) -> None:
    state = compiled(ROUTE)
    logs = ApiLogs(tmp_path, lambda: state)
    file = log_file(tmp_path, ARN)
    asyncio.run(logs.take(LISTENER, [entry(200), entry(404, "direct_response")]))
    asyncio.run(logs.take("another listener", [entry(200)]))
    assert file.read_text() == "x= 200\nx= 404\n"
    state = compiled(replace(ROUTE, api=ApiOptions()))
    asyncio.run(logs.take(LISTENER, [entry(200)]))
    assert file.read_text() == "x= 200\nx= 404\n"


def test_a_file_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    asyncio.run(ApiLogs(blocked, lambda: compiled(ROUTE)).take(LISTENER, [entry(200)]))
    assert blocked.read_text() == ""


def test_a_decision_names_the_request_as_the_client_sent_it() -> None:
    decision = to_decision(LISTENER, entry())
    assert (decision.host, decision.path) == ("api.example", "/prod/pets")
