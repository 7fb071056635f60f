"""The key broker against a real endpoint, with time moved by hand."""

import asyncio
import base64
import contextlib
import functools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from sekisho.model.ir import Flavour, KeySet, KeySetState
from sekisho.serve.key_broker import BrokerPolicy, FetchPolicy, KeyBroker, LocalKeys
from sekisho.serve.key_fetcher import Answer, KeyFetcher
from sekisho.serve.manual_time import ManualTime

pytestmark = pytest.mark.anyio
MINUTE, HOUR = 60, 3600


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@functools.cache
def jwk(kid: str) -> dict[str, str]:
    n = rsa.generate_private_key(65537, 2048).public_key().public_numbers().n
    text = base64.urlsafe_b64encode(n.to_bytes(256, "big")).rstrip(b"=").decode()
    return {"kty": "RSA", "kid": kid, "n": text, "e": "AQAB"}


def jwks(*kids: str) -> bytes:
    return json.dumps({"keys": [jwk(kid) for kid in kids]}).encode()


class Endpoint:
    """An HTTP server with one answer for everything; it can be taken down and come up again on its port."""

    def __init__(self) -> None:
        self.status = 200
        self.body = jwks("k1")
        self.requests = 0
        self.port = 0
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/jwks.json"

    async def up(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            head = f"HTTP/1.1 {self.status} X\r\nContent-Length: {len(self.body)}\r\n\r\n"
            writer.write(head.encode() + self.body)
            await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


class Listener:
    def __init__(self) -> None:
        self.calls = 0
        self.called = asyncio.Event()

    def __call__(self) -> None:
        self.calls += 1
        self.called.set()

    async def wait(self) -> None:
        await self.called.wait()
        self.called.clear()


@asynccontextmanager
async def broker_for(time: ManualTime, **options: Any) -> AsyncIterator[KeyBroker]:
    fetcher = KeyFetcher()
    broker = KeyBroker(time.clock, fetcher.fetch, wait=time.wait, **options)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()
        await fetcher.close()


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    await endpoint.up()
    yield endpoint
    await endpoint.down()


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


def kids(broker: KeyBroker, name: str) -> list[str]:
    return [key.kid for key in broker.current()[name].keys]


async def begin(broker: KeyBroker, time: ManualTime, url: str) -> None:
    broker.want([(url, Flavour.ALB)])
    await time.all_asleep(1)


async def test_keys_are_pending_and_then_there(endpoint: Endpoint, time: ManualTime) -> None:
    listener = Listener()
    async with broker_for(time, on_change=listener) as broker:
        broker.want([(endpoint.url, Flavour.ALB)])
        assert broker.current()[endpoint.url].state is KeySetState.PENDING
        await broker.settled([endpoint.url], 5)
        assert kids(broker, endpoint.url) == ["k1"]
        await listener.wait()


@pytest.mark.semantics("FETCH-09")
async def test_guards_that_share_an_endpoint_share_the_fetch(endpoint: Endpoint, time: ManualTime) -> None:
    async with broker_for(time) as broker:
        broker.want([(endpoint.url, Flavour.ALB)] * 50)
        broker.want([(endpoint.url, Flavour.ALB)])
        await time.all_asleep(1)
    assert endpoint.requests == 1


@pytest.mark.semantics("FETCH-05")
async def test_keys_are_fetched_again_every_five_minutes(endpoint: Endpoint, time: ManualTime) -> None:
    async with broker_for(time) as broker:
        await begin(broker, time, endpoint.url)
        endpoint.body = jwks("k2")
        await time.passes(5 * MINUTE - 1)
        assert (kids(broker, endpoint.url), endpoint.requests) == (["k1"], 1)
        await time.passes(1)
        assert (kids(broker, endpoint.url), endpoint.requests) == (["k2"], 2)


async def test_an_unchanged_set_is_not_news(endpoint: Endpoint, time: ManualTime) -> None:
    async with broker_for(time) as broker:
        await begin(broker, time, endpoint.url)
        before = broker.current()
        await time.passes(HOUR)
        assert broker.current() is before
        assert endpoint.requests == 13


@pytest.mark.semantics("FETCH-06")
async def test_an_outage_of_ten_minutes_changes_nothing(endpoint: Endpoint, time: ManualTime) -> None:
    async with broker_for(time) as broker:
        await begin(broker, time, endpoint.url)
        before = broker.current()
        await endpoint.down()
        await time.passes(15 * MINUTE)
        assert broker.current() is before
        assert broker.failing() == {endpoint.url: "The connection was refused."}
        await endpoint.up()
        await time.passes(30)
        assert not broker.failing()


@pytest.mark.parametrize(
    ("status", "body"), [(503, b""), (200, b"<html>"), (200, b" " * 151_000)], ids=["503", "html", "151 KB"]
)
async def test_an_endpoint_that_misbehaves_later_does_not_take_the_keys_away(
    endpoint: Endpoint, time: ManualTime, status: int, body: bytes
) -> None:
    async with broker_for(time) as broker:
        await begin(broker, time, endpoint.url)
        endpoint.status, endpoint.body = status, body
        await time.passes(30 * MINUTE)
        assert kids(broker, endpoint.url) == ["k1"]


@pytest.mark.semantics("FETCH-06")
async def test_keys_are_let_go_an_hour_after_they_were_last_seen(
    endpoint: Endpoint, time: ManualTime
) -> None:
    async with broker_for(time) as broker:
        await begin(broker, time, endpoint.url)
        await endpoint.down()
        await time.passes(HOUR - 1)
        assert kids(broker, endpoint.url) == ["k1"]
        await time.passes(1)
        assert broker.current()[endpoint.url].state is KeySetState.UNREACHABLE
        assert kids(broker, endpoint.url) == []


@pytest.mark.semantics("FETCH-07")
async def test_a_withdrawn_set_is_gone_with_the_next_fetch(endpoint: Endpoint, time: ManualTime) -> None:
    async with broker_for(time) as broker:
        await begin(broker, time, endpoint.url)
        endpoint.body = jwks()
        await time.passes(5 * MINUTE)
        assert broker.current()[endpoint.url].state is KeySetState.INVALID
        await endpoint.down()
        await time.passes(10 * MINUTE)
        assert kids(broker, endpoint.url) == []


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (503, b"", KeySetState.REFUSED),
        (302, b"", KeySetState.REFUSED),
        (200, b"<html>", KeySetState.INVALID),
        (200, b" " * 151_000, KeySetState.TOO_LARGE),
        (200, jwks(*[f"k{number % 2}" for number in range(11)]), KeySetState.TOO_LARGE),
    ],
    ids=["503", "302", "html", "151 KB", "11 keys"],
)
async def test_an_endpoint_that_never_gave_keys_says_why(
    endpoint: Endpoint, time: ManualTime, status: int, body: bytes, state: KeySetState
) -> None:
    endpoint.status, endpoint.body = status, body
    async with broker_for(time) as broker:
        await begin(broker, time, endpoint.url)
        assert broker.current()[endpoint.url].state is state


