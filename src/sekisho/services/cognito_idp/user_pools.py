"""User pools.

Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.kernel.arn import Arn
from sekisho.kernel.ids import ALNUM
from sekisho.model.branding import ManagedLoginBranding
from sekisho.model.cognito import (
    AppClient,
    Group,
    ResourceServer,
    User,
    UserAlias,
    UserPool,
    UserPoolDomain,
)
from sekisho.model.keys import SigningKey
from sekisho.model.sign_ins import (
    AuthorizationCode,
    AuthSession,
    ConfirmationCode,
    FailedGuess,
    LoginSession,
    OutboxMessage,
    RefreshGrant,
)
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import get_pool, require_tokens
from sekisho.services.cognito_idp.paging import list_page
from sekisho.services.cognito_idp.pool_settings import (
    SET_APART,
    decode_settings,
    encode_settings,
    encode_triggers,
)
from sekisho.services.cognito_idp.schema import (
    check_custom_count,
    decode_custom,
    decode_schema,
    encode_schema,
)
from sekisho.services.cognito_idp.tag_values import check_tags
from sekisho.services.context import Context, LongContext, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation
from sekisho.store.api import Writer

LEDGER = {
    "DescribeUserPoolRequest": members(enforced="UserPoolId"),
    "DeleteUserPoolRequest": members(enforced="UserPoolId"),
    "ListUserPoolsRequest": members(enforced="NextToken MaxResults"),
    "AddCustomAttributesRequest": members(enforced="UserPoolId CustomAttributes"),
}


@operation("CreateUserPool", transaction=False, joins=True)
def create_user_pool(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a pool with its two keys."""
    tokens = require_tokens(ctx)
    settings = decode_settings(request)
    check_tags(settings["tags"])
    if request.get("UsernameAttributes") and request.get("AliasAttributes"):
        raise errors.invalid_parameter(
            "Only one of the aliasAttributes or usernameAttributes can be set in a user pool"
        )
    now, pool_id = ctx.clock.now(), f"{ctx.region}_{ctx.ids.text(9, ALNUM)}"
    pool = UserPool(
        id=pool_id,
        name=request["PoolName"],
        account_id=ctx.account_id,
        region=ctx.region,
        arn=str(Arn("cognito-idp", ctx.region, ctx.account_id, f"userpool/{pool_id}")),
        created=now,
        modified=now,
        schema=decode_schema(request.get("Schema") or ()),
        username_attributes=tuple(request.get("UsernameAttributes") or ()),
        alias_attributes=tuple(request.get("AliasAttributes") or ()),
        case_sensitive=(request.get("UsernameConfiguration") or {}).get("CaseSensitive", True),
        **settings,
    )
    keys = tokens.new_keys(pool)
    with ctx.store.write() as state:
        state.put(pool)
        for key in keys:
            state.put(key)
    return {"UserPool": _encode(pool, None, 0)}


@operation("DescribeUserPool", reads=True)
def describe_user_pool(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a pool."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    domains = ctx.state.list(UserPoolDomain, pool.id)
    return {"UserPool": _encode(pool, domains, len(ctx.state.list(User, pool.id)))}


@operation("UpdateUserPool")
def update_user_pool(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Set a pool anew: what the request leaves out returns to its default (COGNITO-30)."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    settings = decode_settings(request)
    if "UserPoolTags" not in request:
        settings["tags"] = pool.tags
    check_tags(settings["tags"])
    if settings["updated_issuer"] != pool.updated_issuer:
        raise errors.invalid_parameter("Sekisho does not support changing the issuer type of a user pool.")
    settings["settings"] |= {name: pool.settings[name] for name in SET_APART if name in pool.settings}
    name = request.get("PoolName") or pool.name
    ctx.state.put(dataclasses.replace(pool, name=name, modified=ctx.clock.now(), **settings))
    return {}


@operation("DeleteUserPool")
def delete_user_pool(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete a pool with everything in it."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    if pool.deletion_protection:
        raise errors.invalid_parameter(
            "The user pool cannot be deleted because deletion protection is activated. Deletion protection must "
            "be inactivated first."
        )
    if ctx.state.list(UserPoolDomain, pool.id):
        raise errors.invalid_parameter(
            "User pool cannot be deleted. It has a domain configured that should be deleted first."
        )
    _delete_contents(ctx.state, pool)
    ctx.state.delete(UserPool, pool.id)


@operation("ListUserPools", reads=True)
def list_user_pools(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the pools of the region."""
    pools = ctx.state.list(UserPool, ctx.home)
    return list_page(request, pools, "UserPools", _encode_briefly, limit="MaxResults")


@operation("AddCustomAttributes")
def add_custom_attributes(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Add custom attributes to a pool's schema; none can be taken away again."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    schema = {attribute.name: attribute for attribute in pool.schema}
    for given in request["CustomAttributes"]:
        custom = decode_custom(given)
        if custom.name in schema:
            raise errors.invalid_parameter(
                f"{custom.name}: Existing attribute already has name {custom.name}."
            )
        schema[custom.name] = custom
    changed = check_custom_count(schema.values())
    ctx.state.put(dataclasses.replace(pool, schema=changed, modified=ctx.clock.now()))
    return {}


# --- helpers -------------------------------------------------------------------------------------------------


def _delete_contents(state: Writer, pool: UserPool) -> None:
    for user in state.list(User, pool.id):
        for of_user in (UserAlias, RefreshGrant, ConfirmationCode, LoginSession):
            for each in state.list(of_user, user.key):
                state.delete(of_user, each.key)
    kinds = (
        User,
        AppClient,
        Group,
        ResourceServer,
        AuthSession,
        AuthorizationCode,
        FailedGuess,
        OutboxMessage,
        ManagedLoginBranding,
    )
    for kind in kinds:
        for item in state.list(kind, pool.id):
            state.delete(kind, item.key)
    for key in state.list(SigningKey, pool.issuer):
        state.delete(SigningKey, key.key)


def _encode_briefly(pool: UserPool) -> dict[str, Any]:
    return {
        "Id": pool.id,
        "Name": pool.name,
        "LambdaConfig": encode_triggers(pool),
        "LastModifiedDate": pool.modified,
        "CreationDate": pool.created,
    }


def _encode(pool: UserPool, domains: list[UserPoolDomain] | None, users: int) -> dict[str, Any]:
    prefix = next((one.domain for one in domains or () if one.certificate_arn is None), None)
    custom = next((one.domain for one in domains or () if one.certificate_arn is not None), None)
    return {
        "Id": pool.id,
        "Name": pool.name,
        "Arn": pool.arn,
        "LastModifiedDate": pool.modified,
        "CreationDate": pool.created,
        "SchemaAttributes": encode_schema(pool.schema),
        "AliasAttributes": list(pool.alias_attributes) or None,
        "UsernameAttributes": list(pool.username_attributes) or None,
        "UsernameConfiguration": {"CaseSensitive": pool.case_sensitive},
        "EstimatedNumberOfUsers": users,
        "Domain": prefix,
        "CustomDomain": custom,
        **encode_settings(pool),
    }
