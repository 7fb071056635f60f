"""Loopback ports for listeners and APIs, chosen once and kept."""

import random
import socket
from collections.abc import Iterable, Mapping

from sekisho.kernel.errors import UsageError
from sekisho.model.bindings import PortBinding
from sekisho.store.api import Writer

RANGE = range(20000, 32000)
"""Below the ephemeral ports, so that no outgoing connection can take one while the server is down."""


def bind_ports(state: Writer, host: str, arns: Iterable[str]) -> Mapping[str, int]:
    """Return the port of every listener and API, choosing free ones for new ARNs and forgetting those that are gone.

    Raises:
        UsageError: no port is free.
    """
    wanted = list(arns)
    bound = {binding.arn: binding.port for binding in state.list(PortBinding)}
    for arn in bound.keys() - set(wanted):
        state.delete(PortBinding, arn)
        del bound[arn]
    for arn in wanted:
        if arn not in bound:
            bound[arn] = _free_port(host, set(bound.values()))
            state.put(PortBinding(arn, bound[arn]))
    return bound


def has_to_bind(ports: Mapping[str, int], arns: Iterable[str]) -> bool:
    """Tell whether :func:`bind_ports` would change anything."""
    return set(arns) != ports.keys()


def _free_port(host: str, taken: set[int]) -> int:
    # Not for secrecy: two servers that start together should not try the same ports.
    candidates = random.SystemRandom().sample(RANGE, len(RANGE))
    for port in candidates:
        if port not in taken and is_free(host, port):
            return port
    raise UsageError(f"no port between {RANGE.start} and {RANGE.stop - 1} is free on {host}")


def is_free(host: str, port: int) -> bool:
    """Tell whether nobody listens on a port."""
    with socket.socket() as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
