"""Time as an argument: the clock that runs, and one that tests move by hand."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time. ``now`` is always timezone-aware UTC."""

    def now(self) -> datetime:
        """Return the current instant in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current instant in UTC."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime = datetime(2026, 11, 21, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the instant that was set."""
        return self._now

    def advance(self, **delta: float) -> None:
        """Move on by the given ``timedelta`` arguments."""
        self._now += timedelta(**delta)
