"""Dates of tokens against the clock, exact to the millisecond (TOKEN-14)."""

import math
from datetime import UTC, datetime


class Instant:
    """The time of a request, and how far the issuer's clock may be off."""

    def __init__(self, now: float, leeway: float) -> None:
        """Take both in seconds, ``now`` since 1970."""
        # Whole milliseconds, as Envoy counts them; a double of seconds is off by less than a microsecond.
        self._milliseconds = math.floor(now * 1000 + 0.001)
        self._leeway = leeway * 1000

    def is_before(self, date: float) -> bool:
        """Tell whether the date, in seconds since 1970, is still to come."""
        return self._milliseconds < date * 1000 + self._leeway

    def has_reached(self, date: float) -> bool:
        """Tell whether the date, in seconds since 1970, is now or was before."""
        return date * 1000 <= self._milliseconds + self._leeway

    def __str__(self) -> str:
        return shown_date(self._milliseconds / 1000)


def shown_date(date: float) -> str:
    """Return a date of a token as text: the number and what it means."""
    number = f"{date:.3f}".rstrip("0").rstrip(".")
    return f"{number} ({datetime.fromtimestamp(date, UTC).isoformat(timespec='milliseconds')})"
