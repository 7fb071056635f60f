"""One Envoy for all vectors."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.lab import Connection, Guarded, running_lab
from tests.conformance.vector import load_vectors


@pytest.fixture(scope="session")
def vector_edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Give a connection to an Envoy that has the guard of every vector."""
    guards: dict[str, Guarded] = {
        vector.policy.guarded.name: vector.policy.guarded for vector in load_vectors()
    }
    folder: Path = tmp_path_factory.mktemp("vectors")
    with running_lab(folder, guards.values()) as lab, lab.connection() as connection:
        yield connection
