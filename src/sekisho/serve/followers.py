"""The running parts that follow the model: what they are told after each compile."""

from sekisho.compile.compile import Compiled
from sekisho.functions.runner import Functions
from sekisho.model.snapshot import Snapshot
from sekisho.serve.health_checks import HealthChecks
from sekisho.serve.health_specs import checked_targets


class FollowTargets:
    """Has the registered targets checked, no more and no fewer."""

    def __init__(self, health: HealthChecks) -> None:
        self._health = health

    async def follow(self, snapshot: Snapshot, _compiled: Compiled) -> None:
        """Check the targets that the snapshot holds."""
        self._health.check(checked_targets(snapshot))


class FollowFunctions:
    """Ends the workers of functions that are gone."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def follow(self, _snapshot: Snapshot, _compiled: Compiled) -> None:
        """Look which functions there are."""
        await self._functions.follow()
