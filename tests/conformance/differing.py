"""Run generated cases through the reference and through Envoy, and make what differs small."""

import copy
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import yaml
from envoy.extensions.filters.http.lua.v3.lua_pb2 import Lua
from tests.conformance.generating import random_case, random_policies
from tests.conformance.lab import Lab, raw_request, running_lab
from tests.conformance.vector import Policy, Request, Vector, decide, make_policy, request_of

BATCH = 400
"""Cases that are minted at one time; the times in them keep their distance from it."""

Answer = tuple[int, str, str | None]
"""Status, reason and description."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A case on which the two disagree."""

    case: dict[str, Any]
    policy: dict[str, Any]
    reference: Answer
    edge: Answer

    def __str__(self) -> str:
        vector = {"policies.yaml": {self.case["policy"]: self.policy}, "case": self.case}
        text = yaml.safe_dump(vector, allow_unicode=True, sort_keys=False, default_flow_style=None, width=120)
        return f"the reference says {self.reference}, the edge {self.edge}:\n{text}"


class Differ:
    """Random policies with an Envoy that has a route for each."""

    def __init__(self, seed: int) -> None:
        """Draw the policies; the same seed gives the same policies and cases."""
        self._random = Random(seed)
        self._shapes = random_policies(self._random)
        self._policies: Mapping[str, Policy] = {
            name: make_policy(name, shape) for name, shape in self._shapes.items()
        }

    def cases(self, count: int) -> list[dict[str, Any]]:
        """Return the next cases."""
        return [random_case(self._random, self._shapes) for _ in range(count)]

    def running(self, folder: Path, policy: Lua | None = None) -> AbstractContextManager[Lab]:
        """Run an Envoy for the policies; ``policy`` replaces the product's program."""
        return running_lab(folder, [one.guarded for one in self._policies.values()], policy)

    def differences(self, lab: Lab, cases: Sequence[dict[str, Any]]) -> Iterator[Difference]:
        """Yield the cases on which the two disagree."""
        for start in range(0, len(cases), BATCH):
            yield from self._compare(lab, cases[start : start + BATCH])

    def shrink(self, lab: Lab, found: Difference) -> Difference:
        """Return a difference of which no part can be left out."""
        smaller: Difference | None = found
        while smaller is not None:
            found = smaller
            smaller = next(self._compare(lab, list(_smaller(found.case))), None)
        return found

    def _compare(self, lab: Lab, cases: Sequence[dict[str, Any]]) -> Iterator[Difference]:
        now = int(time.time())
        vectors = [self._vector(case) for case in cases]
        requests = [request_of(vector, now) for vector in vectors]
        raw = [
            raw_request(_target(vector, request), request.headers)
            for vector, request in zip(vectors, requests, strict=True)
        ]
        for case, vector, request, reply in zip(cases, vectors, requests, lab.ask_all(raw), strict=True):
            decision = decide(vector.policy.guarded, request, now)
            reference = (decision.status, decision.reason, decision.error_description)
            record = reply.record if "x-decision" in reply.headers else {"reason": "no decision"}
            edge = (reply.status, record["reason"], record.get("description"))
            if reference != edge or decision.allow != reply.allowed:
                yield Difference(case, self._shapes[case["policy"]], reference, edge)

    def _vector(self, case: Mapping[str, Any]) -> Vector:
        headers = case.get("headers")
        return Vector(
            "generated", (), self._policies[case["policy"]], 0, "", None, case.get("token", {}),
            case.get("other", {}), None if headers is None else tuple(headers), case.get("query", ""),
        )  # fmt: skip


def _target(vector: Vector, request: Request) -> str:
    return f"/{vector.policy.guarded.name}" + (f"?{request.query}" if request.query else "")


def _smaller(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the case with one part less."""
    for path in _parts(case):
        smaller = copy.deepcopy(case)
        holder: Any = smaller
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]
        yield smaller
    text = bytes.fromhex(case.get("token", {}).get("payload_hex", ""))
    for start, end in _spans(len(text)):
        smaller = copy.deepcopy(case)
        smaller["token"]["payload_hex"] = (text[:start] + text[end:]).hex()
        yield smaller


def _parts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, member in items:
        if (*path, key) != ("policy",):
            yield (*path, key)
            yield from _parts(member, (*path, key))


def _spans(length: int) -> Iterator[tuple[int, int]]:
    for size in (16, 4, 1):
        for start in range(0, length - size + 1, size):
            yield start, start + size
