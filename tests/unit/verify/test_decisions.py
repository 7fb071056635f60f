"""What a decision tells besides its status, and the instants that no real clock can be held to."""

import json
from dataclasses import replace

import pytest
from tests.conformance.minting import mint
from tests.conformance.vector import Policy, load_vectors, request_of

from sekisho.model.choices import Choices
from sekisho.model.ir import AlbGuard, HttpApiGuard
from sekisho.verify.alb import decide_alb
from sekisho.verify.decision import Decision
from sekisho.verify.http_api import decide_http_api
from sekisho.verify.semantics import RULES

NOW = 1_795_269_228
IDS = {rule.id for rule in RULES}


def policy_named(name: str) -> Policy:
    return next(vector.policy for vector in load_vectors() if vector.policy.guarded.name == name)


ALB, API = policy_named("alb"), policy_named("api")


def alb(token: str, now: float = NOW, choices: Choices | None = None) -> Decision:
    guard = ALB.guarded.guard
    assert isinstance(guard, AlbGuard)
    headers = [("Authorization", f"Bearer {token}")]
    return decide_alb(guard, ALB.guarded.key_set, headers, now, choices or Choices())


def api(token: str, now: float = NOW) -> Decision:
    guard = API.guarded.guard
    assert isinstance(guard, HttpApiGuard)
    return decide_http_api(guard, API.guarded.key_set, [("authorization", token)], "", now)


@pytest.mark.semantics("ALB-JWT-18", "TOKEN-14")
@pytest.mark.parametrize(
    ("exp", "now", "allowed"),
    [
        (NOW, NOW - 0.001, True),
        (NOW, NOW, False),
        (NOW, NOW + 0.001, False),
        (NOW + 0.5, NOW + 0.499, True),
        (NOW + 0.5, NOW + 0.5, False),
        (NOW + 0.0005, NOW, True),
        (NOW + 0.0005, NOW + 0.0009, True),  # the clock counts whole milliseconds
        (NOW + 0.0005, NOW + 0.001, False),
    ],
)
def test_expiry_is_exact_to_the_millisecond(exp: float, now: float, *, allowed: bool) -> None:
    assert alb(mint({"claims": {"exp": exp}}, ALB.claims, 0), now).allow is allowed
    assert api(mint({"claims": {"exp": exp}}, API.claims, 0), now).allow is allowed


@pytest.mark.semantics("ALB-JWT-19", "ALB-JWT-20", "HTTP-JWT-18", "HTTP-JWT-19")
@pytest.mark.parametrize("claim", ["nbf", "iat"])
@pytest.mark.parametrize(
    ("date", "now", "allowed"),
    [
        (NOW, NOW, True),
        (NOW, NOW - 0.001, False),
        (NOW + 0.25, NOW + 0.25, True),
        (NOW + 0.25, NOW + 0.249, False),
    ],
)
def test_a_token_begins_in_the_millisecond_that_it_names(
    claim: str, date: float, now: float, *, allowed: bool
) -> None:
    assert alb(mint({"claims": {claim: date}}, ALB.claims, NOW), now).allow is allowed
    assert api(mint({"claims": {claim: date}}, API.claims, NOW), now).allow is allowed


@pytest.mark.semantics("TOKEN-14")
def test_leeway_moves_every_instant() -> None:
    choices = Choices(leeway=2.5)
    assert alb(mint({"claims": {"exp": NOW}}, ALB.claims, 0), NOW + 2.499, choices).allow
    assert not alb(mint({"claims": {"exp": NOW}}, ALB.claims, 0), NOW + 2.5, choices).allow
    assert alb(mint({"claims": {"nbf": NOW}}, ALB.claims, NOW), NOW - 2.5, choices).allow
    assert not alb(mint({"claims": {"nbf": NOW}}, ALB.claims, NOW), NOW - 2.501, choices).allow


def test_the_last_check_of_a_refusal_decided() -> None:
    decision = alb(mint({"claims": {"exp": NOW - 1}}, ALB.claims, NOW))
    assert [check.ok for check in decision.checks[:-1]] == [True] * (len(decision.checks) - 1)
    last = decision.checks[-1]
    assert (last.id, last.ok) == ("ALB-JWT-18", False)
    assert last.expected == "after 1795269228 (2026-11-21T13:53:48.000+00:00)"
    assert last.found == "1795269227 (2026-11-21T13:53:47.000+00:00)"
    assert last.source.startswith("https://docs.aws.amazon.com/")


def test_every_check_of_an_allowed_request_passed() -> None:
    decision = api(mint({}, API.claims, NOW))
    assert decision.allow
    assert all(check.ok for check in decision.checks)
    assert (decision.status, decision.reason, decision.error_description) == (200, "", None)


@pytest.mark.slow
def test_no_check_of_any_vector_shows_a_token() -> None:
    for vector in load_vectors():
        request = request_of(vector, NOW)
        guarded = vector.policy.guarded
        if isinstance(guarded.guard, AlbGuard):
            decision = decide_alb(guarded.guard, guarded.key_set, request.headers, NOW, guarded.choices)
        else:
            arguments = (guarded.key_set, request.headers, request.query, NOW, guarded.choices)
            decision = decide_http_api(guarded.guard, *arguments)
        token = mint(vector.token, vector.policy.claims, NOW)
        shown = json.dumps([[check.expected, check.found] for check in decision.checks], ensure_ascii=False)
        assert {check.id for check in decision.checks} <= IDS
        assert not any(len(part) > 40 and part in shown for part in token.split("."))
        assert all(len(check.found) < 300 for check in decision.checks)


def test_a_long_claim_is_cut_short() -> None:
    guard = ALB.guarded.guard
    assert isinstance(guard, AlbGuard)
    token = mint({"claims": {"iss": "x" * 5000}}, ALB.claims, NOW)
    decision = decide_alb(
        replace(guard, issuer="y"), ALB.guarded.key_set, [("authorization", f"Bearer {token}")], NOW
    )
    assert decision.checks[-1].found.endswith("…")
    assert len(decision.checks[-1].found) < 300


@pytest.mark.semantics("HTTP-JWT-05")
def test_a_parameter_whose_name_is_not_ascii_is_found_by_its_octets() -> None:
    guard = API.guarded.guard
    assert isinstance(guard, HttpApiGuard)
    guard = replace(guard, source="query", source_name="t é")
    token = mint({}, API.claims, NOW)
    for query, status in (
        (f"t%20%C3%A9={token}", 200),
        (f"t%20%E9={token}", 401),
        (f"t+%C3%A9={token}", 401),
    ):
        assert decide_http_api(guard, API.guarded.key_set, [], query, NOW).status == status
