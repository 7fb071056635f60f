"""Why a request would be let through or refused, as ``explain`` answers it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExplainedCheck:
    """One check: its rule's id and claim, whether the request passed, what was expected and found, and who says so."""

    id: str
    claim: str
    ok: bool
    detail: str
    source: str


@dataclass(frozen=True, slots=True)
class EdgeAnswer:
    """What the edge itself decided about the same request, and whether that is what the reference says."""

    status: int
    reason: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision on one request.

    Attributes:
        why: the answer in one sentence.
        decision: ``allow`` or ``deny``.
        status: what the edge answers; of a request that is let through, 200 or the action's own status.
        reason: AWS's code, empty when it is let through.
        error_description: what an HTTP API says in ``www-authenticate``; None where it says nothing.
        rule: ARN of the listener rule or route that takes the request; empty when none does.
        listener: ARN of the listener or API.
        action: what happens to a request that is let through.
        checks: every check made, in order; of a refusal the last one decided.
        edge: the edge's own decision, None where it was not asked.
    """

    why: str
    decision: str
    status: int
    reason: str
    rule: str
    listener: str
    action: str
    error_description: str | None = None
    checks: tuple[ExplainedCheck, ...] = ()
    edge: EdgeAnswer | None = None
