"""Vectors that others wrote: RFC 7515 to 7520, Wycheproof, and raw requests. Skipped where the data is absent."""

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.lab import Guarded, Lab, Reply, raw_request, running_lab
from tests.conformance.minting import mint
from tests.conformance.vector import Policy, Request, decide, load_vectors

from sekisho.model.ir import AlbGuard, Flavour, Guard, HttpApiGuard, KeySet, KeySetState
from sekisho.verify.decision import Decision
from sekisho.verify.key_sets import parse_jwks
from sekisho.verify.signature import HASHES, find_key, has_valid_signature
from sekisho.verify.token import Flaw, MalformedTokenError, Token, decode_base64url, load_object

DATA = Path(__file__).parents[3] / "shared" / "data"
WYCHEPROOF, RFC, HTTP = (
    DATA / name for name in ("jose/wycheproof_edge.json", "jose/rfc_vectors.json", "http/cases.json")
)
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="../shared/data, the vectors of others, is not here"
)


def load(path: Path, member: str) -> list[Any]:
    return list(json.loads(path.read_text())[member]) if path.is_file() else []


def policy_named(name: str) -> Policy:
    return next(vector.policy for vector in load_vectors() if vector.policy.guarded.name == name)


# --- signatures ---------------------------------------------------------------------------------------------


def read_signed(jws: str) -> Token | None:
    """Return a JWS whose payload need not be a claim set."""
    segments = jws.split(".")
    if len(segments) != 3 or not segments[0] or not segments[2]:
        return None
    try:
        header, signature = decode_base64url(segments[0]), decode_base64url(segments[2])
        return Token(load_object(header, Flaw.HEADER), {}, jws.rpartition(".")[0].encode(), signature)
    except MalformedTokenError:
        return None


def verifies(jws: str, jwks: dict[str, Any]) -> bool:
    key_set = parse_jwks("theirs", json.dumps(jwks).encode(), Flavour.HTTP_API)
    token = read_signed(jws)
    if token is None or token.header.get("alg") not in HASHES or key_set.state is not KeySetState.READY:
        return False
    if "crit" in token.header or "b64" in token.header:
        return False
    key = find_key(token, key_set)
    return key is not None and has_valid_signature(token, key)


@pytest.mark.semantics("TOKEN-13", "TOKEN-02", "TOKEN-07", "HTTP-JWT-12", "ALB-JWT-14")
@pytest.mark.parametrize("case", load(WYCHEPROOF, "tests"), ids=lambda case: str(case["id"]))
def test_wycheproof_signature(case: dict[str, Any]) -> None:
    accepted = verifies(case["jws"], case["jwks"])
    if case["unit_expect"] == "refuse":
        assert not accepted, case["why"]
    elif '"ES' not in json.dumps(case["jwks"]):
        assert accepted, case["why"]


@pytest.mark.semantics("TOKEN-13")
def test_rfc_7515_example_verifies() -> None:
    """RFC 7515 appendix A.2, whose token has no kid: with one, the same octets would be signed differently."""
    key = json.loads(RFC.read_text())["keys"]["rfc7515-A.2"]["public"]
    key_set = parse_jwks("rfc", json.dumps({"keys": [key | {"kid": "A.2"}]}).encode(), Flavour.ALB)
    example = next(token for token in load(RFC, "tokens") if token["id"] == "7515-A.2")
    token = read_signed(example["token"])
    assert token is not None
    assert has_valid_signature(token, key_set.keys[0])
    assert not has_valid_signature(replace(token, signature=token.signature[::-1]), key_set.keys[0])


# --- requests -----------------------------------------------------------------------------------------------


def foreign_tokens() -> list[str]:
    tokens = [str(case["jws"]) for case in load(WYCHEPROOF, "tests")]
    for token in load(RFC, "tokens"):
        text = token["token"]
        tokens.append(text if isinstance(text, str) else json.dumps(text))
    return [token.replace("\n", "").replace("\r", "") for token in tokens]


def foreign_guards() -> list[Guarded]:
    """Return a guard of each edge for every key set of the vectors, beside our own."""
    documents = {json.dumps(case["jwks"], sort_keys=True) for case in load(WYCHEPROOF, "tests")}
    documents |= {
        json.dumps({"keys": [key["public"] | {"kid": "rfc"}]})
        for key in json.loads(RFC.read_text())["keys"].values()
        if key["public"]
    }
    guards = []
    for number, document in enumerate(sorted(documents)):
        for edge in Flavour:
            name = f"{edge}-{number}"
            key_set = parse_jwks(f"keys {name}", document.encode(), edge)
            guards.append(Guarded(name, guard_for(edge, key_set), key_set))
    return guards


def guard_for(edge: Flavour, key_set: KeySet) -> Guard:
    if edge is Flavour.ALB:
        return AlbGuard("joe", key_set.name)
    return HttpApiGuard("joe", key_set.name, ("joe",))


