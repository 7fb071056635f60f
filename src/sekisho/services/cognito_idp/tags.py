"""Tags of user pools, the one resource of the service that has them."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.kernel.arn import Arn
from sekisho.model.cognito import UserPool
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import get_pool
from sekisho.services.cognito_idp.tag_values import check_tags
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "TagResourceRequest": members(enforced="ResourceArn", stored="Tags"),
    "UntagResourceRequest": members(enforced="ResourceArn TagKeys"),
    "ListTagsForResourceRequest": members(enforced="ResourceArn"),
}


@operation("TagResource")
def tag_resource(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Add tags to a pool, or give them other values."""
    pool = _pool(ctx, request["ResourceArn"])
    tags = {**pool.tags, **request["Tags"]}
    check_tags(tags)
    ctx.state.put(dataclasses.replace(pool, tags=tags))
    return {}


@operation("UntagResource")
def untag_resource(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take tags from a pool."""
    pool = _pool(ctx, request["ResourceArn"])
    gone = set(request["TagKeys"])
    tags = {key: value for key, value in pool.tags.items() if key not in gone}
    ctx.state.put(dataclasses.replace(pool, tags=tags))
    return {}


@operation("ListTagsForResource", reads=True)
def list_tags_for_resource(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the tags of a pool."""
    return {"Tags": dict(_pool(ctx, request["ResourceArn"]).tags)}


def _pool(ctx: ReadContext, arn: str) -> UserPool:
    if not Arn.is_valid(arn, "cognito-idp"):
        raise errors.invalid_parameter(f"Invalid ARN '{arn}'")
    resource = Arn.parse(arn).resource
    if not resource.startswith("userpool/"):
        raise errors.invalid_parameter(f"'{arn}' is not the ARN of a user pool")
    return get_pool(ctx, ctx.state, resource.removeprefix("userpool/"))
