"""Signing tokens, and reading back the ones that were signed here (RFC 7515, RFC 7519)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sekisho.issuer.keys import load_private_key
from sekisho.model.keys import SigningKey


class InvalidTokenError(Exception):
    """A token is not one that the issuer signed for this audience, or it has expired; the text says which."""


def sign(key: SigningKey, claims: Mapping[str, Any], typ: str | None) -> str:
    """Return the claims as a compact JWS, RS256, in their order; ``typ`` None leaves that header out."""
    from joserfc import jws
    from joserfc.jwk import RSAKey

    private = load_private_key(key.private_pem)
    header = {"alg": "RS256", **({"typ": typ} if typ else {}), "kid": key.kid}
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
    return jws.serialize_compact(header, payload, RSAKey(private, private), algorithms=["RS256"])


def read_token(
    token: str, jwks: list[dict[str, Any]], issuer: str, audience: str, now: datetime
) -> dict[str, Any]:
    """Return the claims of a token for the issuer's own API.

    Raises:
        InvalidTokenError: the token is not good for it now.
    """
    from joserfc import jwt
    from joserfc.errors import BadSignatureError, ExpiredTokenError, JoseError
    from joserfc.jwk import KeySet

    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
    )
    try:
        decoded = jwt.decode(token, KeySet.import_key_set({"keys": jwks}), algorithms=["RS256"])
        registry.validate(decoded.claims)
    except BadSignatureError:
        raise InvalidTokenError("Invalid signature received for JSON Web Token validation") from None
    except ExpiredTokenError:
        raise InvalidTokenError("Expired token received for JSON Web Token validation") from None
    except (JoseError, ValueError):
        raise InvalidTokenError("Invalid token") from None
    return decoded.claims
