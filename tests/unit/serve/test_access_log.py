"""From Envoy's access log entries to decision records."""

import json
from datetime import UTC, datetime

from envoy.config.core.v3.base_pb2 import GET
from envoy.data.accesslog.v3.accesslog_pb2 import HTTPAccessLogEntry

from sekisho.serve.access_log import to_decision

LISTENER = "arn:aws:elasticloadbalancing:us-east-1:1:listener/app/a/b/c"


def entry(record: dict[str, object] | None) -> HTTPAccessLogEntry:
    found = HTTPAccessLogEntry()
    found.request.request_method = GET
    found.request.authority = "api.example.com"
    found.request.path = "/products?access_token=secret"
    found.request.request_headers["x-amzn-trace-id"] = "Root=1-0-0"
    found.response.response_code.value = 401
    common = found.common_properties
    common.start_time.FromDatetime(datetime(2026, 11, 21, tzinfo=UTC))
    common.time_to_last_downstream_tx_byte.FromMicroseconds(2500)
    common.route_name = "rule-1"
    if record is not None:
        common.metadata.filter_metadata["sekisho"].update({"decision": json.dumps(record)})
    return found


def test_a_refused_request() -> None:
    said = {
        "decision": "deny",
        "status": 401,
        "reason": "JWTClaimValueInvalid",
        "policy": "p",
        "kid": "k",
        "iss": "i",
    }
    decision = to_decision(LISTENER, entry(said))
    assert (decision.status, decision.reason, decision.kid, decision.issuer) == (
        401,
        said["reason"],
        "k",
        "i",
    )
    assert (decision.method, decision.host, decision.rule) == ("GET", "api.example.com", "rule-1")
    assert (decision.time, decision.duration) == (datetime(2026, 11, 21, tzinfo=UTC), 2.5)


def test_the_query_string_stays_behind() -> None:
    decision = to_decision(LISTENER, entry(None))
    assert decision.path == "/products"
    assert "secret" not in repr(decision)


def test_a_rewritten_request_is_recorded_as_it_came() -> None:
    rewritten = entry(None)
    kept = {"original": "/tenant-a/products?q=secret", "host": "a.example.com"}
    rewritten.common_properties.metadata.filter_metadata["sekisho.path"].update(kept)
    decision = to_decision(LISTENER, rewritten)
    assert (decision.host, decision.path) == ("a.example.com", "/tenant-a/products")
