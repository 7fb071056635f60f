"""Resource servers and their scopes.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.model.cognito import ResourceServer, ResourceServerScope, UserPool
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import get_pool
from sekisho.services.cognito_idp.paging import list_page
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "CreateResourceServerRequest": members(enforced="UserPoolId Identifier Scopes", stored="Name"),
    "UpdateResourceServerRequest": members(enforced="UserPoolId Identifier Scopes", stored="Name"),
    "ResourceServerScopeType": members(enforced="ScopeName", stored="ScopeDescription"),
    "DescribeResourceServerRequest": members(enforced="UserPoolId Identifier"),
    "DeleteResourceServerRequest": members(enforced="UserPoolId Identifier"),
    "ListResourceServersRequest": members(enforced="UserPoolId MaxResults NextToken"),
}

SERVERS_PER_POOL = 25
SCOPES_PER_SERVER = 100
"""Source: https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html"""


@operation("CreateResourceServer")
def create_resource_server(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a resource server."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    server = _decode(pool, request)
    if ctx.state.find(ResourceServer, server.key) is not None:
        raise errors.invalid_parameter(f"{server.identifier} already exists in user pool {pool.id}.")
    if len(ctx.state.list(ResourceServer, pool.id)) >= SERVERS_PER_POOL:
        raise errors.limit_exceeded(f"A user pool has at most {SERVERS_PER_POOL} resource servers.")
    ctx.state.put(server)
    return {"ResourceServer": _encode(server)}


@operation("DescribeResourceServer", reads=True)
def describe_resource_server(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a resource server."""
    return {"ResourceServer": _encode(_server(ctx, request))}


@operation("UpdateResourceServer")
def update_resource_server(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Replace name and scopes of a resource server."""
    existing = _server(ctx, request)
    changed = _decode(ctx.state.get(UserPool, existing.pool_id), request)
    ctx.state.put(changed)
    return {"ResourceServer": _encode(changed)}


@operation("DeleteResourceServer")
def delete_resource_server(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete a resource server; nobody gets its scopes from now on."""
    ctx.state.delete(ResourceServer, _server(ctx, request).key)


@operation("ListResourceServers", reads=True)
def list_resource_servers(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the resource servers of a pool."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    servers = ctx.state.list(ResourceServer, pool.id)
    return list_page(request, servers, "ResourceServers", _encode, limit="MaxResults")


# --- helpers -------------------------------------------------------------------------------------------------


def _server(ctx: ReadContext, request: Mapping[str, Any]) -> ResourceServer:
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    server = ctx.state.find(ResourceServer, f"{pool.id} {request['Identifier']}")
    if server is None:
        raise errors.not_found(f"Resource server {request['Identifier']} does not exist.")
    return server


def _decode(pool: UserPool, request: Mapping[str, Any]) -> ResourceServer:
    scopes = _decode_scopes(request.get("Scopes") or ())
    return ResourceServer(pool.id, request["Identifier"], request["Name"], scopes)


def _decode_scopes(raw: Sequence[Mapping[str, Any]]) -> tuple[ResourceServerScope, ...]:
    scopes = tuple(ResourceServerScope(each["ScopeName"], each["ScopeDescription"]) for each in raw)
    if len({scope.name for scope in scopes}) != len(scopes):
        raise errors.invalid_parameter("A scope name was specified more than once.")
    if len(scopes) > SCOPES_PER_SERVER:
        raise errors.limit_exceeded(f"A resource server has at most {SCOPES_PER_SERVER} scopes.")
    return scopes


def _encode(server: ResourceServer) -> dict[str, Any]:
    return {
        "UserPoolId": server.pool_id,
        "Identifier": server.identifier,
        "Name": server.name,
        "Scopes": [{"ScopeName": one.name, "ScopeDescription": one.description} for one in server.scopes],
    }
