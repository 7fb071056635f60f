"""A decision and the checks that led to it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sekisho.kernel.semantics import Rule

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Check:
    """One check that was made.

    Attributes:
        id: the rule's id.
        claim: the rule in one sentence.
        ok: whether the request passed.
        expected: what would pass.
        found: what the request held, cut short; never a token or a signature.
        source: the public page that says so.
    """

    id: str
    claim: str
    ok: bool
    expected: str
    found: str
    source: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a request.

    Attributes:
        allow: whether it may pass.
        status: the HTTP status of the answer, 200 when it may pass.
        reason: the code: of an ALB as in its access log; of an HTTP API the ``error`` of RFC 6750, or
            ``missing_token``. Empty when it may pass.
        error_description: an HTTP API's text, None where it sends none.
        checks: the checks made, in order; on refusal the last one is the one that decided.
    """

    allow: bool
    status: int
    reason: str
    error_description: str | None
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer to a request that fails a check."""

    status: int
    reason: str
    error_description: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one rule; a refusal makes it the last one."""

    rule: Rule
    expected: str
    found: str
    refusal: Refusal | None = None


def conclude(findings: Iterable[Finding]) -> Decision:
    """Return the decision: the first refusal among the findings, or leave to pass. Findings are drawn lazily."""
    checks: list[Check] = []
    for finding in findings:
        checks.append(_check(finding))
        refusal = finding.refusal
        if refusal is not None:
            return Decision(False, refusal.status, refusal.reason, refusal.error_description, tuple(checks))
    return Decision(True, 200, "", None, tuple(checks))


def shown(value: Any) -> str:
    """Return a value from a token as a check may show it: JSON, cut short."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _check(finding: Finding) -> Check:
    rule = finding.rule
    return Check(rule.id, rule.claim, finding.refusal is None, finding.expected, finding.found, rule.source)
