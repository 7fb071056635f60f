"""What the policy program owes besides its rules: it fails closed, forgets in time, and keeps secrets."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from envoy.extensions.filters.http.jwt_authn.v3.config_pb2 import PerRouteConfig
from envoy.extensions.filters.http.lua.v3.lua_pb2 import Lua, LuaPerRoute
from tests.conformance.lab import Connection, Guarded, Reply, raw_request, running_lab
from tests.conformance.minting import mint, private_key, public_jwk
from tests.conformance.vector import Policy, load_vectors

from sekisho.compile.emit.filters.jwt_authn import JWT_AUTHN
from sekisho.compile.emit.filters.policy import POLICY, emit_guard_route_config, emit_policy, policy_id
from sekisho.compile.emit.resources import pack
from sekisho.model.ir import KeySet, PublicKey


def policy_named(name: str) -> Policy:
    return next(vector.policy for vector in load_vectors() if vector.policy.guarded.name == name)


ALB = policy_named("alb")
API = policy_named("api")
LEEWAY = policy_named("alb-leeway")


def other_keys(key_set: KeySet) -> KeySet:
    """Return the set after a withdrawal: ``a`` is another key now."""
    jwk = public_jwk("foreign")
    return replace(key_set, name="other keys", keys=(PublicKey("a", jwk["n"], "AQAB", 2048),))


def guards() -> list[Guarded]:
    alb = ALB.guarded
    told = emit_guard_route_config(alb.guard, alb.key_set)
    broken = LuaPerRoute()
    broken.filter_context.update({"id": "broken", "policy": {"edge": "no such edge"}})
    rotated = other_keys(alb.key_set)
    return [
        alb,
        API.guarded,
        replace(alb, name="unproven", configs={**told, JWT_AUTHN: pack(PerRouteConfig(disabled=True))}),
        replace(alb, name="untold", configs={JWT_AUTHN: told[JWT_AUTHN]}),
        replace(alb, name="broken", configs={**told, POLICY: pack(broken)}),
        replace(alb, name="open", configs=emit_guard_route_config(None, None)),
        replace(alb, name="keyless", configs=emit_guard_route_config(alb.guard, None)),
        Guarded("rotated", replace(alb.guard, key_set=rotated.name), rotated),
    ]


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with running_lab(tmp_path_factory.mktemp("policy"), guards()) as lab, lab.connection() as connection:
        yield connection


def ask(edge: Connection, name: str, token: str) -> Reply:
    return edge.ask(raw_request(f"/{name}", [("authorization", f"Bearer {token}")]))


def good_token(**claims: object) -> str:
    return mint({"claims": claims}, ALB.claims, int(time.time()))


def test_an_open_route_asks_for_nothing(edge: Connection) -> None:
    assert edge.ask(raw_request("/open", [])).allowed


@pytest.mark.parametrize("name", ["untold", "broken", "keyless"])
@pytest.mark.semantics("ALB-JWT-10")
def test_a_policy_that_cannot_be_read_refuses(edge: Connection, name: str) -> None:
    reply = ask(edge, name, good_token())
    assert reply.status == 500
    assert not reply.allowed


@pytest.mark.semantics("ALB-JWT-14")
def test_a_remembered_token_needs_its_proof_every_time(edge: Connection) -> None:
    token = good_token(sub="remembered")
    assert ask(edge, "alb", token).allowed
    refused = ask(edge, "unproven", token)  # the same policy, so the same memory
    assert (refused.status, refused.record["reason"]) == (401, "JWTSignatureValidationError")


@pytest.mark.semantics("ALB-JWT-14")
def test_another_key_set_is_another_policy(edge: Connection) -> None:
    token = good_token(sub="rotated")
    assert ask(edge, "alb", token).allowed
    assert ask(edge, "rotated", token).record["reason"] == "JWTSignatureValidationError"
    signed_anew = mint({"key": "foreign"}, ALB.claims, int(time.time()))
    assert ask(edge, "rotated", signed_anew).allowed
    assert ask(edge, "alb", signed_anew).record["reason"] == "JWTSignatureValidationError"


@pytest.mark.slow
@pytest.mark.semantics("ALB-JWT-18", "TOKEN-14")
def test_a_remembered_token_ends_to_the_millisecond(edge: Connection) -> None:
    end = time.time() + 0.7
    token = mint({"claims": {"exp": end}}, ALB.claims, 0)
    allowed_at, refused_at = 0.0, 0.0
    while not refused_at:
        before = time.time()
        reply = ask(edge, "alb", token)
        if reply.allowed:
            allowed_at = before
        else:
            refused_at = time.time()
    assert reply.record["reason"] == "JWTClaimValueInvalid"
    assert allowed_at < end + 0.001  # the millisecond in which it ends still counts
    assert end - 0.002 < refused_at < end + 0.3


def test_the_record_tells_claims_only_when_they_are_verified(edge: Connection) -> None:
    verified = ask(edge, "alb", good_token(sub="somebody", client_id="machine-1", iss="other")).record
    assert verified["reason"] == "JWTClaimValueInvalid"
    assert (verified["iss"], verified["sub"], verified["client_id"]) == ("other", "somebody", "machine-1")
    forged = mint({"key": "foreign", "claims": {"sub": "admin"}}, ALB.claims, int(time.time()))
    record = ask(edge, "alb", forged).record
    assert (record["kid"], record["alg"]) == ("a", "RS256")
    assert not record.keys() & {"iss", "sub", "client_id"}


def test_the_record_names_the_policy_and_never_the_token(edge: Connection) -> None:
    token = good_token(sub='quote " backslash \\ control \x01 ' + "é" * 300)
    reply = ask(edge, "alb", token)
    record = reply.record
    assert record["policy"] == policy_id(ALB.guarded.guard, ALB.guarded.key_set)
    assert record["decision"] == "allow"
    assert record["sub"].startswith('quote " backslash \\ control \x01 éé')
    assert len(record["sub"].encode()) <= 256
    assert all(part not in reply.headers["x-decision"] for part in token.split("."))


def test_what_is_remembered_has_a_bound(tmp_path: Path) -> None:
    program = emit_policy().default_source_code.inline_string
    small = program.replace("REMEMBERED_BYTES = 8 * 1024 * 1024", "REMEMBERED_BYTES = 4 * 1024")
    assert small != program
    policy = Lua()
    policy.default_source_code.inline_string = small
    private_key("a")
    with running_lab(tmp_path, [ALB.guarded], policy) as lab, lab.connection() as connection:
        tokens = [good_token(sub=str(number)) for number in range(40)]
        for token in tokens * 3 + tokens[:3] * 5:
            assert ask(connection, "alb", token).allowed


def test_the_policy_id_names_all_that_a_decision_depends_on() -> None:
    alb = ALB.guarded
    ids = {
        policy_id(alb.guard, alb.key_set),
        policy_id(alb.guard, other_keys(alb.key_set)),
        policy_id(alb.guard, replace(alb.key_set, keys=alb.key_set.keys[:1])),
        policy_id(alb.guard, replace(alb.key_set, refused=("c",))),
        policy_id(alb.guard, None),
        policy_id(replace(alb.guard, issuer="other"), alb.key_set),
        policy_id(alb.guard, alb.key_set, LEEWAY.guarded.choices),
    }
    assert len(ids) == 7
    assert policy_id(alb.guard, replace(alb.key_set, detail="other words")) in ids