async def test_a_provider_that_comes_up_is_noticed_soon(endpoint: Endpoint, time: ManualTime) -> None:
    await endpoint.down()
    async with broker_for(time) as broker:
        await begin(broker, time, endpoint.url)
        assert broker.current()[endpoint.url].state is KeySetState.UNREACHABLE
        await endpoint.up()
        await time.passes(1)
        assert kids(broker, endpoint.url) == ["k1"]


async def test_retries_become_rarer_up_to_half_a_minute(endpoint: Endpoint, time: ManualTime) -> None:
    endpoint.status = 503
    async with broker_for(time) as broker:
        await begin(broker, time, endpoint.url)
        counts = []
        for seconds in (1, 2, 4, 8, 16, 30, 30):
            await time.passes(seconds)
            counts.append(endpoint.requests)
    assert counts == [2, 3, 4, 5, 6, 7, 8]


# ---------------------------------------------------------------- unknown key ids


@pytest.mark.semantics("FETCH-08")
async def test_an_unknown_kid_brings_the_new_key_at_once(endpoint: Endpoint, time: ManualTime) -> None:
    async with broker_for(time) as broker:
        await begin(broker, time, endpoint.url)
        endpoint.body = jwks("k1", "k2")
        broker.report_unknown_kid(endpoint.url, "k2")
        await time.all_asleep(1)
        assert kids(broker, endpoint.url) == ["k1", "k2"]


@pytest.mark.semantics("FETCH-08")
async def test_a_flood_of_unknown_kids_costs_one_fetch_in_ten_seconds(
    endpoint: Endpoint, time: ManualTime
) -> None:
    async with broker_for(time) as broker:
        await begin(broker, time, endpoint.url)
        broker.report_unknown_kid(endpoint.url, "first")
        await time.all_asleep(1)
        for second in range(20):
            for number in range(100):
                broker.report_unknown_kid(endpoint.url, f"{second}-{number}")
            await time.all_asleep(1)
            await time.passes(1)
        assert endpoint.requests == 4


async def test_a_known_kid_or_an_unknown_set_causes_nothing(endpoint: Endpoint, time: ManualTime) -> None:
    async with broker_for(time) as broker:
        await begin(broker, time, endpoint.url)
        broker.report_unknown_kid(endpoint.url, "k1")
        broker.report_unknown_kid("https://elsewhere.example/", "k9")
        await time.passes(MINUTE)
        assert endpoint.requests == 1


