"""The keys of issuers that run here, as the key broker takes them: from the store, never over the network."""

from collections.abc import Callable

import msgspec

from sekisho.issuer.local import local_key_set
from sekisho.model.ir import Flavour
from sekisho.serve.key_broker import LocalKeys
from sekisho.store.api import Store


def local_keys_from(store: Store) -> Callable[[str, Flavour], LocalKeys | None]:
    """Return what tells the key broker the keys of an issuer that runs here, or None for one elsewhere."""

    def find(url: str, edge: Flavour) -> LocalKeys | None:
        jwks_url = url if edge is Flavour.ALB else f"{url.rstrip('/')}/.well-known/jwks.json"
        with store.read() as state:
            keys = local_key_set(state, jwks_url)
        return None if keys is None else LocalKeys(jwks_url, msgspec.json.encode({"keys": keys}))

    return find
