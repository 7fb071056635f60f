"""What is bound on this machine for a resource that AWS would run elsewhere."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PortBinding:
    """The loopback port of a listener or an API; it stays the same across restarts."""

    KIND: ClassVar[str] = "port-binding"

    arn: str
    port: int

    @property
    def key(self) -> str:
        """Return the ARN of the listener or API."""
        return self.arn

    @property
    def scope(self) -> str:
        """Return the one scope of all bindings."""
        return "ports"
