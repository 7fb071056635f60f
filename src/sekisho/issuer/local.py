"""The issuers that are hosted here, found by the URLs that the real ones have.

An edge that is told ``https://dev-abc.us.auth0.com/.well-known/jwks.json`` gets the keys of the local tenant and
asks nobody (AUTH0-28).
"""

from typing import Any
from urllib.parse import urlsplit

from sekisho.issuer.jwks import key_set
from sekisho.model.tenants import Tenant
from sekisho.store.api import Reader

JWKS_PATH = "/.well-known/jwks.json"
_HTTPS_PORT = 443


def local_key_set(state: Reader, url: str) -> list[dict[str, Any]] | None:
    """Return the public keys behind a JWKS URL of an issuer that is hosted here.

    None means that the URL's host is not hosted here. A hosted host has no keys at any other path: the list is
    empty, so that nobody asks the network about it.
    """
    tenant = _find_tenant(state, url)
    if tenant is None:
        return None
    return list(key_set(state, tenant.issuer)["keys"]) if urlsplit(url).path == JWKS_PATH else []


def _find_tenant(state: Reader, url: str) -> Tenant | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or port not in (None, _HTTPS_PORT) or not parts.hostname:
        return None
    return state.find(Tenant, parts.hostname)
