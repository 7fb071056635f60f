"""What a security policy allows on a listener.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
"""

from sekisho.model.ir_tls import Certificate, Tls
from sekisho.model.ssl_policies import DEFAULT_SSL_POLICY, SSL_POLICIES

_STRICTEST = SSL_POLICIES["ELBSecurityPolicy-TLS13-1-3-2021-06"]


def lower_tls(policy: str | None, certificates: tuple[Certificate, ...]) -> Tls:
    """Return how TLS is terminated under a policy, whose versions and ciphers are those that it lists.

    A policy that is not known, which no operation lets in, counts as the strictest one.
    """
    # EDGE-18
    allowed = SSL_POLICIES.get(policy or DEFAULT_SSL_POLICY, _STRICTEST)
    newest, oldest = allowed.protocols[0], allowed.protocols[-1]
    return Tls(certificates, _version(oldest), _version(newest), allowed.ciphers)


def _version(protocol: str) -> str:
    """Return the number in ``TLSv1.2``; ``TLSv1`` is 1.0."""
    number = protocol.removeprefix("TLSv")
    return number if "." in number else f"{number}.0"
