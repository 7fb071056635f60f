"""The open questions about AWS whose answer somebody may want to switch, each with the answer that is taken."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choices:
    """What is chosen where no public text says how AWS decides; the defaults are the strict reading.

    The reference (``verify``) and the edge (``compile/emit/policy``) obey the same value.

    Attributes:
        bearer_any_case: an ALB takes ``bearer`` and ``BEARER`` for ``Bearer`` (RFC 9110 section 11.1).
        every_space_separated_value: a ``space-separated-values`` claim must hold every configured value;
            otherwise one of them is enough.
        leeway: seconds that a clock may be off in the checks of ``exp``, ``nbf`` and ``iat``.
    """

    bearer_any_case: bool = False
    every_space_separated_value: bool = True
    leeway: float = 0.0


DEFAULT_CHOICES = Choices()
"""The strict reading of every open question."""
