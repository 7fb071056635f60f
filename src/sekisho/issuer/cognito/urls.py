"""The URLs of a user pool: those of AWS, or local ones for backends that verify tokens again themselves."""

from collections.abc import Callable
from dataclasses import dataclass

from sekisho.model.cognito import UserPool, UserPoolDomain

DOMAINS_PATH = "/_sekisho/domains"
"""Below it stands every domain by its prefix or host name, for clients that cannot resolve host names."""


@dataclass(frozen=True, slots=True)
class PoolUrls:
    """Where a pool's issuer and domain are.

    Attributes:
        local_base: returns the base URL of this server; None for AWS's own URLs (COGNITO-01).
    """

    local_base: Callable[[], str] | None = None

    def issuer(self, pool: UserPool) -> str:
        """Return the ``iss`` of the pool's tokens."""
        return pool.issuer if self.local_base is None else f"{self.local_base()}/{pool.id}"

    def domain(self, pool: UserPool, domain: UserPoolDomain) -> str:
        """Return the base URL of the pool's domain, without a slash at the end."""
        if self.local_base is None:
            return f"https://{domain.host(pool.region)}"
        return domain_url(self.local_base(), domain)


def domain_url(base: str, domain: UserPoolDomain) -> str:
    """Return where a domain is reached on the server at ``base``, whatever issuer its tokens carry."""
    return f"{base}{DOMAINS_PATH}/{domain.domain}"