OURS = ("alb", "api")


@pytest.fixture(scope="module")
def foreign_edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    guards = [policy_named(name).guarded for name in OURS] + foreign_guards()
    with running_lab(tmp_path_factory.mktemp("foreign"), guards) as lab:
        yield lab


@pytest.mark.parametrize("name", OURS)
def test_no_foreign_token_passes_our_guards(name: str, foreign_edge: Lab) -> None:
    guarded = policy_named(name).guarded
    tokens = foreign_tokens()
    assert len(tokens) > 370
    for decision, reply in compared(foreign_edge, guarded, tokens):
        assert reply.status == decision.status == 401
        assert reply.record["reason"] == decision.reason
        assert reply.record.get("description") == decision.error_description


def compared(lab: Lab, guarded: Guarded, tokens: list[str]) -> Iterator[tuple[Decision, Reply]]:
    """Yield what the reference and Envoy say about each token behind ``Bearer``."""
    requests = [(("authorization", f"Bearer {token}"),) for token in tokens]
    replies = lab.ask_all([raw_request(f"/{guarded.name}", headers) for headers in requests])
    for headers, reply in zip(requests, replies, strict=True):
        yield decide(guarded, Request(headers, ""), time.time()), reply


@pytest.mark.slow
def test_no_foreign_token_passes_a_guard_with_its_own_keys(foreign_edge: Lab) -> None:
    tokens = foreign_tokens()
    sample = tokens[:: 1 + len(tokens) // 60]
    for guarded in foreign_guards():
        for decision, reply in compared(foreign_edge, guarded, sample):
            assert (reply.status, reply.record["reason"]) == (decision.status, decision.reason)
            # 562 is what a key set of foreign keys deserves; nothing else but a 401 may come.
            assert reply.status in {401, 562}


# --- raw requests -------------------------------------------------------------------------------------------


def with_verdict(*verdicts: str) -> list[Any]:
    return [case for case in load(HTTP, "cases") if case["verdict"] in verdicts]


AUTHORIZATION = [case for case in load(HTTP, "cases") if case["id"].startswith("auth-")]
TENANTS = ("tenant-A/", "tenant-B/")


@pytest.fixture(scope="module")
def tenants(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    groups = policy_named("alb-groups").guarded
    guard = groups.guard
    assert isinstance(guard, AlbGuard)
    guards = [
        replace(groups, name=name, below=True, guard=replace(guard, claims=(claim,)))
        for name, claim in zip(TENANTS, tenant_claims(guard), strict=True)
    ]
    with running_lab(tmp_path_factory.mktemp("tenants"), guards) as lab:
        yield lab


def tenant_claims(guard: AlbGuard) -> list[Any]:
    return [replace(guard.claims[0], values=(group,)) for group in ("tenant-a", "tenant-b")]


def send(lab: Lab, case: dict[str, Any]) -> Reply | None:
    """Send a case on a connection of its own and return the first answer, or None when it is closed instead."""
    claims = policy_named("alb-groups").claims
    raw = base64.b64decode(case["raw_b64"])
    for letter in "AB":
        recipe = {"claims": {"cognito:groups": [f"tenant-{letter.lower()}"]}}
        raw = raw.replace(
            f"{{{{TOKEN_TENANT_{letter}}}}}".encode(), mint(recipe, claims, int(time.time())).encode()
        )
    with lab.connection() as connection:
        try:
            return connection.ask(raw)
        except (EOFError, ConnectionResetError):
            return None


@pytest.mark.semantics("ALB-JWT-01", "ALB-JWT-02", "ALB-JWT-03", "ALB-JWT-04")
@pytest.mark.parametrize("case", AUTHORIZATION, ids=lambda case: str(case["id"]))
def test_raw_authorization(case: dict[str, Any], tenants: Lab) -> None:
    reply = send(tenants, case)
    if case["verdict"] == "refuse_401":
        assert reply is not None
        assert reply.status == 401
    if reply is None or not reply.allowed:
        assert reply is None or 400 <= reply.status < 500
        return
    assert case["verdict"] in {"accept", "compare", "refuse_or_safe", "refuse_or_same"}
    arrived = reply.body.decode("latin-1").partition("authorization=Bearer ")[2].partition("\n")[0]
    assert arrived.count(".") == 2, "what was verified is not what arrives"


@pytest.mark.semantics("URI-01", "URI-02")
@pytest.mark.parametrize("case", with_verdict("never_backend_B"), ids=lambda case: str(case["id"]))
def test_raw_path_confusion(case: dict[str, Any], tenants: Lab) -> None:
    reply = send(tenants, case)
    assert reply is None or not (reply.allowed and reply.headers["x-route"] == "tenant-B/")
