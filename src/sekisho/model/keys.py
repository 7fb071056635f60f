"""The keys that issuers sign with, the same resource for every kind of issuer."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar


class KeyStatus(StrEnum):
    """Where a key is in its life; every key but a withdrawn one is published."""

    NEXT = "next"  # published so that verifiers know it before it signs
    CURRENT = "current"  # signs
    PREVIOUS = "previous"  # published so that the tokens it signed stay valid
    WITHDRAWN = "withdrawn"  # not published any more; its private half is gone


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One RSA key of one issuer.

    Attributes:
        issuer: the ``iss`` of the tokens that it signs.
        kid: the key id, unique within the issuer.
        status: where the key is in its life.
        created: when it was made.
        public_jwk: the public key as the issuer's key set shows it (RFC 7517), members in that order.
        private_pem: the private key, PKCS#8 in PEM; empty once withdrawn.
        purpose: what it signs, for issuers that keep a key for each kind of token.
    """

    KIND: ClassVar[str] = "signing-key"

    issuer: str
    kid: str
    status: KeyStatus
    created: datetime
    public_jwk: dict[str, Any]
    private_pem: str = field(repr=False)
    purpose: str = "access"

    @property
    def key(self) -> str:
        """Return the issuer and the key id."""
        return f"{self.issuer} {self.kid}"

    @property
    def scope(self) -> str:
        """Return the issuer."""
        return self.issuer
