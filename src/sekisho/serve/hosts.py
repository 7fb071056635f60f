"""Who asks: the operator of this machine, or a page in a browser that shows another site.

A page in a browser here can send requests to loopback addresses. Those of other sites are known by their ``Origin``
(https://www.rfc-editor.org/rfc/rfc6454#section-7); a site that points its own name at this machine (DNS rebinding) is
known by that name in ``Host``.
"""

from starlette.requests import HTTPConnection
from starlette.types import Scope

from sekisho.kernel.addresses import is_loopback

TENANT_HOST = "sekisho.tenant_host"
"""The member of a scope that says that the host name is a tenant's."""

# Nobody else can register a name below these: ICANN reserves the first, and the other is Amazon's.
_OWN_SUFFIXES = (".internal", ".amazonaws.com")


def is_local(request: HTTPConnection) -> bool:
    """Tell whether the operator of this machine is asking, not a page in a browser of this machine.

    The peer is a loopback address, and the host name is of this machine or a tenant's.
    """
    if request.client is None or not is_loopback(request.client.host) or has_foreign_origin(request):
        return False
    return is_local_name(host_of(request.scope)) or bool(request.scope.get(TENANT_HOST, False))


def has_foreign_origin(request: HTTPConnection) -> bool:
    """Tell whether a page of another site sends the request."""
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != request.headers.get("host")


def is_local_name(host: str) -> bool:
    """Tell whether a host name can only mean this machine, or the operator's own network."""
    return is_loopback(host) or host.endswith(_OWN_SUFFIXES)


def host_of(scope: Scope) -> str:
    """Return the host name of the request in lower case, without port and brackets; empty where there is none."""
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "").lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
