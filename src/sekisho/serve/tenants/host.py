"""Requests for the host name of a tenant."""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Match, Router
from starlette.types import Receive, Scope, Send

from sekisho.kernel.addresses import is_address
from sekisho.model.tenants import Tenant
from sekisho.serve.hosts import TENANT_HOST, host_of
from sekisho.store.api import Store

_LOCAL_SUFFIXES = (".localhost", ".auth0.localhost")


class TenantHost(BaseRoute):
    """Sends requests for the host name of a tenant to the tenant's routes."""

    def __init__(self, store: Store, app: Router) -> None:
        self._store = store
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match HTTP requests whose host is a tenant's domain."""
        if scope["type"] != "http":
            return Match.NONE, {}
        candidates = _candidate_domains(host_of(scope))
        if not candidates:
            return Match.NONE, {}
        with self._store.read() as state:
            domain = next((one for one in candidates if state.find(Tenant, one) is not None), None)
        if domain is None:
            # A domain of Auth0's is a tenant's whether it exists or not; others may be anybody's.
            if not candidates[-1].endswith(".auth0.com"):
                return Match.NONE, {}
            domain = candidates[-1]
        return Match.FULL, {"path_params": {"domain": domain}, TENANT_HOST: True}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request."""
        await self._app(scope, receive, send)


def _candidate_domains(host: str) -> Sequence[str]:
    """Return the domains that a tenant with this host name may have."""
    if "." not in host or is_address(host):
        return ()
    return [host, *(host.removesuffix(suffix) for suffix in _LOCAL_SUFFIXES if host.endswith(suffix))]
