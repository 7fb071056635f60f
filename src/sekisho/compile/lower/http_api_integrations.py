"""Integrations of HTTP APIs: what a route does in the end.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-http.html
"""

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sekisho.compile.lower.http_api_context import known_context
from sekisho.kernel.addresses import is_localhost
from sekisho.kernel.parameter_mapping import (
    Change,
    Part,
    Source,
    parse_request_change,
    parse_response_change,
)
from sekisho.kernel.route_key import RouteKey, SegmentKind
from sekisho.model.apigatewayv2 import Api, Authorizer, Integration, Stage
from sekisho.model.apigatewayv2 import Route as ApiRoute
from sekisho.model.ir import Action, Bridge, Endpoint, Refuse, Remote, Upstream
from sekisho.model.ir_http_api import Changes, Invoke, Proxy
from sekisho.model.snapshot import Snapshot

FUNCTIONS = "http-api functions"
"""The name of the upstream that runs functions for HTTP APIs."""

_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")
_PATH_VARIABLE = re.compile(r"\{([\w.:-]+)\+?\}", re.ASCII)
_CONNECT_SECONDS = 10
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class StageFacts:
    """One route of one stage, and how it is reached."""

    api: Api
    stage: Stage
    route: ApiRoute
    key: RouteKey
    prefix: str
    domain_name: str

    def described(self) -> dict[str, Any]:
        """Return what whoever makes an event of a request has to know besides it."""
        return {
            "account": self.api.account_id,
            "api": self.api.id,
            "region": self.api.region,
            "stage": self.stage.name,
            "route": self.route.route_key,
            "path": self.key.path,
            "prefix": self.prefix,
            "domain": self.domain_name,
            "variables": self.stage.variables,
        }

    def context(self) -> dict[str, str]:
        """Return the values of ``$context`` that are known."""
        return known_context(self.api, self.stage, self.prefix, self.domain_name, self.route.route_key)


class IntegrationLowering:
    """Lowers the integrations of one snapshot, and collects the upstreams that they need."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.upstreams: dict[str, Upstream] = {}

    def lower(self, integration: Integration, facts: StageFacts, authorizer: Authorizer | None) -> Action:
        """Return what a route does; :class:`Refuse` where it cannot be done here."""
        changes = _changes(integration, facts)
        seconds = integration.timeout / 1000
        if integration.type == "AWS_PROXY":
            return self._function(integration, facts, authorizer, seconds, changes)
        method = None if integration.method in (None, "ANY") else integration.method
        if integration.connection_type == "VPC_LINK":
            return self._private(integration, method, seconds, changes)
        return self._public(integration, facts, Proxy("", "", None, method, seconds, changes))

    def _function(
        self,
        integration: Integration,
        facts: StageFacts,
        authorizer: Authorizer | None,
        seconds: float,
        changes: Changes,
    ) -> Action:
        uri = _fill_uri(integration.uri, facts.stage.variables)  # HTTP-LAMBDA-06
        if uri is None:
            return Refuse("stage-variable-missing")
        call = {**facts.described(), "function": uri, **_describe_call(integration, facts, authorizer)}
        return Invoke(self._functions(), json.dumps(call), seconds, changes)

    def _functions(self) -> str:
        socket = self._snapshot.apis_socket
        bridge = Bridge(socket) if socket else None
        self.upstreams[FUNCTIONS] = Upstream(FUNCTIONS, FUNCTIONS, (), bridge=bridge)
        return FUNCTIONS

    def _private(
        self, integration: Integration, method: str | None, seconds: float, changes: Changes
    ) -> Action:
        """Return the way to a load balancer's listener that runs here; its path stays as it is."""
        listeners = {listener.arn: listener for listener in self._snapshot.listeners}
        listener, port = listeners.get(integration.uri), self._snapshot.ports.get(integration.uri)
        if listener is None or port is None:
            return Refuse("private-integration-unsupported")
        name = f"vpc-link {integration.uri}"
        self.upstreams[name] = Upstream(
            name,
            integration.uri,
            (Endpoint(_reachable(self._snapshot.address), port),),
            tls=listener.protocol == "HTTPS",
            connect_timeout=_CONNECT_SECONDS,
        )
        names = {balancer.arn: balancer.dns_name for balancer in self._snapshot.load_balancers}
        authority = integration.server_name or names.get(listener.load_balancer_arn, "localhost")
        return Proxy(name, authority, None, method, seconds, changes)

    def _public(self, integration: Integration, facts: StageFacts, proxy: Proxy) -> Action:
        uri = _fill_uri(integration.uri, facts.stage.variables)
        if uri is None:
            return Refuse("stage-variable-missing")
        try:
            parts = urlsplit(uri)
            port = parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError):
            return Refuse("integration-uri-invalid")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        known = {segment.text for segment in facts.key.segments if segment.kind is not SegmentKind.STATIC}
        if not parts.hostname or not set(_PATH_VARIABLE.findall(path)) <= known:
            return Refuse("integration-uri-invalid")
        upstream = self._endpoint(parts, port, integration)
        authority = parts.netloc.rpartition("@")[2]
        return replace(proxy, upstream=upstream, authority=authority, path=path)

    def _endpoint(self, parts: SplitResult, port: int, integration: Integration) -> str:
        """Return the name of the upstream for the host of a URL."""
        host = str(parts.hostname)
        server_name = integration.server_name or host
        name = f"{parts.scheme}://{host}:{port}" + (f" as {server_name}" if server_name != host else "")
        tls = parts.scheme == "https"
        remote = Remote(_local_address(host), port, tls, server_name, self._snapshot.roots if tls else "")
        self.upstreams[name] = Upstream(name, name, (), connect_timeout=_CONNECT_SECONDS, remote=remote)
        return name


