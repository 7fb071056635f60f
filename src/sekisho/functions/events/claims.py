"""The claims of a verified token as an HTTP API hands them to functions: strings, every one.

Measured on the real service: https://github.com/floci-io/floci/pull/2011 and
https://github.com/aws-solutions-library-samples/guidance-for-claude-code-with-amazon-bedrock/issues/802
"""

import base64
import json
from decimal import Decimal
from typing import Any

_LITERALS = {None: "<nil>", True: "true", False: "false"}


def read_claims(token: str) -> dict[str, Any]:
    """Return the payload of a token whose signature has been verified; numbers keep the digits they are written in.

    Raises:
        ValueError: it has no payload that can be read.
    """
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    claims: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return claims


def describe_claims(claims: dict[str, Any]) -> dict[str, str]:
    """Return the claims as strings (HTTP-EVENT-03); those that are null are left out."""
    return {name: _describe(value) for name, value in claims.items() if value is not None}


def read_scopes(claims: dict[str, Any]) -> list[str]:
    """Return the scopes of a token, from ``scp`` before ``scope``, a list or words in a string (HTTP-EVENT-04)."""
    value = claims.get("scp", claims.get("scope"))
    if isinstance(value, str):
        return value.split()
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _describe(value: Any) -> str:
    if isinstance(value, list):
        return f"[{' '.join(map(_describe, value))}]"
    if isinstance(value, dict):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=float)
    if isinstance(value, Decimal):
        return _plain(value)
    return _LITERALS[value] if value is None or isinstance(value, bool) else str(value)


def _plain(number: Decimal) -> str:
    """Return a number's shortest decimal spelling without an exponent."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
