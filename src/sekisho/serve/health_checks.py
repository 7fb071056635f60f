"""Health checks of targets, made by the control plane as an Application Load Balancer makes them.

Requests, thresholds, states, reason codes and their texts are AWS's:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html

One difference: a target that is not healthy is asked again after a tenth of a second, and rarer the longer it stays
so, instead of at every interval, so that an application on a laptop gets traffic as soon as it answers. How long it
takes until a target counts as unhealthy is AWS's.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sekisho.kernel.clock import Clock, SystemClock
from sekisho.serve.background import Background, Listener, Notifier, Wait, wait_for_event
from sekisho.serve.health_probe import HealthCheck, Outcome, probe
from sekisho.services.context import TargetHealth

TargetKey = tuple[str, str, int]
"""Target group ARN, target id and the port it is registered with."""

REGISTERING = TargetHealth("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
CHECKING = TargetHealth("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
HEALTHY = TargetHealth("healthy")

_QUICK_SECONDS = 0.1
_QUICK_SHARE = 0.05  # of the time that the target has not been healthy for


@dataclass(frozen=True, slots=True)
class CheckedTarget:
    """A registered target and how it is checked."""

    group: str
    target: str
    port: int
    check: HealthCheck

    @property
    def key(self) -> TargetKey:
        """Return what results are found by."""
        return (self.group, self.target, self.port)


class HealthChecks:
    """Checks targets and knows their health.

    Args:
        on_change: called, one call at a time, after the health of targets has changed; may be async.
        clock: how long a target has been failing.
        wait: how to wait between checks; tests drive it by hand.
    """

    def __init__(
        self, on_change: Listener = lambda: None, clock: Clock | None = None, wait: Wait = wait_for_event
    ) -> None:
        self._clock = clock or SystemClock()
        self._wait = wait
        self._background = Background()
        self._notifier = Notifier(self._background, on_change, "health-checks")
        self._targets: dict[TargetKey, _Target] = {}
        self._tasks: dict[TargetKey, asyncio.Task[None]] = {}
        self._results: Mapping[TargetKey, TargetHealth] = MappingProxyType({})

    async def start(self) -> None:
        """Begin to tell about changes."""
        self._notifier.start()

    async def stop(self) -> None:
        """Give up every check."""
        await self._background.stop()
        self._tasks.clear()

    def check(self, targets: Iterable[CheckedTarget]) -> None:
        """Check exactly these targets from now on; a new one is asked at once.

        A target whose check has changed keeps its health and is asked at once in the new way.
        """
        wanted = {target.key: target for target in targets}
        for key in self._targets.keys() - wanted.keys():
            self._tasks.pop(key).cancel()
            del self._targets[key]
        for key, target in wanted.items():
            known = self._targets.get(key)
            if known is None:
                self._targets[key] = known = _Target(target.check, self._clock)
                self._tasks[key] = self._background.spawn(self._keep_checking(known), f"health of {key}")
            elif known.check != target.check:
                known.check = target.check
                known.hurry()
        self._publish()

    def hurry(self) -> None:
        """Ask every target that is not healthy now, because something has come up."""
        for target in self._targets.values():
            if target.health.state != HEALTHY.state:
                target.hurry()

    def results(self) -> Mapping[TargetKey, TargetHealth]:
        """Return the health of every target; the mapping never changes."""
        return self._results

    def is_healthy(self, group: str, target: str, port: int) -> bool:
        """Tell whether the target gets traffic before others; one that is not checked does not."""
        result = self._results.get((group, target, port))
        return result is not None and result.state == HEALTHY.state

    async def _keep_checking(self, target: "_Target") -> None:
        while True:
            target.wake.clear()
            target.take(await probe(target.check))
            self._publish()
            if not target.wake.is_set():
                await self._wait(target.wake, target.delay())

    def _publish(self) -> None:
        results = {key: target.health for key, target in self._targets.items()}
        if results != self._results:
            self._results = MappingProxyType(results)
            self._notifier.notify()


class _Target:
    """The health of one target, by the thresholds of its check."""

    def __init__(self, check: HealthCheck, clock: Clock) -> None:
        self.check = check
        self.health = REGISTERING
        self.wake = asyncio.Event()
        self._clock = clock
        self._in_a_row = 0  # outcomes that contradict the state
        self._unhealthy_since: datetime = clock.now()
        self._failing_since: datetime | None = None

    def hurry(self) -> None:
        self._unhealthy_since = self._clock.now()
        self.wake.set()

    def take(self, outcome: Outcome) -> None:
        if outcome.reason is None:
            self._take_success()
        else:
            self._take_failure(TargetHealth("unhealthy", outcome.reason, outcome.description))

    def delay(self) -> float:
        """Return how long to wait before the next check, in seconds."""
        if self.health.state == HEALTHY.state:
            return self.check.interval
        lasting = (self._clock.now() - self._unhealthy_since).total_seconds()
        return min(self.check.interval, max(_QUICK_SECONDS, lasting * _QUICK_SHARE))

    def _take_success(self) -> None:
        self._failing_since = None
        self._in_a_row = 0 if self.health.state == HEALTHY.state else self._in_a_row + 1
        # A new target is healthy after one success, whatever the threshold is.
        if self.health.state == "initial" or self._in_a_row >= self.check.healthy_threshold:
            self.health = HEALTHY
            self._in_a_row = 0

    def _take_failure(self, unhealthy: TargetHealth) -> None:
        now = self._clock.now()
        if self._failing_since is None:
            self._failing_since = now
        if self.health.state == "unhealthy":
            self._in_a_row = 0
            self.health = unhealthy
        elif self._has_failed_long_enough(now):
            if self.health.state == HEALTHY.state:
                self._unhealthy_since = now
            self._in_a_row = 0
            self.health = unhealthy
        elif self.health.state == "initial":
            self.health = CHECKING

    def _has_failed_long_enough(self, now: datetime) -> bool:
        """Tell whether checks at every interval would have failed as often as the threshold says."""
        assert self._failing_since is not None  # noqa: S101 - set by the only caller
        failing = (now - self._failing_since).total_seconds()
        return failing >= (self.check.unhealthy_threshold - 1) * self.check.interval
