"""From the bytes that a JWKS endpoint answered to the keys that may verify a token.

Pure: fetching, caching and time are the key broker's. The rules are in :mod:`sekisho.verify.key_semantics`.
"""

import base64
import binascii
import json
import re
from typing import Any

from sekisho.model.ir import Flavour, KeySet, KeySetState, PublicKey

SIZE_LIMIT = 150_000
"""Most bytes of a key set (KEYS-01)."""

ALB_KEY_LIMIT = 10
"""Most keys of a key set for an ALB (KEYS-02)."""

_ALGORITHMS = {Flavour.ALB: ("RS256",), Flavour.HTTP_API: ("RS256", "RS384", "RS512")}
_BITS = {Flavour.ALB: (2048, 2048), Flavour.HTTP_API: (2048, 8192)}
_EXPONENT_BITS = 33
_PRIVATE_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+\Z")
_SHOWN = 40


class _NotAKeySetError(Exception):
    """The body is not a JWK Set; the text says why."""


class _UnusableKeyError(Exception):
    """A key may not verify tokens; the text says why."""


def parse_jwks(url: str, body: bytes, edge: Flavour, name: str | None = None) -> KeySet:
    """Return what a guard of that edge may know of a JWKS endpoint that answered 2XX with this body.

    The state is READY, TOO_LARGE or INVALID; nothing is raised, whatever the body is. ``name`` is the key
    set's name where it is not ``url``.
    """
    name = url if name is None else name
    if len(body) > SIZE_LIMIT:  # KEYS-01
        detail = f"The key set has more than {SIZE_LIMIT} bytes."
        return KeySet(name, url, KeySetState.TOO_LARGE, detail=detail)
    try:
        members = _read_members(body)
    except _NotAKeySetError as error:
        return KeySet(name, url, KeySetState.INVALID, detail=str(error))
    if edge is Flavour.ALB and len(members) > ALB_KEY_LIMIT:  # KEYS-02
        detail = f"The key set has {len(members)} keys, more than {ALB_KEY_LIMIT}."
        return KeySet(name, url, KeySetState.TOO_LARGE, detail=detail)
    keys, refusals = _sort_out(members, edge)
    state = KeySetState.READY if keys else KeySetState.INVALID  # KEYS-06
    detail = " ".join(f"Key {_shown(kid)} is not used: {why}." for kid, why in refusals)
    if not keys:
        detail = f"The key set has no usable key. {detail}".strip()
    refused = tuple(dict.fromkeys(kid for kid, _ in refusals if isinstance(kid, str)))
    return KeySet(name, url, state, keys, detail, refused)


def is_jwks(body: bytes) -> bool:
    """Tell whether the body is a JWK Set at all (RFC 7517 section 5), whatever its keys are worth."""
    try:
        _read_members(body)
    except _NotAKeySetError:
        return False
    return True


# --- the set ------------------------------------------------------------------------------------------------


def _read_members(body: bytes) -> list[dict[str, Any]]:
    # KEYS-03: decoded by hand, because json.loads would guess UTF-16 and UTF-32 from bytes.
    try:
        document = json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise _NotAKeySetError("The body is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise _NotAKeySetError("The body is not JSON.") from None
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise _NotAKeySetError("The body is JSON, but not a JWK Set: it has no array 'keys'.")
    if not all(isinstance(key, dict) and isinstance(key.get("kty"), str) for key in keys):
        raise _NotAKeySetError("The body is not a JWK Set: an entry of 'keys' is not a JWK with a 'kty'.")
    return keys


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):  # KEYS-04
        raise _NotAKeySetError("A member name stands twice in one object.")
    return members


def _no_constant(text: str) -> None:
    raise _NotAKeySetError(f"{text} is not JSON.")


