"""Which key a token names, and whether its signature is that key's."""

import base64
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

from sekisho.model.ir import KeySet, PublicKey
from sekisho.verify.token import Token

HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "RS256": hashes.SHA256(),
    "RS384": hashes.SHA384(),
    "RS512": hashes.SHA512(),
}
"""JWS algorithm -> hash (RFC 7518 section 3.3)."""


def find_key(token: Token, key_set: KeySet) -> PublicKey | None:
    """Return the key with the token's kid (TOKEN-08) that its algorithm may use (TOKEN-12), or None."""
    kid, alg = token.header.get("kid"), token.header.get("alg")
    if not isinstance(kid, str) or not kid:  # TOKEN-08
        return None
    for key in key_set.keys:
        if key.kid == kid and key.alg in (None, alg):  # TOKEN-12
            return key
    return None


def has_valid_signature(token: Token, key: PublicKey) -> bool:
    """Tell whether the signature verifies with this key and the algorithm of the token's header (TOKEN-13)."""
    algorithm = HASHES[token.header["alg"]]
    try:
        public = RSAPublicNumbers(_number(key.e), _number(key.n)).public_key()
        public.verify(token.signature, token.signing_input, PKCS1v15(), algorithm)
    except (InvalidSignature, ValueError):
        return False
    return True


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
