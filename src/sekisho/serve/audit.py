"""The audit: live decisions of the edge, made again by the reference.

A disagreement is counted, turns health to degraded, and is logged with everything that is needed to reproduce it
but the token.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import structlog

from sekisho.compile.compile import Compiled
from sekisho.compile.emit.filters.policy import policy_id
from sekisho.kernel.fingerprint import fingerprint
from sekisho.model.choices import Choices
from sekisho.model.decisions import Decision
from sekisho.model.ir import Guard, KeySet
from sekisho.verify.explain import decide
from sekisho.verify.routing import RequestLine

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Audited:
    """A decision of the edge with the request that it was made on; ``target`` and ``headers`` may hold a token."""

    decision: Decision
    target: str
    headers: tuple[tuple[str, str], ...]


class Audit:
    """Compares what the edge decided with what the reference decides."""

    def __init__(self, compiled: Callable[[], Compiled | None]) -> None:
        self._compiled = compiled
        self.checked = 0
        self.disagreements = 0

    @property
    def health(self) -> str:
        """Return ``ok``, or how often edge and reference have disagreed."""
        if self.disagreements == 0:
            return "ok"
        return f"edge and reference disagreed on {self.disagreements} of {self.checked} decisions; the log has each"

    def take(self, audited: Audited) -> None:
        """Decide one request again."""
        edge = audited.decision
        compiled = self._compiled()
        guard = None if compiled is None else find_guard(compiled, edge.listener, edge.rule)
        if compiled is None or guard is None or not edge.policy:
            return
        key_sets = {key_set.name: key_set for key_set in compiled.edge.key_sets}
        if policy_id(guard, key_sets.get(guard.key_set), compiled.edge.choices) != edge.policy:
            return  # Decided under an older configuration; there is nothing to compare with.
        self.checked += 1
        expected = _decide(guard, key_sets, audited, compiled.edge.choices)
        if (edge.policy_status, edge.reason) not in expected:
            self.disagreements += 1
            log.error(
                "edge and reference disagree",
                expected=sorted(expected),
                decision=asdict(edge),
                guard=asdict(guard),
                token=fingerprint(dict(audited.headers).get("authorization", "")),
            )


def _decide(
    guard: Guard, key_sets: dict[str, KeySet], audited: Audited, choices: Choices
) -> set[tuple[int, str]]:
    """Return what the reference decides, at the first and at the last moment that the edge may have looked."""
    edge = audited.decision
    request = RequestLine(edge.method, audited.target, audited.headers)
    begun = edge.time.timestamp()
    moments = (begun, begun + edge.duration / 1000)
    decisions = [decide(guard, key_sets, request, now, choices) for now in moments]
    return {(decision.status, decision.reason) for decision in decisions}


def find_guard(compiled: Compiled, listener_arn: str, route_name: str) -> Guard | None:
    """Return the guard of a route, or None where there is no such route or guard."""
    for listener in compiled.edge.listeners:
        if listener.arn == listener_arn:
            for route in listener.routes:
                if route.name == route_name:
                    return route.guard
    return None
