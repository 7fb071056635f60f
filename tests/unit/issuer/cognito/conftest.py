"""A user pool with a domain, a machine client, a browser app and a user, and its token endpoint."""

import base64
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.issuer.cognito.pool_issuer import PoolIssuer
from sekisho.issuer.cognito.user_tokens import PoolTokens
from sekisho.issuer.keys import generate_private_key
from sekisho.issuer.request import TokenRequest
from sekisho.issuer.token import answer_token_request, render_error
from sekisho.kernel.clock import ManualClock
from sekisho.kernel.errors import OAuthError
from sekisho.kernel.ids import CountingIds
from sekisho.kernel.secret import Secret
from sekisho.model.cognito import (
    AppClient,
    ClientSecret,
    Group,
    ResourceServer,
    ResourceServerScope,
    User,
    UserAlias,
    UserPool,
    UserPoolDomain,
)
from sekisho.model.triggers import TriggerCall
from sekisho.store.api import Store
from sekisho.store.sql import open_sqlite

NOW = datetime(2026, 11, 21, tzinfo=UTC)
POOL = UserPool("eu-west-1_Abc123def", "pool", "000000000000", "eu-west-1", "arn", NOW, NOW)
SECRET = "s3cret" * 8
MACHINE = AppClient(
    POOL.id,
    "machine0000000000000000000",
    "machine",
    NOW,
    NOW,
    secrets=(ClientSecret("1", NOW, SECRET),),
    allowed_oauth_flows=("client_credentials",),
    allowed_oauth_scopes=("items/read", "items/write"),
    oauth_enabled=True,
)
CALLBACK = "https://app.example.com/cb?x=1"
BROWSER = AppClient(
    POOL.id,
    "browser0000000000000000000",
    "browser",
    NOW,
    NOW,
    callback_urls=(CALLBACK,),
    allowed_oauth_flows=("code", "implicit"),
    allowed_oauth_scopes=("openid", "email", "items/read"),
    oauth_enabled=True,
)
USER = User(
    POOL.id,
    "ada",
    "ada",
    "11111111-2222-3333-4444-555555555555",
    "CONFIRMED",
    NOW,
    NOW,
    {
        "email": "ada@example.com",
        "email_verified": "true",
        "name": "Ada",
        "address": "London",
        "updated_at": "1795219200",
        "custom:tenant": "a",
    },
    groups=("b", "a"),
)
READ = ResourceServerScope("read", "Read")


class Triggers:
    """A trigger that a test sets, and the events that it got."""

    def __init__(self) -> None:
        self.answer: Callable[[dict[str, Any]], Mapping[str, Any]] | None = None
        self.events: list[dict[str, Any]] = []

    def run(self, call: TriggerCall) -> Mapping[str, Any]:
        assert call.trigger in call.pool.triggers
        event = {each.name: getattr(call, each.name) for each in fields(call)}
        self.events.append(event)
        return call.response if self.answer is None else self.answer(event)


class Endpoint:
    """The pool's token endpoint."""

    def __init__(self, store: Store, clock: ManualClock, triggers: Triggers, tokens: PoolTokens) -> None:
        self.store, self.clock, self.triggers, self.tokens = store, clock, triggers, tokens

    def ask(self, client: AppClient = MACHINE, secret: str | None = None, **params: str) -> dict[str, Any]:
        own = client.secrets[0].value if client.secrets else None
        given = secret if secret is not None else own
        request = TokenRequest(params, client.client_id, None if given is None else Secret(given))
        with self.store.read() as state:
            issuer = PoolIssuer(state, self.store, state.get(UserPool, POOL.id), self.tokens)
            return answer_token_request(issuer, request)

    def refused(
        self, client: AppClient = MACHINE, secret: str | None = None, **params: str
    ) -> dict[str, str]:
        with pytest.raises(OAuthError) as caught:
            self.ask(client, secret, **params)
        assert caught.value.status == 400
        return render_error(caught.value)

    def put(self, resource: Any) -> None:
        with self.store.write() as state:
            state.put(resource)


def decode(token: str, part: int = 1) -> dict[str, Any]:
    text = token.split(".")[part]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return decoded


@pytest.fixture(scope="session")
def pool_keys() -> tuple[str, ...]:
    return tuple(generate_private_key() for _ in range(2))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def endpoint(tmp_path: Path, clock: ManualClock, pool_keys: tuple[str, ...]) -> Iterator[Endpoint]:
    keys, triggers = itertools.cycle(pool_keys), Triggers()
    tokens = PoolTokens(clock, CountingIds(), triggers, new_key=lambda: next(keys))
    store = open_sqlite(tmp_path / "state.db")
    resources: tuple[Any, ...] = (
        POOL,
        *tokens.new_keys(POOL),
        MACHINE,
        BROWSER,
        USER,
        UserAlias(POOL.id, "sub", USER.sub, USER.folded),
        UserPoolDomain("shop", POOL.id),
        Group(POOL.id, "a", NOW, NOW, role_arn="arn:role/a", precedence=1),
        Group(POOL.id, "b", NOW, NOW),
        ResourceServer(POOL.id, "items", "items", (READ, ResourceServerScope("write", "Write"))),
        ResourceServer(POOL.id, "https://api.example.com/", "api", (READ,)),
    )
    with store.write() as state:
        for resource in resources:
            state.put(resource)
    yield Endpoint(store, clock, triggers, tokens)
    store.close()


@pytest.fixture
def samples() -> dict[str, Any]:
    return {
        "pool": POOL,
        "machine": MACHINE,
        "browser": BROWSER,
        "user": USER,
        "callback": CALLBACK,
        "decode": decode,
    }
