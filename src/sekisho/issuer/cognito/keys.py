"""The two keys of a user pool: one signs ID tokens, the other access tokens (COGNITO-02)."""

import base64
from datetime import datetime

from sekisho.issuer.context import NewKey
from sekisho.issuer.keys import load_private_key, public_numbers
from sekisho.kernel.ids import Ids
from sekisho.model.keys import KeyStatus, SigningKey

ID = "id"
ACCESS = "access"


def new_pool_keys(issuer: str, new_key: NewKey, ids: Ids, now: datetime) -> tuple[SigningKey, ...]:
    """Return the keys of a new pool; takes as long as making two RSA keys does."""
    return tuple(_new_pool_key(issuer, purpose, new_key(), ids, now) for purpose in (ID, ACCESS))


def _new_pool_key(issuer: str, purpose: str, pem: str, ids: Ids, now: datetime) -> SigningKey:
    kid = base64.b64encode(ids.token_bytes(32)).decode()
    numbers = public_numbers(load_private_key(pem))
    jwk = {"alg": "RS256", "e": numbers["e"], "kid": kid, "kty": "RSA", "n": numbers["n"], "use": "sig"}
    return SigningKey(issuer, kid, KeyStatus.CURRENT, now, jwk, pem, purpose)
