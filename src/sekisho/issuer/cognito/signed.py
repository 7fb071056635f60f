"""Reading back tokens that a user pool has signed."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sekisho.issuer.cognito.urls import PoolUrls
from sekisho.issuer.keys import published_keys
from sekisho.kernel.errors import TokenRefusedError
from sekisho.model.cognito import AppClient, UserPool
from sekisho.store.api import Reader


def read_signed(
    state: Reader, token: str, use: str, urls: PoolUrls, now: datetime
) -> tuple[UserPool, Mapping[str, Any]]:
    """Return the pool and the claims of a token of the given ``token_use`` that is good now.

    Raises:
        TokenRefusedError: it is not.
    """
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    word = "Access Token" if use == "access" else "ID Token"
    try:
        pool = _pool_of(state, jws.extract_compact(token.encode()).payload)
        keys = [key.public_jwk for key in published_keys(state, pool.issuer, use)]
        signed = jws.deserialize_compact(token, KeySet.import_key_set({"keys": keys}), algorithms=["RS256"])
        claims = json.loads(signed.payload or b"")
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise TokenRefusedError(f"Invalid {word}") from None
    if claims["iss"] != urls.issuer(pool) or claims["token_use"] != use:
        raise TokenRefusedError(f"Invalid {word}")
    if claims["exp"] <= now.timestamp():
        raise TokenRefusedError(f"{word} has expired")
    return pool, claims


def _pool_of(state: Reader, payload: bytes) -> UserPool:
    """Return the pool that a token, whose signature is yet to be verified, says it is from."""
    claims = json.loads(payload)
    client_id = claims.get("client_id") or claims["aud"]
    client = state.find(AppClient, client_id) if isinstance(client_id, str) else None
    if client is None:
        raise ValueError("there is no such app client")
    return state.get(UserPool, client.pool_id)
