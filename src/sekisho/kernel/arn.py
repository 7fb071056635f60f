"""Amazon Resource Names, parsed and formatted in one place.

Format: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arn:
    """One ARN. ``resource`` keeps everything after the account, with its own ``/`` and ``:``."""

    service: str
    region: str
    account: str
    resource: str
    partition: str = "aws"

    @classmethod
    def parse(cls, text: str) -> "Arn":
        """Parse ``arn:partition:service:region:account:resource``.

        Raises:
            ValueError: the text does not have that form.
        """
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn" or not parts[1] or not parts[2] or not parts[5]:
            raise ValueError(f"not an ARN: {text!r}")
        return cls(parts[2], parts[3], parts[4], parts[5], parts[1])

    @classmethod
    def is_valid(cls, text: str, service: str | None = None) -> bool:
        """Tell whether the text is an ARN, and of the given service when one is named."""
        try:
            arn = cls.parse(text)
        except ValueError:
            return False
        return service is None or arn.service == service

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"
