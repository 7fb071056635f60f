"""How the edge terminates TLS: a part of the intermediate representation."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate chain and its key, both PEM; ``hosts`` are the names (with wildcards) it is chosen for."""

    name: str
    hosts: tuple[str, ...]
    chain: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tls:
    """Terminate TLS; the first certificate is the default one.

    ``minimum`` and ``maximum`` are versions. ``ciphers`` are allowed, by OpenSSL's names, the preferred one first;
    where there are none, whatever the edge supports is.
    """

    certificates: tuple[Certificate, ...]
    minimum: str = "1.2"
    maximum: str = "1.3"
    ciphers: tuple[str, ...] = ()
