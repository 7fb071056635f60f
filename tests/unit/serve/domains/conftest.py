"""A site with a browser, without a network."""

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from tests.support.domain import Run, Site

from sekisho.issuer.cognito.user_tokens import PoolTokens
from sekisho.issuer.keys import generate_private_key
from sekisho.kernel.clock import ManualClock
from sekisho.kernel.functions import NoFunctions
from sekisho.kernel.ids import RandomIds
from sekisho.serve.domains.common import DomainDeps
from sekisho.serve.user_pools import user_pool_routes
from sekisho.services.cognito_idp import SERVICE
from sekisho.services.cognito_idp.triggers import PoolTriggers
from sekisho.services.registry import Dispatcher
from sekisho.store.sql import open_sqlite


@pytest.fixture(scope="module")
def private_keys() -> tuple[str, ...]:
    return tuple(generate_private_key() for _ in range(2))


@pytest.fixture
def site(tmp_path: Path, private_keys: tuple[str, ...]) -> Iterator[Site]:
    clock, ids, keys = ManualClock(), RandomIds(), itertools.cycle(private_keys)
    store = open_sqlite(tmp_path / "state.db")
    tokens = PoolTokens(clock, ids, PoolTriggers(NoFunctions()), new_key=lambda: next(keys))
    runtime: Any = None
    dispatcher = Dispatcher((SERVICE,), store, clock, ids, "000000000000", runtime, tokens=tokens)
    deps = DomainDeps(store, tokens, dispatcher.long_context)
    yield Site(Starlette(routes=user_pool_routes(deps)), dispatcher, clock, store)
    store.close()


@pytest.fixture
def run(site: Site) -> Run:
    def with_browser(visit: Callable[[httpx.AsyncClient], Coroutine[Any, Any, None]]) -> None:
        async def play() -> None:
            async with site.browser() as browser:
                await visit(browser)

        asyncio.run(play())

    return with_browser
