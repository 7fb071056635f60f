"""What holds for every test."""

import signal
from collections.abc import Iterator

import pytest
import structlog

# A shell without job control has what it starts in the background ignore Ctrl-C, and every server that a test starts
# would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_logging_of_another_test() -> Iterator[None]:
    """Forget how a test had logs written: the stream that it captured is closed when it ends."""
    yield
    structlog.reset_defaults()
