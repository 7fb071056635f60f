"""Asking issuers who they are: those that run here from the store, the others over the network."""

import asyncio

from sekisho.issuer.local import local_discovery
from sekisho.serve.key_fetcher import KeyFetcher, discovery_url
from sekisho.services.issuers import IssuerUnavailableError
from sekisho.store.api import Reader

_SECONDS = 1.5
"""How long an issuer may take: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""


class Discovery:
    """An :class:`~sekisho.services.issuers.IssuerDiscovery` for operations, which run outside the event loop."""

    def __init__(self, fetcher: KeyFetcher, loop: asyncio.AbstractEventLoop) -> None:
        self._fetcher = fetcher
        self._loop = loop

    def local(self, state: Reader, issuer: str) -> str | None:
        """Return the issuer that the document names, empty where it names none; None where it is not hosted here."""
        document = local_discovery(state, discovery_url(issuer))
        return None if document is None else str(document.get("issuer", ""))

    def remote(self, issuer: str) -> str:
        """Return the issuer that the document on the network names; not on the event loop's own thread.

        Raises:
            IssuerUnavailableError: there is no such document.
        """
        found = asyncio.run_coroutine_threadsafe(
            self._fetcher.is_issuer(issuer, _SECONDS), self._loop
        ).result()
        if not found:
            raise IssuerUnavailableError(f"There is no discovery document of {issuer}.")
        return issuer