async def test_the_time_between_two_such_fetches_can_be_set(endpoint: Endpoint, time: ManualTime) -> None:
    policy = BrokerPolicy(alb=FetchPolicy(timeout=5, fresh=HOUR, stale=HOUR, unknown_kid=MINUTE))
    async with broker_for(time, policy=policy) as broker:
        await begin(broker, time, endpoint.url)
        broker.report_unknown_kid(endpoint.url, "a")
        await time.all_asleep(1)
        broker.report_unknown_kid(endpoint.url, "b")
        await time.all_asleep(1)
        await time.passes(MINUTE - 1)
        assert endpoint.requests == 2
        await time.passes(1)
        assert endpoint.requests == 3


@pytest.mark.semantics("FETCH-01", "FETCH-02", "FETCH-05", "FETCH-06", "FETCH-08")
async def test_the_times_are_the_documented_and_chosen_ones(time: ManualTime) -> None:
    asked: dict[Flavour, float] = {}

    async def fetch(url: str, edge: Flavour, seconds: float) -> Answer:
        asked[edge] = seconds
        return Answer(KeySet(url, url, KeySetState.REFUSED), is_final=False)

    broker = KeyBroker(time.clock, fetch, wait=time.wait)
    broker.want([("https://idp.example/", edge) for edge in Flavour])
    await time.all_asleep(2)
    await broker.stop()
    assert asked == {Flavour.ALB: 5, Flavour.HTTP_API: 1.5}
    assert BrokerPolicy().alb == FetchPolicy(timeout=5, fresh=300, stale=3600, unknown_kid=10)
    assert BrokerPolicy().http_api == FetchPolicy(timeout=1.5, fresh=300, stale=7200, unknown_kid=60)


# ---------------------------------------------------------------- what is wanted, and who is told


async def test_what_is_no_longer_wanted_is_forgotten(endpoint: Endpoint, time: ManualTime) -> None:
    async with broker_for(time) as broker:
        await begin(broker, time, endpoint.url)
        broker.want([])
        await time.all_asleep(0)
        assert not broker.current()
        await time.passes(HOUR)
        assert endpoint.requests == 1


async def test_an_operation_does_not_wait_for_long(time: ManualTime) -> None:
    asked = asyncio.Event()

    async def silence(_url: str, _edge: Flavour, _seconds: float) -> Any:
        asked.set()
        await asyncio.Event().wait()

    broker = KeyBroker(time.clock, silence, wait=time.wait)
    broker.want([("https://slow.example/", Flavour.ALB)])
    await asked.wait()
    await broker.settled(["https://slow.example/", "https://not-wanted.example/"], 0.01)
    assert broker.current()["https://slow.example/"].state is KeySetState.PENDING
    await broker.stop()


async def test_a_listener_that_fails_once_is_called_again(endpoint: Endpoint, time: ManualTime) -> None:
    failures: list[str] = []
    called = asyncio.Event()

    async def listen() -> None:
        if not failures:
            failures.append("x")
            raise RuntimeError("boom")
        called.set()

    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context))
    async with broker_for(time, on_change=listen) as broker:
        await begin(broker, time, endpoint.url)
        endpoint.body = jwks("k2")
        await time.passes(5 * MINUTE)
        await called.wait()
    assert [str(context["exception"]) for context in reported] == ["boom"]


# ---------------------------------------------------------------- issuers of our own


@pytest.mark.semantics("FETCH-12")
async def test_local_keys_are_there_at_once_and_never_fetched(time: ManualTime) -> None:
    documents = {"https://pool.example/": LocalKeys("https://pool.example/jwks.json", jwks("k1"))}
    listener = Listener()

    def local(url: str, edge: Flavour) -> LocalKeys | None:
        return documents.get(url) if edge is Flavour.HTTP_API else None

    async with broker_for(time, local_keys=local, on_change=listener) as broker:
        broker.want([("https://pool.example/", Flavour.HTTP_API)])
        name = "http-api:https://pool.example/"
        assert kids(broker, name) == ["k1"]
        assert broker.current()[name].url == "https://pool.example/jwks.json"
        await broker.settled([name], 5)
        await listener.wait()
        documents["https://pool.example/"] = LocalKeys("https://pool.example/jwks.json", jwks("k2"))
        broker.refresh_local()
        assert kids(broker, name) == ["k2"]
        await listener.wait()
        broker.refresh_local()
        await time.all_asleep(0)
        assert listener.calls == 2


async def test_an_endpoint_can_become_local_and_cease_to_be(endpoint: Endpoint, time: ManualTime) -> None:
    documents: dict[str, LocalKeys] = {}
    async with broker_for(time, local_keys=lambda url, _edge: documents.get(url)) as broker:
        await begin(broker, time, endpoint.url)
        documents[endpoint.url] = LocalKeys(endpoint.url, jwks("local"))
        broker.refresh_local()
        assert kids(broker, endpoint.url) == ["local"]
        await time.all_asleep(0)
        documents.clear()
        broker.refresh_local()
        assert broker.current()[endpoint.url].state is KeySetState.PENDING
        await time.all_asleep(1)
        assert kids(broker, endpoint.url) == ["k1"]
