"""A server, an issuer and a backend for the tests of HTTP APIs."""

from collections.abc import Iterator

import pytest
from tests.support.process import ServerProcess

from .harness import Backend, Gateway, Issuer, issuing, serving


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with issuing() as found:
        yield found


@pytest.fixture(scope="module")
def backend() -> Iterator[str]:
    with serving(Backend) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def gateway(sekisho_server: ServerProcess, backend: str) -> Gateway:
    return Gateway(sekisho_server, backend)
