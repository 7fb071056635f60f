"""What holds for every test."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def _no_logging_of_another_test() -> Iterator[None]:
    """Forget how a test had logs written: the stream that it captured is closed when it ends."""
    yield
    structlog.reset_defaults()
