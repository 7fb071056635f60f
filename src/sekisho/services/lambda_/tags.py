"""Tags of functions.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.lambda_ import Function
from sekisho.services.context import Context, ReadContext
from sekisho.services.lambda_ import errors
from sekisho.services.lambda_.lookup import get_function, parse_name
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "TagResourceRequest": members(enforced="Resource", stored="Tags"),
    "UntagResourceRequest": members(enforced="Resource", stored="TagKeys"),
    "ListTagsRequest": members(enforced="Resource"),
}

_MOST_TAGS = 50


@operation("TagResource")
def tag_resource(ctx: Context, request: Mapping[str, Any]) -> None:
    """Add tags to a function; a key that it has gets the new value."""
    function = _get_tagged(ctx, request)
    tags = {**function.tags, **request["Tags"]}
    if len(tags) > _MOST_TAGS:
        raise errors.invalid_parameter(f"Tags size must be less than or equal to {_MOST_TAGS}.")
    ctx.state.put(dataclasses.replace(function, tags=tags))


@operation("UntagResource")
def untag_resource(ctx: Context, request: Mapping[str, Any]) -> None:
    """Remove tags from a function; a key that it does not have is passed over."""
    function = _get_tagged(ctx, request)
    kept = {key: value for key, value in function.tags.items() if key not in request["TagKeys"]}
    ctx.state.put(dataclasses.replace(function, tags=kept))


@operation("ListTags", reads=True)
def list_tags(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the tags of a function."""
    return {"Tags": dict(_get_tagged(ctx, request).tags)}


# --- helpers -------------------------------------------------------------------------------------------------


def _get_tagged(ctx: ReadContext, request: Mapping[str, Any]) -> Function:
    name = parse_name(ctx, request["Resource"])
    if name.qualifier is not None:
        raise errors.invalid_parameter(
            "Tags on function aliases and versions are not supported. Please specify a function ARN."
        )
    return get_function(ctx.state, name)
