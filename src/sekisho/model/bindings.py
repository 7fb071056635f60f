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


@dataclass(frozen=True, slots=True)
class TaskTarget:
    """A target that was registered for a container that runs here; it is taken out when the container is elsewhere."""

    KIND: ClassVar[str] = "task-target"

    target_group_arn: str
    container: str
    address: str
    port: int

    @property
    def key(self) -> str:
        """Return the target group, the container and where it listens."""
        return f"{self.target_group_arn} {self.container} {self.address}:{self.port}"

    @property
    def scope(self) -> str:
        """Return the one scope of all of them."""
        return "task-targets"
