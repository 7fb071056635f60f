"""What the guard costs Envoy for each request whose token it has seen before: processor time, not wall-clock.

    python bench/policy.py [--rounds 5] [--seconds 1.5]

One Envoy with one worker answers itself, so nothing but the filters differs between the rows. The processor time of
the process is read from the kernel (Linux only), which a busy machine disturbs less than a rate.
"""

import argparse
import os
import select
import socket
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tests.conformance.lab import Guarded, Lab, raw_request, running_lab
from tests.conformance.minting import mint
from tests.conformance.vector import Policy, load_vectors

from sekisho.compile.emit.filters.policy import emit_guard_route_config

CONNECTIONS = 16
CLAIMS = {
    "sub": "3mk1qjq3qd2jvtsv2d0t4rtqpl",
    "token_use": "access",
    "scope": "api/read api/write",
    "auth_time": 1795269228,
    "version": 2,
    "jti": "e2ce2d2e-95f5-4a5a-9d2e-6d1d4d3ac111",
}


def policy_named(name: str) -> Policy:
    """Return a policy of the vectors."""
    return next(vector.policy for vector in load_vectors() if vector.policy.guarded.name == name)


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def exchange(port: int, request: bytes, seconds: float) -> int:
    """Send a request over kept-open connections, one at a time on each, and return how many were answered."""
    with socket.create_connection(("127.0.0.1", port)) as probe:
        probe.sendall(request)
        length = len(probe.recv(65536))
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    poller = select.epoll()
    by_number = {client.fileno(): client for client in sockets}
    for client in sockets:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        poller.register(client.fileno(), select.EPOLLIN)
        client.sendall(request)
    done, deadline = 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        for number, _ in poller.poll(0.1):
            if len(by_number[number].recv(65536)) < length:
                continue
            done += 1
            by_number[number].sendall(request)
    for client in sockets:
        client.close()
    return done


def measure(lab: Lab, request: bytes, seconds: float) -> float:
    """Return microseconds of processor time for each request."""
    before = processor_seconds(lab.pid)
    done = exchange(lab.port, request, seconds)
    return (processor_seconds(lab.pid) - before) / done * 1e6


def requests() -> dict[str, bytes]:
    """Return the requests to compare, by what they show."""
    now = int(time.time())
    alb, api, query = policy_named("alb-client"), policy_named("api-scopes"), policy_named("api-query")
    tokens = {one.guarded.name: mint({"claims": CLAIMS}, one.claims, now) for one in (alb, query)}
    tokens["api-scopes"] = mint({"claims": CLAIMS | {"scope": "read:api"}}, api.claims, now)
    bearer = {name: [("authorization", f"Bearer {token}")] for name, token in tokens.items()}
    return {
        "no guard": raw_request("/open", bearer["alb-client"]),
        "ALB, token seen before": raw_request("/alb-client", bearer["alb-client"]),
        "HTTP API, token seen before": raw_request("/api-scopes", bearer["api-scopes"]),
        "HTTP API, bare token seen before": raw_request(
            "/api-scopes", [("authorization", tokens["api-scopes"])]
        ),
        "HTTP API, query, token seen before": raw_request(f"/api-query?token={tokens['api-query']}", []),
        "ALB, no token": raw_request("/alb-client", []),
        "ALB, forged token": raw_request(
            "/alb-client", [("authorization", f"Bearer {tokens['api-query'][:-6]}AAAAAA")]
        ),
    }


def guards() -> list[Guarded]:
    """Return the guards of the requests, and an open route."""
    named = [policy_named(name).guarded for name in ("alb-client", "api-scopes", "api-query")]
    return [*named, replace(named[0], name="open", configs=emit_guard_route_config(None, None))]


def main() -> int:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_lab(Path(folder), guards(), show_decisions=False) as lab,
    ):
        found: dict[str, list[float]] = {name: [] for name in requests()}
        for _ in range(options.rounds):
            for name, request in requests().items():
                found[name].append(measure(lab, request, options.seconds))
    base = statistics.median(found["no guard"])
    for name, values in found.items():
        median = statistics.median(values)
        print(f"{name:36} {median:6.1f} µs  {median - base:+6.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
