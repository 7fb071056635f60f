"""Keys and tokens from recipes.

In a recipe ``@+600@`` is the time 600 seconds from now (fractions allowed), ``@now@`` the time itself.
"""

import base64
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.conformance.padding import sign_with_padding

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
BITS = {"a": 2048, "b": 2048, "foreign": 2048, "small": 1024, "large": 3072}
"""Key name -> size."""

_TIME = re.compile(r"@(now|[+-]\d+(?:\.\d+)?)@")


@lru_cache
def private_key(name: str) -> RSAPrivateKey:
    """Return a key, made once a session."""
    return generate_private_key(65537, BITS[name])


def encode(octets: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def public_jwk(name: str, **members: Any) -> dict[str, Any]:
    """Return the public JWK of a key with its name as kid; ``None`` removes a member."""
    numbers = private_key(name).public_key().public_numbers()
    size = (numbers.n.bit_length() + 7) // 8
    jwk = {"kty": "RSA", "kid": name, "n": encode(numbers.n.to_bytes(size, "big")), "e": "AQAB"}
    return {key: value for key, value in (jwk | members).items() if value is not None}


def fill(value: Any, now: int) -> Any:
    """Return a recipe's value with its times filled in: a string that is nothing else becomes a number."""
    if isinstance(value, str):
        whole = _TIME.fullmatch(value)
        return _time(whole, now) if whole else value
    if isinstance(value, dict):
        return {key: fill(member, now) for key, member in value.items()}
    if isinstance(value, list):
        return [fill(element, now) for element in value]
    return value


def fill_text(text: str, now: int) -> str:
    """Return a text with its times filled in as JSON numbers."""
    return _TIME.sub(lambda match: json.dumps(_time(match, now)), text)


def _time(match: re.Match[str], now: int) -> int | float:
    if match[1] == "now":
        return now
    offset = float(match[1])
    return now + (int(offset) if offset.is_integer() else offset)


def mint(recipe: Mapping[str, Any], claims: Mapping[str, Any], now: int) -> str:
    """Return the token of a recipe.

    ``claims`` are the default claims. The recipe's members: ``header``, ``claims`` (merged into the defaults),
    ``without`` (claims to leave out), ``header_json``, ``payload_json`` and ``payload_hex`` (the octets
    themselves), ``key`` (who signs), ``signature`` (``none``, ``hmac``, base64url, or
    ``{padding: variant}``), ``claims_after_signing``,
    and ``edit`` (a list of single changes to the text, see :func:`_edit`).
    """
    header = {"alg": "RS256", "kid": "a", "typ": "JWT"} | recipe.get("header", {})
    header = {name: value for name, value in header.items() if value is not None}
    payload = fill(dict(claims) | recipe.get("claims", {}), now)
    for name in recipe.get("without", ()):
        payload.pop(name, None)
    head = fill_text(recipe["header_json"], now).encode() if "header_json" in recipe else _json(header)
    body = _json(payload)
    if "payload_json" in recipe:
        body = fill_text(recipe["payload_json"], now).encode("utf-8", "surrogatepass")
    if "payload_hex" in recipe:
        body = bytes.fromhex(recipe["payload_hex"])
    signing_input = f"{encode(head)}.{encode(body)}"
    signature = _sign(signing_input, recipe, str(header.get("alg", "")))
    if "claims_after_signing" in recipe:
        changed = payload | fill(recipe["claims_after_signing"], now)
        signing_input = f"{encode(head)}.{encode(_json(changed))}"
    token = f"{signing_input}.{signature}"
    for change in recipe.get("edit", ()):
        token = _edit(token, change)
    return token


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _sign(signing_input: str, recipe: Mapping[str, Any], alg: str) -> str:
    kind = recipe.get("signature")
    octets = signing_input.encode()
    if kind == "none":
        return ""
    if kind == "hmac":
        # The attack: the public key, as everybody has it, is the shared secret.
        secret = private_key("a").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        code = hmac.HMAC(secret, hashes.SHA256())
        code.update(octets)
        return encode(code.finalize())
    if isinstance(kind, dict):
        return encode(sign_with_padding(private_key("a"), octets, kind["padding"]))
    if kind is not None:
        return str(kind)
    algorithm = HASHES.get(recipe.get("hash", alg[2:]), hashes.SHA256())
    return encode(private_key(recipe.get("key", "a")).sign(octets, PKCS1v15(), algorithm))


def _edit(token: str, change: Mapping[str, Any]) -> str:
    """Change the whole text, or with ``in`` one segment (0, 1 or 2) of it; what is not there stays unchanged."""
    if "in" not in change:
        return _change(token, change)
    segments = token.split(".")
    if change["in"] < len(segments):
        segments[change["in"]] = _change(segments[change["in"]], change)
    return ".".join(segments)


def _change(text: str, change: Mapping[str, Any]) -> str:
    """Do what the change names: append, prepend, set, fill, cut, flip, insert or stray."""
    match dict(change):
        case {"append": more}:
            return text + str(more)
        case {"prepend": more}:
            return str(more) + text
        case {"set": other}:
            return str(other)
        case {"fill": [character, count]}:
            return str(character) * int(count)
        case {"cut": count}:
            return text[: -int(count)]
        case {"insert": [place, more]}:
            return text[:place] + str(more) + text[place:]
        case {"flip": place}:
            return _flip(text, place)
        case {"stray": _}:
            # The lowest bit of a last character of 2 or 3 completes no octet.
            return _flip(text, len(text) - 1)
    return text


def _flip(text: str, place: int) -> str:
    if not 0 <= place < len(text) or text[place] not in ALPHABET:
        return text
    return text[:place] + ALPHABET[ALPHABET.index(text[place]) ^ 1] + text[place + 1 :]
