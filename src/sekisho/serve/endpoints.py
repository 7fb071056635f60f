"""What listens, and where: the list that scripts and tests read instead of guessing ports."""

from dataclasses import dataclass

from sekisho.issuer.cognito.urls import domain_url
from sekisho.model.apigatewayv2 import Api, DomainName
from sekisho.model.bindings import PortBinding
from sekisho.model.cognito import UserPool, UserPoolDomain
from sekisho.model.elbv2 import Listener, LoadBalancer
from sekisho.model.tenants import Tenant
from sekisho.store.api import Reader


@dataclass(frozen=True, slots=True)
class ListeningEndpoint:
    """One thing that listens.

    Attributes:
        arn: of the listener or API; a tenant, which has none, is named by its issuer.
        kind: ``alb-listener``, ``http-api``, ``user-pool`` or ``tenant``.
        name: the load balancer's, API's, pool's or tenant's.
        url: the base to which AWS's (or Auth0's) own path is appended.
        port: the local port.
        tls: whether HTTPS is spoken.
        hostname: the AWS-style name that reaches it as well; it resolves to this machine. None where there is none.
    """

    arn: str
    kind: str
    name: str
    url: str
    port: int
    tls: bool
    hostname: str | None = None


def list_endpoints(state: Reader, host: str, server_url: str, server_port: int) -> list[ListeningEndpoint]:
    """Return everything that listens, in order of creation within each kind."""
    return [
        *_listeners(state, host),
        *_http_apis(state, host),
        *_tenants(state, server_url, server_port),
        *_user_pools(state, server_url, server_port),
    ]


def _listeners(state: Reader, host: str) -> list[ListeningEndpoint]:
    balancers = {balancer.arn: balancer for balancer in state.list(LoadBalancer)}
    ports = {binding.arn: binding.port for binding in state.list(PortBinding)}
    found = []
    for listener in state.list(Listener):
        port = ports.get(listener.arn)
        if port is not None:
            tls = listener.protocol == "HTTPS"
            url = f"{'https' if tls else 'http'}://{host}:{port}"
            balancer = balancers[listener.load_balancer_arn]
            found.append(
                ListeningEndpoint(
                    listener.arn, "alb-listener", balancer.name, url, port, tls, balancer.dns_name
                )
            )
    return found


def _http_apis(state: Reader, host: str) -> list[ListeningEndpoint]:
    """Return the APIs, over plain HTTP, and the custom domain names, over HTTPS."""
    ports = {binding.arn: binding.port for binding in state.list(PortBinding)}
    names = [(api.arn, api.name, f"{api.id}.execute-api.localhost", False) for api in state.list(Api)]
    names += [(domain.arn, domain.name, domain.name, True) for domain in state.list(DomainName)]
    return [
        ListeningEndpoint(
            arn,
            "http-api",
            name,
            f"{'https' if tls else 'http'}://{host}:{ports[arn]}",
            ports[arn],
            tls,
            hostname,
        )
        for arn, name, hostname, tls in names
        if arn in ports
    ]


def _user_pools(state: Reader, server_url: str, server_port: int) -> list[ListeningEndpoint]:
    pools = {pool.id: pool for pool in state.list(UserPool)}
    return [
        ListeningEndpoint(
            pools[domain.pool_id].arn,
            "user-pool",
            pools[domain.pool_id].name,
            domain_url(server_url, domain),
            server_port,
            tls=False,
        )
        for domain in state.list(UserPoolDomain)
    ]


def _tenants(state: Reader, server_url: str, server_port: int) -> list[ListeningEndpoint]:
    return [
        ListeningEndpoint(
            tenant.issuer,
            "tenant",
            tenant.domain,
            f"{server_url}/_sekisho/tenants/{tenant.domain}",
            server_port,
            tls=False,
        )
        for tenant in state.list(Tenant)
    ]
