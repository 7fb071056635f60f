"""The ADS server: state of the world over one gRPC stream for each Envoy.

Protocol: https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol (state of the world, aggregated).
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc
import structlog
from envoy.service.discovery.v3 import ads_pb2_grpc, discovery_pb2
from google.protobuf import any_pb2
from google.protobuf.message import Message

log = structlog.get_logger(__name__)

_PREFIX = "type.googleapis.com/"
CLUSTER = _PREFIX + "envoy.config.cluster.v3.Cluster"
ENDPOINTS = _PREFIX + "envoy.config.endpoint.v3.ClusterLoadAssignment"
EXTENSION = _PREFIX + "envoy.config.core.v3.TypedExtensionConfig"
LISTENER = _PREFIX + "envoy.config.listener.v3.Listener"
ROUTES = _PREFIX + "envoy.config.route.v3.RouteConfiguration"

ORDER = (CLUSTER, ENDPOINTS, EXTENSION, LISTENER, ROUTES)
"""The order in which a change is sent: what is pointed at before what points to it."""

_WILDCARD = frozenset({CLUSTER, LISTENER})

Resources = Mapping[str, Mapping[str, Message]]
"""Type URL -> resource name -> message."""


@dataclass(frozen=True, slots=True)
class Nack:
    """Envoy refused a resource type; it goes on with what it had. ``detail`` is its own text."""

    node: str
    type_url: str
    detail: str


@dataclass
class _Subscription:
    """What one Envoy wants of one type, was sent, and said of it."""

    names: frozenset[str] = frozenset()
    asked: bool = False
    sent: dict[str, bytes] = field(default_factory=dict)
    nonce: str = ""
    answered: str = ""
    nack: str | None = None


class _Stream:
    """One Envoy's stream."""

    def __init__(self, server: "AdsServer", node: str) -> None:
        self.node = node
        self.subscriptions = {type_url: _Subscription() for type_url in ORDER}
        self.outbox: asyncio.Queue[Any] = asyncio.Queue()
        self.changed = asyncio.Condition()
        self._server = server

    def wanted(self, type_url: str) -> dict[str, bytes]:
        """Return the resources of a type that this Envoy should have now."""
        subscription = self.subscriptions[type_url]
        available = self._server.encoded[type_url]
        if type_url in _WILDCARD:
            return dict(available)
        return {name: available[name] for name in subscription.names if name in available}

    def is_current(self, type_url: str) -> bool:
        """Tell whether the Envoy has been sent, and has answered, all that it asked for of a type."""
        subscription = self.subscriptions[type_url]
        if not subscription.asked:
            # Envoy always asks for clusters and listeners, and for the rest only when one of those names it.
            return type_url not in _WILDCARD
        wanted = self.wanted(type_url)
        if type_url in _WILDCARD:
            return subscription.sent == wanted and subscription.answered == subscription.nonce
        # Of the other types a response says what is, never what is gone.
        up_to_date = all(subscription.sent.get(name) == message for name, message in wanted.items())
        return up_to_date and subscription.answered == subscription.nonce

    def has(self, type_url: str, names: Collection[str]) -> bool:
        """Tell whether it is current, and these resources are among what it asked for and answered."""
        return self.is_current(type_url) and set(names) <= self.subscriptions[type_url].sent.keys()

    def send(self, type_url: str) -> None:
        """Queue the type's resources if they differ from what was sent last."""
        subscription = self.subscriptions[type_url]
        wanted = self.wanted(type_url)
        if not subscription.asked or (subscription.nonce and wanted == subscription.sent):
            return
        if not wanted and type_url not in _WILDCARD:
            return
        if type_url == CLUSTER:
            # Envoy expects the endpoints again for a cluster that was replaced.
            for name, message in wanted.items():
                if subscription.sent.get(name) != message:
                    self.subscriptions[ENDPOINTS].sent.pop(name, None)
        subscription.sent = wanted
        subscription.nonce = self._server.next_nonce()
        response = discovery_pb2.DiscoveryResponse(
            type_url=type_url, nonce=subscription.nonce, version_info=subscription.nonce
        )
        for name in sorted(wanted):
            response.resources.append(any_pb2.Any(type_url=type_url, value=wanted[name]))
        self.outbox.put_nowait(response)

    async def receive(self, request: Any) -> None:
        """Take one request: a new subscription, an ACK or a NACK."""
        subscription = self.subscriptions.get(request.type_url)
        if subscription is None:
            log.warning("envoy asked for an unknown type", type_url=request.type_url, node=self.node)
            return
        subscription.asked = True
        if request.response_nonce and request.response_nonce != subscription.nonce:
            # An answer to an older response: another one is under way.
            subscription.names = frozenset(request.resource_names)
            self.send(request.type_url)
            return
        new_names = frozenset(request.resource_names) - subscription.names
        for name in new_names:
            subscription.sent.pop(name, None)
        subscription.names = frozenset(request.resource_names)
        if request.response_nonce:
            subscription.answered = request.response_nonce
            subscription.nack = request.error_detail.message if request.HasField("error_detail") else None
            if subscription.nack is not None:
                log.error(
                    "envoy refused", type_url=request.type_url, node=self.node, detail=subscription.nack
                )
        self.send(request.type_url)
        async with self.changed:
            self.changed.notify_all()


