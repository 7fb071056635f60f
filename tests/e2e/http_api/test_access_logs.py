"""Access logs of stages on a real edge: the lines that a client's requests leave."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .harness import Gateway, Issuer, asking

NAMES = (
    "requestId", "status", "routeKey", "path", "httpMethod", "stage", "authorizer.error", "error.message",
    "authorizer.claims.sub", "authorizer.claims.groups", "integration.status", "identity.userAgent",
)  # fmt: skip
FORMAT = json.dumps({name: f"$context.{name}" for name in NAMES})
ARN = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/apis/"


def read_lines(gateway: Gateway, group: str, count: int) -> list[str]:
    """Return the lines of a log group once there are that many: Envoy tells of its requests in batches."""
    file = Path(gateway.server.said["data"]) / "access-logs" / "us-east-1" / f"%2Faws%2Fapis%2F{group}.log"

    def lines() -> list[str]:
        return file.read_text().splitlines() if file.exists() else []

    wait_until(lambda: len(lines()) >= count)
    return lines()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.mark.semantics("HTTP-LOG-01", "HTTP-LOG-02", "HTTP-LOG-03")
def test_a_line_for_each_request(gateway: Gateway, issuer: Issuer) -> None:
    api_id = gateway.create()
    target = gateway.proxy(api_id, "/other/path")
    authorizer = gateway.jwt(api_id, issuer.url)
    gateway.route(api_id, "GET /closed/{id}", target, AuthorizationType="JWT", AuthorizerId=authorizer)
    gateway.stage(api_id, "prod", AccessLogSettings={"DestinationArn": f"{ARN}all", "Format": FORMAT})
    gateway.stage(api_id, "quiet")
    token = issuer.token(groups=["a", "b"])
    agent = 'a"\\'
    with asking(gateway.url(api_id)) as client:
        good = {"authorization": f"Bearer {token}", "user-agent": agent}
        answers = [
            client.get("/prod/closed/1?q=secret", headers=good),
            client.get("/prod/closed/1", headers={"authorization": "a.b"}),
            client.get("/prod/none"),
        ]
        client.get("/quiet/closed/1", headers=good)
        client.get("/none")
    lines = read_lines(gateway, "all", len(answers))
    logged: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert [each["status"] for each in logged] == ["200", "401", "404"]
    assert [each["requestId"] for each in logged] == [each.headers["apigw-requestid"] for each in answers]
    assert logged[0] == {
        **logged[0],
        "path": "/prod/closed/1",
        "routeKey": "GET /closed/{id}",
        "stage": "prod",
        "authorizer.claims.sub": "me",
        "authorizer.claims.groups": "[a b]",
        "integration.status": "200",
        "error.message": "-",
        "identity.userAgent": agent,
    }
    assert logged[1]["authorizer.error"] == "invalid_token: token contains an invalid number of segments"
    assert (logged[1]["error.message"], logged[1]["authorizer.claims.sub"]) == ("Unauthorized", "-")
    assert (logged[2]["error.message"], logged[2]["routeKey"]) == ("Not Found", "-")
    assert token not in str(lines)
    assert "secret" not in str(lines)


def test_an_access_log_can_be_turned_off_and_moved(gateway: Gateway) -> None:
    api_id = gateway.create()
    gateway.route(api_id, "ANY /{proxy+}", gateway.proxy(api_id))
    gateway.stage(api_id)

    def log_to(group: str) -> None:
        settings = {"DestinationArn": f"{ARN}{group}", "Format": "$context.requestId $context.path"}
        gateway.api.update_stage(ApiId=api_id, StageName="$default", AccessLogSettings=settings)

    with asking(gateway.url(api_id)) as client:
        log_to("first")
        client.get("/")
        assert len(read_lines(gateway, "first", 1)) == 1
        gateway.api.delete_access_log_settings(ApiId=api_id, StageName="$default")
        assert client.get("/quiet").status_code == 200
        wait_until(lambda: "/quiet" in {each["path"] for each in gateway.server.get("/_sekisho/decisions")})
        log_to("second")
        last = client.get("/").headers["apigw-requestid"]
    assert read_lines(gateway, "second", 1) == [f"{last} /"]
    assert len(read_lines(gateway, "first", 1)) == 1
