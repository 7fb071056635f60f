"""The keys of an issuer: made, rotated, withdrawn, and which of them are published.

Cryptography is imported where a key is made: a server that starts on existing state makes none.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sekisho.issuer.context import IssuerContext
from sekisho.kernel.ids import Ids
from sekisho.model.keys import KeyStatus, SigningKey
from sekisho.store.api import NotFoundError, Reader

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

CERTIFICATE_LIFETIME = timedelta(days=14 * 365)
_PUBLISHED = (KeyStatus.CURRENT, KeyStatus.NEXT, KeyStatus.PREVIOUS)


@dataclass(frozen=True, slots=True)
class KeyProfile:
    """How the keys of one issuer are made.

    Attributes:
        issuer: the ``iss`` that they sign for.
        new_kid: makes a key id.
        certificate_name: common name of the self-signed certificate to publish in ``x5c``, or None for none.
        purpose: what they sign, where an issuer keeps keys apart by kind of token.
    """

    issuer: str
    new_kid: Callable[[Ids], str]
    certificate_name: str | None = None
    purpose: str = "access"


def generate_private_key() -> str:
    """Return a new RSA-2048 private key, PKCS#8 in PEM; takes 25 to 100 ms of a processor."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def load_private_key(pem: str) -> "RSAPrivateKey":
    """Return the private key of a PEM text that was made here."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    # The check that is left out takes 30 ms for each token and finds keys that somebody else made wrongly.
    private = load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(private, RSAPrivateKey):
        raise TypeError("issuers sign with RSA keys only")
    return private


def public_numbers(private: "RSAPrivateKey") -> dict[str, str]:
    """Return the members ``n`` and ``e`` of the public half's JWK (RFC 7518 section 6.3.1)."""
    numbers = private.public_key().public_numbers()
    return {"n": _base64url(_big_endian(numbers.n)), "e": _base64url(_big_endian(numbers.e))}


def create_keys(ctx: IssuerContext, profile: KeyProfile) -> None:
    """Make the first two keys of an issuer, the current and the next one (AUTH0-20)."""
    for status in (KeyStatus.CURRENT, KeyStatus.NEXT):
        ctx.state.put(_make_key(ctx, profile, status))


def rotate_keys(ctx: IssuerContext, profile: KeyProfile) -> SigningKey:
    """Let the next key sign, make a new next one, and return the new one (AUTH0-21).

    The key that signed stays published as the previous one; the previous one of before is withdrawn.
    """
    for key in published_keys(ctx.state, profile.issuer, profile.purpose):
        if key.status is KeyStatus.PREVIOUS:
            withdraw_key(ctx, key)
        else:
            later = KeyStatus.PREVIOUS if key.status is KeyStatus.CURRENT else KeyStatus.CURRENT
            ctx.state.put(replace(key, status=later))
    new = _make_key(ctx, profile, KeyStatus.NEXT)
    ctx.state.put(new)
    return new


def withdraw_key(ctx: IssuerContext, key: SigningKey) -> None:
    """Publish the key no more and forget its private half; every token that it signed is refused from now on.

    The key that signs cannot be withdrawn: rotate first.
    """
    if key.status is not KeyStatus.PREVIOUS:
        raise ValueError(f"key {key.kid} is in use")
    ctx.state.put(replace(key, status=KeyStatus.WITHDRAWN, private_pem=""))


def delete_keys(ctx: IssuerContext, issuer: str) -> None:
    """Delete every key of an issuer."""
    for key in ctx.state.list(SigningKey, issuer):
        ctx.state.delete(SigningKey, key.key)


def published_keys(state: Reader, issuer: str, purpose: str | None = None) -> list[SigningKey]:
    """Return the keys of an issuer's key set: current, next, previous; an unknown issuer has none."""
    keys = [
        key
        for key in state.list(SigningKey, issuer)
        if key.status in _PUBLISHED and purpose in (None, key.purpose)
    ]
    return sorted(keys, key=lambda key: _PUBLISHED.index(key.status))


def current_key(state: Reader, issuer: str, purpose: str = "access") -> SigningKey:
    """Return the key that signs.

    Raises:
        NotFoundError: the issuer has no such key.
    """
    for key in published_keys(state, issuer, purpose):
        if key.status is KeyStatus.CURRENT:
            return key
    raise NotFoundError(f"{issuer} has no current {purpose} key")


def _make_key(ctx: IssuerContext, profile: KeyProfile, status: KeyStatus) -> SigningKey:
    pem = ctx.new_key()
    kid = profile.new_kid(ctx.ids)
    private = load_private_key(pem)
    jwk: dict[str, Any] = {"kty": "RSA", "use": "sig", **public_numbers(private), "kid": kid}
    now = ctx.clock.now()
    if profile.certificate_name is not None:
        serial = int.from_bytes(ctx.ids.token_bytes(8)) | 1
        certificate = _self_sign(private, profile.certificate_name, serial, now)
        # RFC 7517 section 4.8 defines x5t over SHA-1; nothing trusts it.
        jwk["x5t"] = _base64url(hashlib.sha1(certificate, usedforsecurity=False).digest())
        jwk["x5c"] = [base64.b64encode(certificate).decode()]
    jwk["alg"] = "RS256"
    return SigningKey(profile.issuer, kid, status, now, jwk, pem, profile.purpose)


def _self_sign(private: "RSAPrivateKey", name: str, serial: int, now: datetime) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    # A common name has at most 64 characters (RFC 5280 appendix A.1).
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(serial)
        .not_valid_before(now)
        .not_valid_after(now + CERTIFICATE_LIFETIME)
        .sign(private, SHA256())
    )
    return certificate.public_bytes(Encoding.DER)


def _big_endian(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
