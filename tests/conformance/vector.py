"""The vectors: cases as data, made into guards, key sets and requests."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from tests.conformance.lab import Guarded
from tests.conformance.minting import fill_text, mint, public_jwk

from sekisho.model.choices import Choices
from sekisho.model.ir import (
    AlbGuard,
    ClaimCheck,
    ClaimFormat,
    Flavour,
    Guard,
    HttpApiGuard,
    KeySet,
    KeySetState,
)
from sekisho.verify.alb import decide_alb
from sekisho.verify.decision import Decision
from sekisho.verify.http_api import decide_http_api
from sekisho.verify.key_sets import parse_jwks

FOLDER = Path(__file__).parent / "vectors"


@dataclass(frozen=True, slots=True)
class Policy:
    """A guard with its key set, and the claims that a good token for it has."""

    guarded: Guarded
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Vector:
    """One case.

    Attributes:
        proves: the rules that it tests.
        status, reason, description: what must come back; a reason is empty on 200.
        headers: header lines, ``@token@`` and ``@other@`` standing for tokens; None for the usual one.
    """

    id: str
    proves: tuple[str, ...]
    policy: Policy
    status: int
    reason: str
    description: str | None
    token: Mapping[str, Any] = field(default_factory=dict)
    other: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[str, ...] | None = None
    query: str = ""
    method: str = "GET"


@dataclass(frozen=True, slots=True)
class Request:
    """A request of a vector at one time."""

    headers: tuple[tuple[str, str], ...]
    query: str


@lru_cache
def load_vectors() -> tuple[Vector, ...]:
    """Return every vector of the folder.

    Raises:
        AssertionError: two have the same id, or one has a member that does not exist.
    """
    vectors = tuple(_load_all())
    ids = [vector.id for vector in vectors]
    assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)
    return vectors


def request_of(vector: Vector, now: int) -> Request:
    """Return the vector's request when the time is ``now``."""
    policy = vector.policy
    token = mint(vector.token, policy.claims, now)
    other = mint(vector.other, policy.claims, now)

    def filled(text: str, encode: Callable[[str], str]) -> str:
        return fill_text(text.replace("@token@", encode(token)).replace("@other@", encode(other)), now)

    lines = vector.headers if vector.headers is not None else _usual_headers(policy.guarded.guard)
    pairs = [line.partition(":") for line in lines]
    headers = tuple((name, filled(value.removeprefix(" "), str)) for name, _, value in pairs)
    return Request(headers, filled(vector.query, quote))


def decide(guarded: Guarded, request: Request, now: float) -> Decision:
    """Return what the reference says."""
    guard, choices = guarded.guard, guarded.choices
    if isinstance(guard, AlbGuard):
        return decide_alb(guard, guarded.key_set, request.headers, now, choices)
    return decide_http_api(guard, guarded.key_set, request.headers, request.query, now, choices)


def _usual_headers(guard: Guard) -> tuple[str, ...]:
    if isinstance(guard, HttpApiGuard) and guard.source == "query":
        return ()
    name = "authorization" if isinstance(guard, AlbGuard) else guard.source_name
    return (f"{name}: Bearer @token@",)


def make_policy(name: str, shape: dict[str, Any]) -> Policy:
    """Return a policy of ``policies.yaml``."""
    edge = Flavour(shape["edge"])
    key_set = _key_set(f"{name} keys", edge, shape.get("keys", {"jwks": [{"key": "a"}, {"key": "b"}]}))
    guard: Guard
    if edge is Flavour.ALB:
        claims = tuple(_claim(claim) for claim in shape.get("claims", ()))
        guard = AlbGuard(shape["issuer"], shape.get("guard_keys", key_set.name), claims)
    else:
        guard = HttpApiGuard(
            shape["issuer"],
            shape.get("guard_keys", key_set.name),
            tuple(shape["audiences"]),
            tuple(shape.get("scopes", ())),
            *shape.get("source", ("header", "authorization")),
        )
    good = {"iss": shape["issuer"], "exp": "@+600@"} | shape.get("good", {})
    return Policy(Guarded(name, guard, key_set, Choices(**shape.get("choices", {}))), good)


# --- reading the files ----------------------------------------------------------------------------------------


def _load_all() -> Iterator[Vector]:
    policies = {
        name: make_policy(name, shape)
        for name, shape in yaml.safe_load((FOLDER / "policies.yaml").read_text()).items()
    }
    for file in sorted(FOLDER.glob("*.yaml")):
        document = yaml.safe_load(file.read_text())
        if file.name != "policies.yaml":
            for shape in document:
                yield from _vectors(shape, policies)


def _vectors(shape: dict[str, Any], policies: Mapping[str, Policy]) -> Iterator[Vector]:
    """Yield the case, or one for each policy of a list."""
    shape = dict(shape)
    names = shape.pop("policy")
    expected, proves = shape.pop("expect"), shape.pop("proves")
    for name in [names] if isinstance(names, str) else names:
        status, _, rest = str(expected[name] if isinstance(expected, dict) else expected).partition(" ")
        reason, _, description = rest.partition(": ")
        yield Vector(
            id=shape["id"] if isinstance(names, str) else f"{shape['id']}-{name}",
            proves=tuple([proves] if isinstance(proves, str) else proves),
            policy=policies[name],
            status=int(status),
            reason=reason,
            description=description or None,
            **{key: _frozen(value) for key, value in shape.items() if key != "id"},
        )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _claim(shape: Sequence[Any]) -> ClaimCheck:
    name, form, *values = shape
    return ClaimCheck(name, ClaimFormat(form), tuple(values))


def _key_set(name: str, edge: Flavour, shape: dict[str, Any]) -> KeySet:
    if "state" in shape:
        state = KeySetState(shape["state"])
        return KeySet(name, name, state, undiscovered=shape.get("undiscovered", False))
    members = [public_jwk(member["key"], **member.get("members", {})) for member in shape["jwks"]]
    members += shape.get("more", [])
    return parse_jwks(name, json.dumps({"keys": members}).encode(), edge)
