"""App clients and their secrets."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sekisho.kernel.ids import Ids
from sekisho.model.branding import ManagedLoginBranding
from sekisho.model.cognito import AppClient, ClientSecret, UserPool
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.client_settings import decode_settings, encode_client
from sekisho.services.cognito_idp.lookup import get_client, get_pool
from sekisho.services.cognito_idp.paging import list_page
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "DescribeUserPoolClientRequest": members(enforced="UserPoolId ClientId"),
    "DeleteUserPoolClientRequest": members(enforced="UserPoolId ClientId"),
    "ListUserPoolClientsRequest": members(enforced="UserPoolId MaxResults NextToken", rejected="ClientType"),
    "AddUserPoolClientSecretRequest": members(enforced="UserPoolId ClientId ClientSecret"),
    "ListUserPoolClientSecretsRequest": members(enforced="UserPoolId ClientId NextToken"),
    "DeleteUserPoolClientSecretRequest": members(enforced="UserPoolId ClientId ClientSecretId"),
}

CLIENTS_PER_POOL = 1000
"""Source: https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html"""

_SECRETS_PER_CLIENT = 2
_CLIENT_ID_LENGTH = 26
_SECRET_LENGTH = 52


@operation("CreateUserPoolClient")
def create_user_pool_client(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create an app client, with a secret where one is asked for or given."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    if len(ctx.state.list(AppClient, pool.id)) >= CLIENTS_PER_POOL:
        raise errors.limit_exceeded(f"A user pool has at most {CLIENTS_PER_POOL} app clients.")
    now = ctx.clock.now()
    given = request.get("ClientSecret")
    if given and request.get("GenerateSecret"):
        raise errors.invalid_parameter("ClientSecret cannot be given when GenerateSecret is true.")
    has_secret = bool(request.get("GenerateSecret") or given)
    client = AppClient(
        pool_id=pool.id,
        client_id=ctx.ids.text(_CLIENT_ID_LENGTH),
        name=request["ClientName"],
        created=now,
        modified=now,
        secrets=(_new_secret(ctx.ids, now, given),) if has_secret else (),
        **decode_settings(ctx.state, pool, request, has_secret=has_secret),
    )
    ctx.state.put(client)
    return {"UserPoolClient": encode_client(client)}


@operation("DescribeUserPoolClient", reads=True)
def describe_user_pool_client(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an app client, its secret included."""
    return {"UserPoolClient": encode_client(_client(ctx, request))}


@operation("UpdateUserPoolClient")
def update_user_pool_client(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Set an app client anew: what the request leaves out returns to its default (COGNITO-30)."""
    client = _client(ctx, request)
    pool = ctx.state.get(UserPool, client.pool_id)
    changed = dataclasses.replace(
        client,
        name=request.get("ClientName") or client.name,
        modified=ctx.clock.now(),
        **decode_settings(ctx.state, pool, request, has_secret=bool(client.secrets)),
    )
    ctx.state.put(changed)
    return {"UserPoolClient": encode_client(changed)}


@operation("DeleteUserPoolClient")
def delete_user_pool_client(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete an app client; tokens that it was given are refused by this service from now on."""
    client = _client(ctx, request)
    for branding in ctx.state.list(ManagedLoginBranding, client.pool_id):
        if branding.client_id == client.client_id:
            ctx.state.delete(ManagedLoginBranding, branding.key)
    ctx.state.delete(AppClient, client.client_id)


@operation("ListUserPoolClients", reads=True)
def list_user_pool_clients(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the app clients of a pool."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    clients = ctx.state.list(AppClient, pool.id)
    return list_page(request, clients, "UserPoolClients", _encode_name, limit="MaxResults")


@operation("AddUserPoolClientSecret")
def add_user_pool_client_secret(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give an app client a second secret, so that the first can be replaced without a gap."""
    client = _client(ctx, request)
    if not client.secrets:
        raise errors.invalid_parameter(f"Client {client.client_id} is not configured with a secret.")
    if len(client.secrets) >= _SECRETS_PER_CLIENT:
        raise errors.limit_exceeded("Client secrets cannot exceed limit of 2 secrets.")
    given, now = request.get("ClientSecret"), ctx.clock.now()
    secret = _new_secret(ctx.ids, now, given)
    ctx.state.put(dataclasses.replace(client, secrets=(*client.secrets, secret), modified=now))
    shown = {} if given else {"ClientSecretValue": secret.value}
    return {"ClientSecretDescriptor": {**_encode_secret(secret), **shown}}


@operation("ListUserPoolClientSecrets", reads=True)
def list_user_pool_client_secrets(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the secrets of an app client, without their values."""
    secrets = _client(ctx, request).secrets
    return list_page(request, secrets, "ClientSecrets", _encode_secret, limit="MaxResults")


@operation("DeleteUserPoolClientSecret")
def delete_user_pool_client_secret(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Delete one of two secrets of an app client."""
    client = _client(ctx, request)
    kept = tuple(secret for secret in client.secrets if secret.id != request["ClientSecretId"])
    if len(kept) == len(client.secrets):
        raise errors.not_found(f"Client secret {request['ClientSecretId']} does not exist.")
    if not kept:
        raise errors.invalid_parameter("The only secret of a client cannot be deleted.")
    ctx.state.put(dataclasses.replace(client, secrets=kept, modified=ctx.clock.now()))
    return {}


# --- helpers -------------------------------------------------------------------------------------------------


def _client(ctx: ReadContext, request: Mapping[str, Any]) -> AppClient:
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    return get_client(ctx.state, pool, request["ClientId"])


def _encode_name(client: AppClient) -> dict[str, Any]:
    return {"ClientId": client.client_id, "UserPoolId": client.pool_id, "ClientName": client.name}


def _new_secret(ids: Ids, now: datetime, given: str | None) -> ClientSecret:
    return ClientSecret(ids.uuid(), now, given or ids.text(_SECRET_LENGTH))


def _encode_secret(secret: ClientSecret) -> dict[str, Any]:
    return {"ClientSecretId": secret.id, "ClientSecretCreateDate": secret.created}
