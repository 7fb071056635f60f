"""A real Envoy with many guards, one a path, built with the product's own emitters.

What passes the policy is answered by an echo; every answer tells the decision that the policy recorded.
"""

import json
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envoy.config.bootstrap.v3.bootstrap_pb2 import Admin, Bootstrap
from envoy.config.core.v3.address_pb2 import Address, Pipe, SocketAddress
from envoy.config.core.v3.base_pb2 import DataSource
from envoy.config.listener.v3.listener_components_pb2 import Filter, FilterChain
from envoy.config.listener.v3.listener_pb2 import Listener as EnvoyListener
from envoy.config.route.v3.route_components_pb2 import (
    DirectResponseAction,
    RouteMatch,
    VirtualHost,
)
from envoy.config.route.v3.route_components_pb2 import Route as EnvoyRoute
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.extensions.filters.http.lua.v3.lua_pb2 import Lua
from envoy.extensions.filters.http.router.v3.router_pb2 import Router
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import (
    HttpConnectionManager,
    HttpFilter,
    LocalReplyConfig,
)
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.json_format import MessageToJson, ParseDict

from sekisho.compile.emit.filters.jwt_authn import JWT_AUTHN, emit_jwt_authn
from sekisho.compile.emit.filters.normalize import (
    NORMALIZE,
    RESTORE,
    emit_normalize,
    emit_normalize_route,
    emit_restore,
)
from sekisho.compile.emit.filters.policy import POLICY, emit_guard_route_config, emit_policy
from sekisho.compile.emit.resources import pack
from sekisho.model.choices import DEFAULT_CHOICES, Choices
from sekisho.model.ir import Edge, FixedResponse, Flavour, Guard, KeySet, Listener, Match, Route
from sekisho.serve.envoy import find_envoy

_ECHO = """
function envoy_on_request(handle)
  local headers = {}
  for name, value in pairs(handle:headers()) do headers[#headers + 1] = name .. "=" .. value end
  local answer = {[":status"] = "200", ["x-echo"] = "yes", ["x-route"] = handle:streamInfo():routeName()}
  handle:respond(answer, table.concat(headers, "\\n"))
end
"""

# Every answer that a filter makes passes here; it shows what the policy recorded.
_SHOW_DECISION = {
    "mappers": [
        {
            "filter": {
                "status_code_filter": {
                    "comparison": {"op": "GE", "value": {"default_value": 0, "runtime_key": "none"}}
                }
            },
            "headers_to_add": [
                {
                    "header": {"key": "x-decision", "value": "%DYNAMIC_METADATA(sekisho:decision)%"},
                    "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
                }
            ],
        }
    ]
}


@dataclass(frozen=True, slots=True)
class Guarded:
    """A guard, the key set that it sees and the choices that it obeys, at the path ``/name``.

    ``below`` takes every path that starts so; ``configs`` replaces what the filters are told.
    """

    name: str
    guard: Guard
    key_set: KeySet
    choices: Choices = DEFAULT_CHOICES
    below: bool = False
    configs: Mapping[str, AnyMessage] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, the headers in lower case, the body, and the recorded decision."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def record(self) -> dict[str, Any]:
        """Return the decision as the policy recorded it."""
        record = json.loads(self.headers["x-decision"].encode("latin-1"))
        assert isinstance(record, dict)
        return record

    @property
    def allowed(self) -> bool:
        """Tell whether the request passed the policy."""
        return self.headers.get("x-echo") == "yes"


def raw_request(
    path: str, headers: Sequence[tuple[str, str]], method: str = "GET", host: str = "edge.test"
) -> bytes:
    """Return the bytes of a request without a body; header values are taken as Latin-1."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {host}", *(f"{name}: {value}" for name, value in headers)]
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1")


class Connection:
    """A connection that is kept open."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._file = self._socket.makefile("rb")

    def ask(self, request: bytes, *, head: bool = False) -> Reply:
        """Send one request and return its answer."""
        self.send(request)
        return self.receive(head=head)

    def send(self, request: bytes) -> None:
        """Send one request; :meth:`receive` takes its answer."""
        self._socket.sendall(request)

    def receive(self, *, head: bool = False) -> Reply:
        """Return the answer to the request that was sent.

        Raises:
            EOFError: the connection was closed instead.
        """
        start = self._file.readline()
        if not start:
            raise EOFError("the connection was closed")
        headers: dict[str, str] = {}
        while (line := self._file.readline().decode("latin-1").rstrip("\r\n")) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = 0 if head else int(headers.get("content-length", "0"))
        return Reply(int(start.split()[1]), headers, self._file.read(length))

    def close(self) -> None:
        """Close it."""
        self._file.close()
        self._socket.close()


