"""Token issuers as operations see them: who an issuer says that it is."""

from typing import Protocol

from sekisho.kernel.errors import SekishoError
from sekisho.store.api import Reader


class IssuerUnavailableError(SekishoError):
    """An issuer's discovery document cannot be had, or is none."""


class IssuerDiscovery(Protocol):
    """Reads the discovery documents of issuers (OpenID Connect Discovery 1.0)."""

    def local(self, state: Reader, issuer: str) -> str | None:
        """Return the issuer that the document names, empty where it names none; None where it is not hosted here."""
        ...

    def remote(self, issuer: str) -> str:
        """Return the issuer that the document on the network names; blocks, so never call it inside a transaction.

        Raises:
            IssuerUnavailableError: there is no such document.
        """
        ...
