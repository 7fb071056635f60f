"""What the product promises to do, as records: an id, a claim, a source and how sure it is."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a rule is known."""

    DOCUMENTED = "documented"  # an AWS page, a service model or an RFC says so
    OBSERVED = "observed"  # somebody recorded the real service doing so
    CHOSEN = "chosen"  # nobody says; the safest reading was taken


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of behaviour.

    Attributes:
        id: stable, e.g. ``ALB-JWT-07``; tests, checks and diagnostics refer to it.
        claim: one sentence, true of this product.
        kind: how it is known.
        source: the public page, RFC section or issue that says so; for a chosen rule, the closest text.
        note: for a chosen rule, why this choice.
    """

    id: str
    claim: str
    kind: Kind
    source: str
    note: str = ""
