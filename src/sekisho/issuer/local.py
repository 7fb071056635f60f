"""The issuers that are hosted here, found by the URLs that the real ones have.

An edge that is told ``https://dev-abc.us.auth0.com/.well-known/jwks.json`` gets the keys of the local tenant and
asks nobody (AUTH0-28); the same holds for ``https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab1…`` and the
user pools that are here (COGNITO-03).
"""

from typing import Any
from urllib.parse import SplitResult, urlsplit

from sekisho.issuer.cognito.discovery import discovery_document as pool_document
from sekisho.issuer.cognito.urls import PoolUrls
from sekisho.issuer.jwks import key_set
from sekisho.issuer.tenants.discovery import discovery_document as tenant_document
from sekisho.model.cognito import UserPool
from sekisho.model.tenants import Tenant
from sekisho.store.api import Reader

JWKS_PATH = "/.well-known/jwks.json"
DISCOVERY_PATH = "/.well-known/openid-configuration"
_HTTPS_PORT = 443


def local_key_set(state: Reader, url: str) -> list[dict[str, Any]] | None:
    """Return the public keys behind a JWKS URL of an issuer that is hosted here.

    None means that the URL's issuer is not hosted here. A hosted issuer has no keys at any other path: the list is
    empty, so that nobody asks the network about it.
    """
    found = _find(state, url)
    if found is None:
        return None
    issuer, path = found
    return list(key_set(state, issuer.issuer)["keys"]) if path == JWKS_PATH else []


def local_discovery(state: Reader, url: str) -> dict[str, Any] | None:
    """Return the discovery document behind a URL of an issuer hosted here; None and empty as for keys."""
    found = _find(state, url)
    if found is None:
        return None
    issuer, path = found
    if path != DISCOVERY_PATH:
        return {}
    return (
        pool_document(state, issuer, PoolUrls()) if isinstance(issuer, UserPool) else tenant_document(issuer)
    )


def _find(state: Reader, url: str) -> tuple[Tenant | UserPool, str] | None:
    """Return the issuer that a URL belongs to, and the URL's path below it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or port not in (None, _HTTPS_PORT) or not parts.hostname:
        return None
    tenant = state.find(Tenant, parts.hostname)
    return _find_pool(state, parts) if tenant is None else (tenant, parts.path)


def _find_pool(state: Reader, parts: SplitResult) -> tuple[UserPool, str] | None:
    pool_id, slash, rest = parts.path.removeprefix("/").partition("/")
    pool = state.find(UserPool, pool_id)
    # A pool of that id under another host is somebody else's.
    if pool is None or f"{parts.hostname}/{pool_id}" != pool.provider_name:
        return None
    return pool, f"{slash}{rest}"
