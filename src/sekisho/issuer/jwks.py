"""Key sets as issuers publish them (RFC 7517 section 5)."""

from typing import Any

from sekisho.issuer.keys import published_keys
from sekisho.store.api import Reader

CACHE_CONTROL = "public, max-age=15, stale-while-revalidate=15, stale-if-error=86400"
"""How long a key set may be cached (AUTH0-22)."""


def key_set(state: Reader, issuer: str) -> dict[str, Any]:
    """Return the JWK Set of an issuer."""
    return {"keys": [key.public_jwk for key in published_keys(state, issuer)]}
