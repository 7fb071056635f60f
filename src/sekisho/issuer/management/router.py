"""Every endpoint of the Management API in one table, and who may call it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sekisho.issuer.context import IssuerContext
from sekisho.issuer.jwks import key_set
from sekisho.issuer.management import apis, client_grants, clients, signing_keys
from sekisho.issuer.management.call import Answer, Call, Handler
from sekisho.issuer.management.errors import ManagementError
from sekisho.issuer.signing import InvalidTokenError, read_token
from sekisho.model.tenants import Tenant


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint: method, path below ``/api/v2/``, the permissions of which it needs one, and its function."""

    method: str
    path: str
    permissions: tuple[str, ...]
    handler: Handler


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "resource-servers", ("read:resource_servers",), apis.list_apis),
    Endpoint("POST", "resource-servers", ("create:resource_servers",), apis.create_api),
    Endpoint("GET", "resource-servers/{id}", ("read:resource_servers",), apis.get_api),
    Endpoint("PATCH", "resource-servers/{id}", ("update:resource_servers",), apis.update_api),
    Endpoint("DELETE", "resource-servers/{id}", ("delete:resource_servers",), apis.remove_api),
    Endpoint("GET", "clients", ("read:clients", "read:client_keys"), clients.list_clients),
    Endpoint("POST", "clients", ("create:clients",), clients.create_client),
    Endpoint("GET", "clients/{id}", ("read:clients", "read:client_keys"), clients.get_client),
    Endpoint("PATCH", "clients/{id}", ("update:clients",), clients.update_client),
    Endpoint("DELETE", "clients/{id}", ("delete:clients",), clients.remove_client),
    Endpoint("POST", "clients/{id}/rotate-secret", ("update:client_keys",), clients.rotate_client_secret),
    Endpoint("GET", "client-grants", ("read:client_grants",), client_grants.list_client_grants),
    Endpoint("POST", "client-grants", ("create:client_grants",), client_grants.create_client_grant),
    Endpoint("GET", "client-grants/{id}", ("read:client_grants",), client_grants.get_client_grant),
    Endpoint("PATCH", "client-grants/{id}", ("update:client_grants",), client_grants.update_client_grant),
    Endpoint("DELETE", "client-grants/{id}", ("delete:client_grants",), client_grants.remove_client_grant),
    Endpoint("GET", "keys/signing", ("read:signing_keys",), signing_keys.list_signing_keys),
    Endpoint("POST", "keys/signing/rotate", ("create:signing_keys",), signing_keys.rotate_signing_keys),
    Endpoint("GET", "keys/signing/{id}", ("read:signing_keys",), signing_keys.get_signing_key),
    Endpoint("PUT", "keys/signing/{id}/revoke", ("update:signing_keys",), signing_keys.revoke_signing_key),
)


@dataclass(frozen=True, slots=True)
class ManagementRequest:
    """A request to the Management API.

    Attributes:
        method: the HTTP method.
        path: the segments below ``/api/v2/``, decoded: an identifier in a path is one of them.
        query: the parameters of the query string.
        body: the JSON body, or None.
        authorization: the ``Authorization`` header, or None.
        is_local: whether the caller is the operator of this machine, who needs no token (AUTH0-25).
    """

    method: str
    path: Sequence[str]
    query: Mapping[str, str]
    body: Any = field(repr=False)
    authorization: str | None = field(repr=False)
    is_local: bool


def answer_management_request(ctx: IssuerContext, tenant: Tenant, request: ManagementRequest) -> Answer:
    """Find the endpoint, check that the caller may use it, and call it.

    Raises:
        ManagementError: the request is refused; nothing was changed.
    """
    permissions = _authenticate(ctx, tenant, request)
    endpoint, variables = _find_endpoint(request)
    if permissions is not None and not permissions.intersection(endpoint.permissions):  # AUTH0-24
        wanted = ", ".join(endpoint.permissions)
        raise ManagementError(403, f"Insufficient scope, expected any of: {wanted}", "insufficient_scope")
    return endpoint.handler(Call(ctx, tenant, variables, request.query, request.body, permissions))


def _authenticate(ctx: IssuerContext, tenant: Tenant, request: ManagementRequest) -> frozenset[str] | None:
    if request.authorization is None:
        if request.is_local:  # AUTH0-25
            return None
        raise ManagementError(401, "Missing authentication")
    scheme, _, token = request.authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise ManagementError(401, "Invalid token")
    keys = key_set(ctx.state, tenant.issuer)["keys"]
    try:
        claims = read_token(token.strip(), keys, tenant.issuer, tenant.management_audience, ctx.clock.now())
    except InvalidTokenError as error:
        raise ManagementError(401, str(error)) from None
    scope = claims.get("scope", "")
    return frozenset(scope.split()) if isinstance(scope, str) else frozenset()


def _find_endpoint(request: ManagementRequest) -> tuple[Endpoint, dict[str, str]]:
    allowed: Collection[str] = set()
    for endpoint in ENDPOINTS:
        variables = _match(endpoint.path, request.path)
        if variables is not None:
            if endpoint.method == request.method:
                return endpoint, variables
            allowed = {*allowed, endpoint.method}
    if allowed:
        raise ManagementError(405, f"Sekisho's tenants answer {', '.join(sorted(allowed))} here")
    raise ManagementError(404, "Sekisho's tenants have no such endpoint of the Management API")


def _match(template: str, path: Sequence[str]) -> dict[str, str] | None:
    parts = template.split("/")
    if len(parts) != len(path):
        return None
    variables: dict[str, str] = {}
    for part, segment in zip(parts, path, strict=True):
        if re.fullmatch(r"\{\w+\}", part):
            variables[part[1:-1]] = segment
        elif part != segment:
            return None
    return variables