def _sort_out(
    members: list[dict[str, Any]], edge: Flavour
) -> tuple[tuple[PublicKey, ...], list[tuple[object, str]]]:
    usable: dict[str, PublicKey] = {}
    refusals: list[tuple[object, str]] = []
    ambiguous: set[str] = set()
    seen: set[str] = set()
    for member in members:
        kid = member.get("kid")
        try:
            key = _read_key(member, edge)
        except _UnusableKeyError as error:
            refusals.append((kid, str(error)))
            key = None
        if isinstance(kid, str):
            if kid in seen and usable.get(kid) != key:  # KEYS-14
                ambiguous.add(kid)
            seen.add(kid)
            if key is not None:
                usable[kid] = key
    refusals += [(kid, "several different keys have this id") for kid in sorted(ambiguous)]
    return tuple(key for kid, key in usable.items() if kid not in ambiguous), refusals


def _shown(kid: object) -> str:
    """Return the id as a message may hold it: the endpoint chooses it, so it is cut short."""
    if not isinstance(kid, str):
        return "without an id"
    return repr(kid if len(kid) <= _SHOWN else f"{kid[:_SHOWN]}…")


# --- one key ------------------------------------------------------------------------------------------------


def _read_key(member: dict[str, Any], edge: Flavour) -> PublicKey:
    """Return the key.

    Raises:
        _UnusableKeyError: it may not verify tokens.
    """
    kid = member.get("kid")
    if not isinstance(kid, str) or not kid:  # KEYS-13
        raise _UnusableKeyError("it has no kid")
    _check_purpose(member, edge)
    modulus, exponent = _read_number(member, "n"), _read_number(member, "e")
    least, most = _BITS[edge]
    bits = modulus.bit_length()
    if not least <= bits <= most:  # KEYS-07, KEYS-08
        wanted = f"{least}" if least == most else f"{least} to {most}"
        raise _UnusableKeyError(f"it has {bits} bits, not {wanted}")
    if (
        modulus % 2 == 0 or exponent % 2 == 0 or exponent < 3 or exponent.bit_length() > _EXPONENT_BITS
    ):  # KEYS-15
        raise _UnusableKeyError("its modulus or exponent is not one of an RSA key")
    if _has_roca_fingerprint(modulus):  # KEYS-16
        raise _UnusableKeyError("its modulus has the ROCA weakness")
    return PublicKey(kid, member["n"], member["e"], bits, member.get("alg"))


def _check_purpose(member: dict[str, Any], edge: Flavour) -> None:
    if member["kty"] != "RSA":  # KEYS-09
        raise _UnusableKeyError("its kty is not RSA")
    if any(private in member for private in _PRIVATE_MEMBERS):  # KEYS-12
        raise _UnusableKeyError("it holds private members")
    if "alg" in member and member["alg"] not in _ALGORITHMS[edge]:  # KEYS-09
        raise _UnusableKeyError(f"its alg is not {' or '.join(_ALGORITHMS[edge])}")
    if "use" in member and member["use"] != "sig":  # KEYS-10
        raise _UnusableKeyError("its use is not sig")
    operations = member.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:  # KEYS-11
        raise _UnusableKeyError("its key_ops lack verify")


def _read_number(member: dict[str, Any], name: str) -> int:
    text = member.get(name)
    if not isinstance(text, str) or not _BASE64URL.match(text):  # KEYS-15
        raise _UnusableKeyError(f"its {name} is not base64url")
    try:
        octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise _UnusableKeyError(f"its {name} is not base64url") from None
    if octets[0] == 0 or base64.urlsafe_b64encode(octets).rstrip(b"=").decode() != text:
        raise _UnusableKeyError(f"its {name} is not minimal base64url")
    return int.from_bytes(octets, "big")


_ROCA_PRIMES = (
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
)  # fmt: skip


def _has_roca_fingerprint(modulus: int) -> bool:
    """Tell whether the modulus is a power of 65537 modulo every small prime.

    That is how the primes of the weak generator were made (Nemec et al., CCS 2017, section 3).
    """
    return all(_is_power_of_65537(modulus % prime, prime) for prime in _ROCA_PRIMES)


def _is_power_of_65537(residue: int, prime: int) -> bool:
    power = 1
    while True:
        if power == residue:
            return True
        power = power * 65537 % prime
        if power == 1:
            return False
