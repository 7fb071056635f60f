"""What operations may ask of the running parts."""

from collections.abc import Mapping

from sekisho.serve.health_checks import HealthChecks
from sekisho.services.context import TargetHealth


class ServerRuntime:
    """Answers operations from the running health checks."""

    def __init__(self, health: HealthChecks) -> None:
        self._health = health

    def target_health(self, target_group_arn: str) -> Mapping[str, TargetHealth]:
        """Return the health of the targets of a group, by ``id:port``."""
        return {
            f"{target}:{port}": result
            for (group, target, port), result in self._health.results().items()
            if group == target_group_arn
        }
