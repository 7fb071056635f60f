"""The key sets behind jwt-validation actions, as each load balancer may see them.

A load balancer fetches keys itself, through its security groups:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
"""

from dataclasses import replace
from urllib.parse import urlsplit

from sekisho.model.diagnostics import Diagnostic, Severity
from sekisho.model.elbv2 import LoadBalancer
from sekisho.model.ir import Flavour, KeySet, KeySetState, key_set_name
from sekisho.model.snapshot import Snapshot

_DEFAULT_PORTS = {"https": 443, "http": 80}
_ADVICE = {
    KeySetState.PENDING: "They are being fetched",
    KeySetState.UNREACHABLE: "Check the URL, DNS, and that the endpoint answers within 5 seconds",
    KeySetState.TOO_LARGE: "The endpoint may answer with at most 150 KB and 10 keys",
    KeySetState.REFUSED: "The endpoint has to answer with a 2XX status",
    KeySetState.INVALID: "The endpoint has to answer with a JWKS that holds an RSA key of 2048 bits for RS256",
}


class KeySets:
    """Collects the key sets that guards need while the listeners are lowered."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        # Every key set that is known is emitted, needed or not: a guard that is about to point at one, or has just
        # stopped to, never finds it missing.
        self.found: dict[str, KeySet] = {
            url: replace(key_set, name=url) for url, key_set in snapshot.key_sets.items()
        }
        self.findings: dict[tuple[str, str], Diagnostic] = {}

    def use(self, url: str, balancer: LoadBalancer, user: str) -> str:
        """Return the name of the key set at ``url`` as the load balancer sees it, for the rule ``user``."""
        port = _port(url)
        # EDGE-05
        blocking = _blocking_groups(balancer, port, self._snapshot)
        if blocking:
            return self._without_egress(url, port, balancer, blocking)
        key_set = self.found.setdefault(url, KeySet(url, url, KeySetState.PENDING))
        if key_set.state is not KeySetState.READY:
            self._not_ready(key_set, user)
        return key_set.name

    def use_issuer(self, issuer: str, user: str) -> str:
        """Return the name of the key set of an HTTP API authorizer's issuer, for the route ``user``."""
        name = key_set_name(issuer, Flavour.HTTP_API)
        key_set = self.found.setdefault(name, KeySet(name, issuer, KeySetState.PENDING))
        if key_set.state is not KeySetState.READY:
            self._not_ready(key_set, user)
        return name

    def _without_egress(self, url: str, port: int, balancer: LoadBalancer, groups: tuple[str, ...]) -> str:
        """Return the name of a key set that this load balancer cannot fetch, and note the missing rule."""
        name = f"{url} from {balancer.arn}"
        which = f"Security group {groups[0]}" if len(groups) == 1 else f"Security groups {', '.join(groups)}"
        detail = f"{which} of load balancer {balancer.name}: no outbound rule allows TCP {port}"
        self.found[name] = KeySet(name, url, KeySetState.UNREACHABLE, detail=detail)
        self.findings["jwks-no-egress", name] = Diagnostic(
            "jwks-no-egress",
            Severity.ERROR,
            balancer.arn,
            f"{detail}, so the keys at {url} cannot be fetched and requests get 500."
            f" Add an egress rule for TCP {port} to 0.0.0.0/0 to {groups[0]}.",
            "EDGE-05",
        )
        return name

    def _not_ready(self, key_set: KeySet, user: str) -> None:
        code = f"jwks-{key_set.state}"
        severity = Severity.INFO if key_set.state is KeySetState.PENDING else Severity.ERROR
        cause = f": {key_set.detail.rstrip('.')}" if key_set.detail else ""
        self.findings[code, f"{key_set.name} {user}"] = Diagnostic(
            code,
            severity,
            user,
            f"There are no keys from {key_set.url} yet{cause}. {_ADVICE[key_set.state]}.",
        )


def _blocking_groups(balancer: LoadBalancer, port: int, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the security groups when all are known and none lets out TCP ``port``; else nothing."""
    # Rules of several security groups add up, and an unknown group may allow anything.
    groups = balancer.security_groups
    if not groups or any(group not in snapshot.egress for group in groups):
        return ()
    for group in groups:
        if any(first <= port <= last for first, last in snapshot.egress[group]):
            return ()
    return groups


def _port(url: str) -> int:
    try:
        parts = urlsplit(url)
        return parts.port or _DEFAULT_PORTS.get(parts.scheme, 443)
    except ValueError:
        return _DEFAULT_PORTS["https"]
