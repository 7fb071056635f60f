"""Who asks, by address and by the name that they ask for."""

import ipaddress

from starlette.requests import Request
from starlette.types import Scope

TENANT_HOST = "sekisho.tenant_host"
"""The member of a scope that says that the host name is a tenant's."""


def is_local(request: Request) -> bool:
    """Tell whether the operator of this machine is asking, not a page in a browser of this machine.

    The peer is a loopback address; the host name is local or a tenant's, not one that a page's owner points here
    (DNS rebinding); and a page that another site served is known by its ``Origin``.
    """
    if request.client is None or not _is_loopback(request.client.host):
        return False
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        return False
    host = host_of(request.scope)
    local_name = host == "localhost" or host.endswith(".localhost") or _is_loopback(host)
    return local_name or request.scope.get(TENANT_HOST, False)


def host_of(scope: Scope) -> str:
    """Return the host name of the request in lower case, without port and brackets; empty where there is none."""
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "").lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def is_address(host: str) -> bool:
    """Tell whether it is an address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return is_address(host) and ipaddress.ip_address(host).is_loopback