class AdsServer(ads_pb2_grpc.AggregatedDiscoveryServiceServicer):  # type: ignore[misc]
    """Gives every connected Envoy the published resources and knows what each has acknowledged."""

    def __init__(self) -> None:
        self.encoded: dict[str, dict[str, bytes]] = {type_url: {} for type_url in ORDER}
        self._streams: set[_Stream] = set()
        self._nonces = itertools.count(1)
        self._connected = asyncio.Condition()

    def next_nonce(self) -> str:
        """Return a nonce that was not used before."""
        return str(next(self._nonces))

    @property
    def nodes(self) -> list[str]:
        """Return the ids of the connected Envoys."""
        return sorted(stream.node for stream in self._streams)

    @property
    def nacks(self) -> list[Nack]:
        """Return what connected Envoys refuse at this moment."""
        return [
            Nack(stream.node, type_url, subscription.nack)
            for stream in self._streams
            for type_url, subscription in stream.subscriptions.items()
            if subscription.nack is not None
        ]

    def set_type(self, type_url: str, resources: Mapping[str, Message]) -> None:
        """Replace the resources of one type and send them to every Envoy."""
        self.encoded[type_url] = {
            name: message.SerializeToString(deterministic=True) for name, message in resources.items()
        }
        for stream in self._streams:
            stream.send(type_url)

    async def wait_connected(self) -> None:
        """Wait until an Envoy is connected."""
        async with self._connected:
            await self._connected.wait_for(lambda: bool(self._streams))

    async def wait_current(self, *type_urls: str) -> None:
        """Wait until every Envoy has answered the newest of what it asked for of these types."""
        await self._wait(lambda stream: all(map(stream.is_current, type_urls)))

    async def wait_for(self, names: Mapping[str, Collection[str]]) -> None:
        """Wait until every Envoy has asked for and answered these resources (type URL -> names).

        What a refused cluster or listener would have asked for is not waited for.
        """

        def is_done(stream: _Stream) -> bool:
            refused = any(stream.subscriptions[parent].nack is not None for parent in _WILDCARD)
            return all(
                stream.is_current(type_url) if refused else stream.has(type_url, wanted)
                for type_url, wanted in names.items()
            )

        await self._wait(is_done)

    async def _wait(self, is_done: Callable[[_Stream], bool]) -> None:
        for stream in list(self._streams):
            async with stream.changed:
                while stream in self._streams and not is_done(stream):
                    await stream.changed.wait()

    async def StreamAggregatedResources(  # noqa: N802 - the name that gRPC calls
        self, requests: AsyncIterator[Any], _context: grpc.aio.ServicerContext
    ) -> AsyncIterator[Any]:
        """Serve one Envoy until it goes away."""
        first = await anext(aiter(requests))
        stream = _Stream(self, first.node.id)
        self._streams.add(stream)
        log.debug("envoy connected", node=stream.node)
        reader = asyncio.create_task(self._read(stream, first, requests), name="ads-reader")
        async with self._connected:
            self._connected.notify_all()
        try:
            while True:
                response = await stream.outbox.get()
                if response is None:
                    return
                yield response
        finally:
            self._streams.discard(stream)
            reader.cancel()
            async with stream.changed:
                stream.changed.notify_all()
            log.debug("envoy disconnected", node=stream.node)

    @staticmethod
    async def _read(stream: _Stream, first: Any, requests: AsyncIterator[Any]) -> None:
        await stream.receive(first)
        async for request in requests:
            await stream.receive(request)
        stream.outbox.put_nowait(None)