def _fill_uri(uri: str, variables: Mapping[str, str]) -> str | None:
    """Return a URI with the stage's variables filled in, None where the stage lacks one."""
    if any(name not in variables for name in _STAGE_VARIABLE.findall(uri)):
        return None
    return _STAGE_VARIABLE.sub(lambda found: variables[found[1]], uri)


def _describe_call(
    integration: Integration, facts: StageFacts, authorizer: Authorizer | None
) -> Mapping[str, Any]:
    described: dict[str, Any] = {
        "format": integration.payload_format_version,
        "credentials": integration.credentials_arn is not None,
        "authorization": facts.route.authorization_type,
    }
    if facts.route.authorization_type == "JWT" and authorizer is not None and authorizer.type == "JWT":
        described["identity_source"] = authorizer.identity_source[0]
        described["scopes"] = facts.route.authorization_scopes
    return described


def _changes(integration: Integration, facts: StageFacts) -> Changes:
    """Return the parameter mapping with the stage's variables filled in."""
    variables = facts.stage.variables
    request = (parse_request_change(key, value) for key, value in integration.request_parameters.items())
    responses = {
        int(status): tuple(
            _fill(parse_response_change(key, value), variables) for key, value in given.items()
        )
        for status, given in integration.response_parameters.items()
    }
    return Changes(
        request=tuple(_fill(change, variables) for change in request),
        responses=tuple(sorted(responses.items())),
        known=tuple(facts.context().items()) if integration.request_parameters or responses else (),
        prefix=facts.prefix,
    )


def _fill(change: Change, variables: Mapping[str, str]) -> Change:
    return replace(change, value=tuple(_fill_part(part, variables) for part in change.value))


def _fill_part(part: Part, variables: Mapping[str, str]) -> Part:
    is_known = part.source is Source.STAGE_VARIABLE and part.name in variables
    return Part(Source.TEXT, variables[part.name]) if is_known else part


def _local_address(host: str) -> str:
    """Return the address of names that mean this machine (RFC 6761 section 6.3); other names stay names."""
    return "127.0.0.1" if is_localhost(host) else host


def _reachable(address: str) -> str:
    """Return the address under which this machine reaches what listens on ``address``."""
    try:
        return "127.0.0.1" if ipaddress.ip_address(address).is_unspecified else address
    except ValueError:
        return "127.0.0.1"
