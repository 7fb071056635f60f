"""What the compiler and the key broker have to say about a resource."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much it matters."""

    ERROR = "error"  # a route answers 500 (or a listener is not served) because of this
    WARNING = "warning"  # traffic flows, but not as the author probably meant
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about one resource.

    Attributes:
        code: stable and searchable, e.g. ``jwks-no-egress``.
        severity: how much it matters.
        arn: the resource that it is about.
        message: one or two sentences: the cause, and what to change.
        rule: id of the semantics rule behind it, or empty.
    """

    code: str
    severity: Severity
    arn: str
    message: str
    rule: str = ""