@dataclass(frozen=True, slots=True)
class Lab:
    """A running Envoy."""

    pid: int

    port: int
    log: Path

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Give a connection and close it."""
        connection = Connection(self.port)
        try:
            yield connection
        finally:
            connection.close()

    def ask_all(self, requests: Sequence[bytes], connections: int = 8) -> Iterator[Reply]:
        """Send requests over several connections that are kept open and yield the answers in order."""
        with ExitStack() as stack:
            pool = [stack.enter_context(self.connection()) for _ in range(connections)]
            for start in range(0, len(requests), connections):
                part = requests[start : start + connections]
                for connection, request in zip(pool, part, strict=False):
                    connection.send(request)
                for connection, _ in zip(pool, part, strict=False):
                    yield connection.receive()


@contextmanager
def running_lab(
    folder: Path, guards: Iterable[Guarded], policy: Lua | None = None, *, show_decisions: bool = True
) -> Iterator[Lab]:
    """Run Envoy with these guards; ``policy`` replaces the product's own program."""
    admin = folder / "admin"
    config, log = folder / "envoy.json", folder / "envoy.log"
    bootstrap = _bootstrap(tuple(guards), admin, policy or emit_policy(), show_decisions=show_decisions)
    config.write_text(MessageToJson(bootstrap))
    command = [find_envoy(), "-c", config, "--disable-hot-restart", "--concurrency", "1", "-l", "warn"]
    with log.open("wb") as output:
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=output)
    try:
        yield Lab(process.pid, _wait_for_port(process, admin, log), log)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for_port(process: subprocess.Popen[bytes], admin: Path, log: Path) -> int:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"Envoy ended: {log.read_text()[-2000:]}")
        port = _listener_port(admin)
        if port:
            return port
        time.sleep(0.02)
    raise AssertionError(f"Envoy does not listen: {log.read_text()[-2000:]}")


def _listener_port(admin: Path) -> int:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(admin))
        except OSError:
            return 0
        client.sendall(b"GET /listeners?format=json HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    start, end = answer.find(b"{"), answer.rfind(b"}")
    statuses = json.loads(answer[start : end + 1]).get("listener_statuses", []) if start >= 0 else []
    return statuses[0]["local_address"]["socket_address"]["port_value"] if statuses else 0


def _bootstrap(guards: tuple[Guarded, ...], admin: Path, policy: Lua, *, show_decisions: bool) -> Bootstrap:
    filters = [
        HttpFilter(name=NORMALIZE, typed_config=pack(emit_normalize()), disabled=True),
        HttpFilter(name=JWT_AUTHN, typed_config=pack(emit_jwt_authn(_edge(guards)))),
        HttpFilter(name=POLICY, typed_config=pack(policy)),
        HttpFilter(name=RESTORE, typed_config=pack(emit_restore()), disabled=True),
        HttpFilter(name="echo", typed_config=pack(Lua(default_source_code=DataSource(inline_string=_ECHO)))),
        HttpFilter(name="envoy.filters.http.router", typed_config=pack(Router())),
    ]
    routes = [emit_normalize_route(), *(_route(one) for one in guards)]
    manager = HttpConnectionManager(
        stat_prefix="lab",
        route_config=RouteConfiguration(
            virtual_hosts=[VirtualHost(name="all", domains=["*"], routes=routes)]
        ),
        http_filters=filters,
        local_reply_config=ParseDict(_SHOW_DECISION if show_decisions else {}, LocalReplyConfig()),
        server_header_transformation=HttpConnectionManager.PASS_THROUGH,
    )
    chain = FilterChain(filters=[Filter(name="http", typed_config=pack(manager))])
    address = Address(socket_address=SocketAddress(address="127.0.0.1", port_value=0))
    listener = EnvoyListener(name="lab", address=address, filter_chains=[chain])
    return Bootstrap(
        admin=Admin(address=Address(pipe=Pipe(path=str(admin)))),
        static_resources=Bootstrap.StaticResources(listeners=[listener]),
    )


def _route(guarded: Guarded) -> EnvoyRoute:
    path = f"/{guarded.name}"
    route = EnvoyRoute(
        name=guarded.name,
        match=RouteMatch(prefix=path) if guarded.below else RouteMatch(path=path),
        direct_response=DirectResponseAction(status=500),
    )
    configs = guarded.configs
    if configs is None:
        configs = emit_guard_route_config(guarded.guard, guarded.key_set, guarded.choices)
    for name, config in configs.items():
        route.typed_per_filter_config[name].CopyFrom(config)
    return route


def _edge(guards: tuple[Guarded, ...]) -> Edge:
    routes = tuple(
        Route(one.name, one.name, 1, Match(), FixedResponse(200), guard=one.guard) for one in guards
    )
    key_sets = {one.key_set.name: one.key_set for one in guards}
    listener = Listener("lab", "lab", Flavour.ALB, 0, 0, routes)
    return Edge((listener,), key_sets=tuple(key_sets.values()))
