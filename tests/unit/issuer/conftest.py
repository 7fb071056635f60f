"""A store, a context with a few real RSA keys made once, and a tenant like the one of a machine-to-machine example."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sekisho.issuer.context import IssuerContext
from sekisho.issuer.keys import generate_private_key
from sekisho.issuer.tenants.apply import apply_tenants
from sekisho.issuer.tenants.spec import load_tenant_specs
from sekisho.kernel.clock import ManualClock
from sekisho.kernel.ids import CountingIds
from sekisho.store.api import Store
from sekisho.store.sql import open_sqlite

DOMAIN = "dev-abc123.us.auth0.com"
SECTION: list[dict[str, Any]] = [
    {
        "domain": DOMAIN,
        "apis": [
            {"identifier": "https://alb.example.com/", "profile": "rfc9068", "scopes": ["read:a", "write:a"]},
            {"identifier": "https://plain.example.com/"},
            {
                "identifier": "https://authz.example.com/",
                "token_dialect": "access_token_authz",
                "token_lifetime": 600,
                "scopes": [{"value": "read:b", "description": "Read b"}, "write:b"],
            },
            {"identifier": "https://ungranted.example.com/"},
        ],
        "applications": [
            {
                "name": "m2m",
                "client_id": "client0000000000000000000000000a",
                "client_secret": "s3cret-of-the-m2m-application",
                "apis": [
                    "https://alb.example.com/",
                    "https://plain.example.com/",
                    {"identifier": "https://authz.example.com/", "scopes": ["read:b"]},
                ],
            }
        ],
    }
]

Contexts = Callable[[], AbstractContextManager[IssuerContext]]


@pytest.fixture(scope="session")
def private_keys() -> tuple[str, ...]:
    return tuple(generate_private_key() for _ in range(3))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_sqlite(tmp_path / "state.db")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def new_key(private_keys: tuple[str, ...]) -> Callable[[], str]:
    keys = itertools.cycle(private_keys)
    return lambda: next(keys)


@pytest.fixture
def context(store: Store, clock: ManualClock, new_key: Callable[[], str]) -> Contexts:
    ids = CountingIds()

    @contextmanager
    def open_context() -> Iterator[IssuerContext]:
        with store.write() as state:
            yield IssuerContext(state, clock, ids, new_key)

    return open_context


@pytest.fixture
def tenant_store(store: Store, context: Contexts) -> Store:
    """The store with the tenant of :data:`SECTION` in it."""
    with context() as ctx:
        apply_tenants(ctx, load_tenant_specs(SECTION))
    return store
