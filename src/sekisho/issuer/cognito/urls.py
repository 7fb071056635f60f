"""The URLs of a user pool: those of AWS, or local ones for backends that verify tokens again themselves."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sekisho.model.cognito import UserPool, UserPoolDomain
from sekisho.store.api import Reader

DOMAINS_PATH = "/_sekisho/domains"
"""Below it stands every domain by its prefix or host name, for clients that cannot resolve host names."""

_PREFIX_HOST = re.compile(r"([a-z0-9-]+)\.auth\.(?:([a-z0-9-]+)\.)?(amazoncognito\.com|localhost)")


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


def is_prefix_host(host: str) -> bool:
    """Tell whether a host name in lower case, without port, is one that a prefix domain could have (COGNITO-05)."""
    return _PREFIX_HOST.fullmatch(host) is not None


def find_domain(state: Reader, host: str) -> UserPoolDomain | None:
    """Return the domain that a host name in lower case, without port, leads to (COGNITO-05).

    A prefix has the host names ``<prefix>.auth.<region>.amazoncognito.com`` and ``<prefix>.auth.localhost``, with the
    region in it or not; a custom domain its own, with ``.localhost`` behind it or not.
    """
    match = _PREFIX_HOST.fullmatch(host)
    if match is None:
        custom = state.find(UserPoolDomain, host) or state.find(
            UserPoolDomain, host.removesuffix(".localhost")
        )
        return custom if custom is not None and custom.certificate_arn is not None else None
    prefix, region, suffix = match.groups()
    domain = state.find(UserPoolDomain, prefix)
    if domain is None or domain.certificate_arn is not None:
        return None
    if region is None:
        return domain if suffix == "localhost" else None
    return domain if state.get(UserPool, domain.pool_id).region == region else None
