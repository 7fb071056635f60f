"""The key broker: knows the keys behind every JWKS endpoint that a guard names, and keeps knowing them.

However many guards share an endpoint, one task fetches it. Keys that were fetched stay in use while the endpoint
cannot be reached, for a limited time; keys that the endpoint withdraws are gone with the next fetch. The keys of
issuers that Sekisho runs itself come without HTTP.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

import structlog

from sekisho.kernel.clock import Clock
from sekisho.model.ir import Flavour, KeySet, KeySetState, key_set_name
from sekisho.serve.background import Background, Listener, Notifier, Wait, wait_for_event
from sekisho.serve.key_fetcher import Answer
from sekisho.verify.key_sets import parse_jwks

log = structlog.get_logger(__name__)

Fetch = Callable[[str, Flavour, float], Awaitable[Answer]]
Wanted = tuple[str, Flavour]
"""A JWKS endpoint (ALB) or an issuer (HTTP API)."""


@dataclass(frozen=True, slots=True)
class LocalKeys:
    """The key set of an issuer that Sekisho runs: its address, and the document that is served there."""

    url: str
    document: bytes


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """How keys are fetched for one kind of edge; all in seconds.

    Attributes:
        timeout: for one whole request; a discovery and its JWKS are two.
        fresh: age at which keys are fetched again.
        stale: age up to which keys are used while they cannot be fetched.
        unknown_kid: least time between two fetches that unknown key ids cause.
    """

    timeout: float
    fresh: float
    stale: float
    unknown_kid: float


@dataclass(frozen=True, slots=True)
class BrokerPolicy:
    """When keys are fetched.

    AWS documents 5 s for an ALB's JWKS endpoint, 1.5 s each for an HTTP API's discovery and JWKS, and that an HTTP
    API may keep a key for two hours; the other times are chosen.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-verify-jwt.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    """

    # FETCH-01, FETCH-02, FETCH-05, FETCH-06, FETCH-08
    alb: FetchPolicy = FetchPolicy(timeout=5, fresh=300, stale=3600, unknown_kid=10)
    http_api: FetchPolicy = FetchPolicy(timeout=1.5, fresh=300, stale=7200, unknown_kid=60)
    first_retry: float = 1
    longest_retry: float = 30

    def of(self, edge: Flavour) -> FetchPolicy:
        """Return the times of that kind of edge."""
        return self.alb if edge is Flavour.ALB else self.http_api


class KeyBroker:
    """Keeps the key set of each wanted endpoint.

    Args:
        clock: how old keys are.
        fetch: gets a key set; :meth:`sekisho.serve.key_fetcher.KeyFetcher.fetch`.
        local_keys: the keys of an issuer of our own, or None for an endpoint elsewhere.
        on_change: called, one call at a time, after key sets have changed; may be async.
        policy: when to fetch.
        wait: how to wait; tests drive it by hand.
    """

    def __init__(
        self,
        clock: Clock,
        fetch: Fetch,
        local_keys: Callable[[str, Flavour], LocalKeys | None] = lambda _url, _edge: None,
        on_change: Listener = lambda: None,
        policy: BrokerPolicy | None = None,
        wait: Wait = wait_for_event,
    ) -> None:
        self._clock = clock
        self._fetch = fetch
        self._local_keys = local_keys
        self._policy = policy or BrokerPolicy()
        self._wait = wait
        self._endpoints: dict[str, _Endpoint] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._background = Background()
        self._notifier = Notifier(self._background, on_change, "key-broker")
        self._current: Mapping[str, KeySet] = MappingProxyType({})

    async def start(self) -> None:
        """Begin to tell about changes."""
        self._notifier.start()

    async def stop(self) -> None:
        """Give up every fetch."""
        await self._background.stop()
        self._tasks.clear()

    def current(self) -> Mapping[str, KeySet]:
        """Return the key sets by name (:func:`sekisho.verify.key_sets.key_set_name`); the mapping never changes."""
        return self._current

    def failing(self) -> Mapping[str, str]:
        """Return why the last fetch failed, by name, for each endpoint whose last fetch did."""
        return {name: endpoint.failure for name, endpoint in self._endpoints.items() if endpoint.failure}

    def want(self, wanted: Iterable[Wanted]) -> None:
        """Keep exactly these key sets from now on; local ones are known when this returns."""
        named = {key_set_name(url, edge): (url, edge) for url, edge in wanted}
        for name in self._endpoints.keys() - named.keys():
            self._drop(name)
        for name, (url, edge) in named.items():
            if name not in self._endpoints:
                self._add(name, url, edge)
        self._publish()

    def refresh_local(self) -> None:
        """Take up the present keys of local issuers; call it whenever their keys may have changed."""
        for name, endpoint in list(self._endpoints.items()):
            local = self._local_keys(endpoint.url, endpoint.edge)
            if local is None and name not in self._tasks:
                # No longer ours: whatever is there now, our keys do not count any more.
                self._drop(name)
                self._add(name, endpoint.url, endpoint.edge)
            elif local is not None:
                self._cancel(name)
                endpoint.take_local(local)
        self._publish()

    def report_unknown_kid(self, name: str, kid: str) -> None:
        """Say that a token named a key that the set does not hold; it is fetched again, but not too often."""
        endpoint = self._endpoints.get(name)
        if endpoint is not None and name in self._tasks:
            endpoint.miss(kid)

    async def settled(self, names: Iterable[str], timeout: float) -> None:  # noqa: ASYNC109 - a wish, not an error
        """Wait until each of the wanted sets has been asked for once, at most for that many seconds."""
        waiting = [self._endpoints[name].settled.wait() for name in names if name in self._endpoints]
        try:
            async with asyncio.timeout(timeout):
                await asyncio.gather(*waiting)
        except TimeoutError:
            return

    def _add(self, name: str, url: str, edge: Flavour) -> None:
        endpoint = _Endpoint(name, url, edge, self._clock, self._policy)
        self._endpoints[name] = endpoint
        local = self._local_keys(url, edge)
        if local is None:
            self._tasks[name] = self._background.spawn(self._keep(endpoint), f"keys of {name}")
        else:
            endpoint.take_local(local)

    def _drop(self, name: str) -> None:
        self._cancel(name)
        self._endpoints.pop(name).settled.set()

    def _cancel(self, name: str) -> None:
        task = self._tasks.pop(name, None)
        if task is not None:
            task.cancel()

    async def _keep(self, endpoint: "_Endpoint") -> None:
        while True:
            endpoint.begin()
            self._publish()
            timeout = self._policy.of(endpoint.edge).timeout
            endpoint.take(await self._fetch(endpoint.url, endpoint.edge, timeout))
            self._publish()
            while (seconds := endpoint.due_in()) > 0:
                endpoint.wake.clear()
                await self._wait(endpoint.wake, seconds)

    def _publish(self) -> None:
        current = {name: endpoint.key_set for name, endpoint in self._endpoints.items()}
        if current != self._current:
            self._current = MappingProxyType(current)
            self._notifier.notify()


class _Endpoint:
    """What is known of one endpoint, and when to ask it next."""

    def __init__(self, name: str, url: str, edge: Flavour, clock: Clock, policy: BrokerPolicy) -> None:
        self.url = url
        self.edge = edge
        self.key_set = KeySet(name, url, KeySetState.PENDING, detail="The keys have not been fetched yet.")
        self.failure = ""
        self.settled = asyncio.Event()
        self.wake = asyncio.Event()
        self._clock = clock
        self._times = policy.of(edge)
        self._policy = policy
        self._due = clock.now()
        self._failed: KeySet | None = None
        self._failures = 0
        self._good_until: datetime | None = None
        self._missing: str | None = None
        self._last_for_kid: datetime | None = None

    def take_local(self, local: LocalKeys) -> None:
        self.key_set = parse_jwks(local.url, local.document, self.edge, self.key_set.name)
        self.failure = ""
        self._good_until = None
        self.settled.set()

    def due_in(self) -> float:
        return (self._due - self._clock.now()).total_seconds()

    def miss(self, kid: str) -> None:
        if any(key.kid == kid for key in self.key_set.keys):
            return
        self._missing = kid
        self._hurry()
        self.wake.set()

    def begin(self) -> None:
        """Take note that a fetch begins, and let go of keys that are too old to be used without it."""
        if self._missing is not None:
            self._missing = None
            self._last_for_kid = self._clock.now()
        if self._good_until is not None and self._clock.now() >= self._good_until and self._failed:
            self._good_until = None
            self.key_set = self._failed
            log.warning("keys too old to be used", endpoint=self.url, reason=self.failure)

    def take(self, answer: Answer) -> None:
        now = self._clock.now()
        if answer.is_final:
            self._take_final(answer.key_set, now)
        else:
            self._take_failure(answer.key_set, now)
        self.settled.set()
        if self._missing is not None:
            self.miss(self._missing)

    def _take_final(self, key_set: KeySet, now: datetime) -> None:
        if self._failures:
            log.info("keys can be fetched again", endpoint=self.url)
        self.key_set = key_set  # FETCH-07
        is_ready = key_set.state is KeySetState.READY
        self.failure = "" if is_ready else key_set.detail
        self._failed, self._failures = None, 0
        self._good_until = now + timedelta(seconds=self._times.stale)
        self._due = now + timedelta(seconds=self._times.fresh if is_ready else self._policy.longest_retry)

    def _take_failure(self, failed: KeySet, now: datetime) -> None:
        if not self._failures:
            log.warning("keys cannot be fetched", endpoint=self.url, state=failed.state, reason=failed.detail)
        self._failed, self.failure = failed, failed.detail
        delay = min(self._policy.first_retry * 2.0**self._failures, self._policy.longest_retry)
        self._failures = min(self._failures + 1, 30)
        self._due = now + timedelta(seconds=delay)
        if self._good_until is None or now >= self._good_until:
            self._good_until = None
            self.key_set = failed
        else:
            # On time for begin() to let go of the keys.
            self._due = min(self._due, self._good_until)

    def _hurry(self) -> None:
        now = self._clock.now()
        since = self._last_for_kid
        earliest = now if since is None else since + timedelta(seconds=self._times.unknown_kid)
        self._due = min(self._due, max(now, earliest))
