"""Servers for the end-to-end tests."""

from collections.abc import Iterator

import pytest
from tests.support.process import ServerProcess, running, upstream


@pytest.fixture(scope="module")
def sekisho_server() -> Iterator[ServerProcess]:
    """An empty server in a process of its own, shared by the tests of a module."""
    with running("serve", "--ephemeral", "--port", "0") as server:
        yield server


@pytest.fixture(scope="module")
def target_port() -> Iterator[int]:
    """The port of an application that answers every request with 200."""
    with upstream() as port:
        yield port
