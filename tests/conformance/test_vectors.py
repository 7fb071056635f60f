"""Every vector runs through the reference and through Envoy."""

import time

import pytest
from tests.conformance.lab import Connection, Reply, raw_request
from tests.conformance.vector import Vector, decide, load_vectors, request_of

from sekisho.compile.emit.pages import page
from sekisho.model.ir import AlbGuard, HttpApiGuard

VECTORS = [pytest.param(vector, id=vector.id) for vector in load_vectors()]


@pytest.mark.parametrize("vector", VECTORS)
def test_reference(vector: Vector) -> None:
    now = int(time.time())
    decision = decide(vector.policy.guarded, request_of(vector, now), now)
    assert (decision.status, decision.reason) == (vector.status, vector.reason), decision.checks[-1]
    assert decision.error_description == vector.description
    assert decision.allow == (vector.status == 200)


@pytest.mark.parametrize("vector", VECTORS)
def test_edge(vector: Vector, vector_edge: Connection) -> None:
    request = request_of(vector, int(time.time()))
    target = f"/{vector.policy.guarded.name}" + (f"?{request.query}" if request.query else "")
    head = vector.method == "HEAD"
    vector_edge.ask(raw_request(target, request.headers, vector.method), head=head)
    # The second answer comes from what the policy remembers, where it remembers.
    reply = vector_edge.ask(raw_request(target, request.headers, vector.method), head=head)
    record = reply.record
    assert (reply.status, record["status"], record["reason"]) == (vector.status, vector.status, vector.reason)
    assert record.get("description") == vector.description
    assert reply.allowed == (vector.status == 200)
    if reply.allowed:
        check_forwarded(request.headers, reply)
    elif isinstance(vector.policy.guarded.guard, HttpApiGuard):
        check_http_api_answer(vector, vector.policy.guarded.guard, reply, head=head)
    else:
        assert isinstance(vector.policy.guarded.guard, AlbGuard)
        check_alb_answer(vector, reply, head=head)


def check_forwarded(headers: tuple[tuple[str, str], ...], reply: Reply) -> None:
    """ALB-JWT-33: what arrives behind the policy is what was sent, and nothing about the token besides."""
    lines = [line.partition("=") for line in reply.body.decode("latin-1").split("\n")]
    arrived = {name: value for name, _, value in lines if not name.startswith(":")}
    sent = {name.lower(): value.strip() for name, value in headers if value.strip()}
    assert {name: arrived[name] for name in sent} == sent
    assert not {name for name in arrived if name.startswith(("x-amzn-oidc", "x-sekisho"))}


def check_alb_answer(vector: Vector, reply: Reply, *, head: bool) -> None:
    """ALB-JWT-29 to ALB-JWT-32."""
    body = page(vector.status)
    assert reply.headers["server"] == "awselb/2.0"
    assert reply.headers["content-type"] == "text/html"
    assert reply.headers["content-length"] == str(len(body))
    assert "www-authenticate" not in reply.headers
    assert reply.body == (b"" if head else body.encode())


def check_http_api_answer(vector: Vector, guard: HttpApiGuard, reply: Reply, *, head: bool) -> None:
    """HTTP-JWT-23 and HTTP-JWT-24."""
    body = b'{"message":"Forbidden"}' if vector.status == 403 else b'{"message":"Unauthorized"}'
    challenge = "Bearer"
    if vector.reason != "missing_token":
        challenge += f' scope="{" ".join(guard.scopes)}" error="{vector.reason}"'
    if vector.description is not None:
        challenge += f' error_description="{vector.description}"'
    assert reply.headers["www-authenticate"] == challenge
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["content-length"] == str(len(body))
    assert reply.body == (b"" if head else body)
