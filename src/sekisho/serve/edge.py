"""Bringing a compiled configuration to the Envoys, in an order in which no request ever finds something missing."""

import asyncio
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import structlog
from google.protobuf.message import Message

from sekisho.compile.compile import Compiled
from sekisho.compile.transition import merge_extensions
from sekisho.serve.xds import CLUSTER, ENDPOINTS, EXTENSION, LISTENER, ROUTES, AdsServer, Nack, Resources

log = structlog.get_logger(__name__)

_LISTEN_POLL_SECONDS = 0.002


@dataclass(frozen=True, slots=True)
class Published:
    """What came of publishing: the version, whether every Envoy answered in time, and what one refused."""

    version: int
    acknowledged: bool
    nacks: tuple[Nack, ...] = ()


class Edge:
    """The Envoys, seen as one: it takes a compiled configuration and says when it is in force.

    ``compiled`` is the configuration that was published last, and ``last`` what came of it.
    """

    def __init__(self, ads: AdsServer, host: str, *, ack_timeout: float = 5.0) -> None:
        self._ads = ads
        self._host = host
        self._ack_timeout = ack_timeout
        self._lock = asyncio.Lock()
        self._current: Resources = {}
        self.last: Published | None = None
        self.compiled: Compiled | None = None

    async def publish(self, compiled: Compiled) -> Published:
        """Send a configuration and wait until every Envoy has acknowledged it.

        New clusters, then keys, come before the routes that need them, and old ones go after the routes that needed
        them. Where an Envoy does not answer in time the configuration stays published: it takes effect when the Envoy
        is back, and the result says so.
        """
        async with self._lock:
            acknowledged = True
            try:
                async with asyncio.timeout(self._ack_timeout):
                    await self._ads.wait_connected()
                    await self._make(compiled.resources)
                    await self._break(compiled.resources)
                    await self._wait_listening(compiled.resources.get(LISTENER, {}))
            except TimeoutError:
                acknowledged = False
                self._set_all(compiled.resources)
                log.warning("the edge did not acknowledge in time", version=compiled.version)
            self._current, self.compiled = compiled.resources, compiled
            self.last = Published(compiled.version, acknowledged, tuple(self._ads.nacks))
            return self.last

    async def _make(self, new: Resources) -> None:
        """Add what is new and switch the routes to it."""
        old = self._current
        for type_url in (CLUSTER, ENDPOINTS):
            self._ads.set_type(type_url, {**old.get(type_url, {}), **new.get(type_url, {})})
        await self._ads.wait_for(_names(new, CLUSTER, ENDPOINTS))
        self._ads.set_type(EXTENSION, merge_extensions(old.get(EXTENSION, {}), new.get(EXTENSION, {})))
        await self._ads.wait_current(EXTENSION)
        for type_url in (LISTENER, ROUTES):
            self._ads.set_type(type_url, new.get(type_url, {}))
        # Envoy asks for filters and routes only while a listener names them.
        await self._ads.wait_for(_names(new, LISTENER, *((EXTENSION, ROUTES) if new.get(LISTENER) else ())))

    async def _break(self, new: Resources) -> None:
        """Remove what no route needs any more."""
        for type_url in (EXTENSION, CLUSTER, ENDPOINTS):
            self._ads.set_type(type_url, new.get(type_url, {}))
        await self._ads.wait_current(EXTENSION, CLUSTER, ENDPOINTS)

    def _set_all(self, new: Resources) -> None:
        for type_url in (CLUSTER, ENDPOINTS, EXTENSION, LISTENER, ROUTES):
            self._ads.set_type(type_url, new.get(type_url, {}))

    async def _wait_listening(self, listeners: Mapping[str, Message]) -> None:
        """Wait until the sockets of new listeners accept: Envoy acknowledges a listener before its workers have it."""
        if self._ads.nacks:
            return
        for name in listeners.keys() - self._current.get(LISTENER, {}).keys():
            port = listeners[name].address.socket_address.port_value  # type: ignore[attr-defined]
            while not await asyncio.to_thread(_accepts, self._host, port):  # noqa: ASYNC110 - the kernel tells nobody
                await asyncio.sleep(_LISTEN_POLL_SECONDS)


def _names(resources: Resources, *type_urls: str) -> dict[str, Collection[str]]:
    return {type_url: resources.get(type_url, {}).keys() for type_url in type_urls}


def _accepts(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False
