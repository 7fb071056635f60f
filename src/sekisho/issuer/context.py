"""What an operation on issuers may use."""

from collections.abc import Callable
from dataclasses import dataclass

from sekisho.kernel.clock import Clock
from sekisho.kernel.ids import Ids
from sekisho.store.api import Writer

NewKey = Callable[[], str]
"""Makes a private RSA-2048 key, PKCS#8 in PEM, as :func:`sekisho.issuer.keys.generate_private_key` does."""


@dataclass(frozen=True, slots=True)
class IssuerContext:
    """The state in one write transaction, the clock, identifiers and where new keys come from."""

    state: Writer
    clock: Clock
    ids: Ids
    new_key: NewKey
