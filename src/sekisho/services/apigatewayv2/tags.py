"""Tags of APIs, stages, domain names and VPC links.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/tags-resource-arn.html
"""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from sekisho.model.apigatewayv2 import Api, DomainName, Stage, VpcLink
from sekisho.services.apigatewayv2 import errors
from sekisho.services.apigatewayv2.tag_values import decode_tags
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "TagResourceRequest": members(enforced="ResourceArn", stored="Tags"),
    "UntagResourceRequest": members(enforced="ResourceArn", stored="TagKeys"),
    "GetTagsRequest": members(enforced="ResourceArn"),
}

Tagged = Api | Stage | DomainName | VpcLink

_ARN = re.compile(
    r"arn:aws:apigateway:(?P<region>[a-z0-9-]+)::/(?P<kind>apis|domainnames|vpclinks)/(?P<id>[^/]+)"
    r"(?:/stages/(?P<stage>[^/]+))?"
)


@operation("TagResource")
def tag_resource(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Add tags; a key that is there gets the new value."""
    resource = _get(ctx, request["ResourceArn"])
    tags = decode_tags({**resource.tags, **(request.get("Tags") or {})})
    ctx.state.put(dataclasses.replace(resource, tags=tags))
    return {}


@operation("UntagResource")
def untag_resource(ctx: Context, request: Mapping[str, Any]) -> None:
    """Remove tags; a key that is not there is passed over."""
    resource = _get(ctx, request["ResourceArn"])
    kept = {key: value for key, value in resource.tags.items() if key not in request["TagKeys"]}
    ctx.state.put(dataclasses.replace(resource, tags=kept))


@operation("GetTags", reads=True)
def get_tags(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tags of a resource."""
    return {"Tags": _get(ctx, request["ResourceArn"]).tags}


# --- helpers -------------------------------------------------------------------------------------------------


def _get(ctx: ReadContext, arn: str) -> Tagged:
    found = _ARN.fullmatch(arn)
    if found is None or found["region"] != ctx.region or (found["stage"] and found["kind"] != "apis"):
        raise errors.bad_request(f"Invalid ARN specified in the request: {arn}")
    key = f"{ctx.home}/{found['id']}"
    resource: Tagged | None
    if found["stage"]:
        resource = ctx.state.find(Stage, f"{key}/stages/{found['stage']}")
    elif found["kind"] == "apis":
        resource = ctx.state.find(Api, key)
    elif found["kind"] == "domainnames":
        resource = ctx.state.find(DomainName, key)
    else:
        resource = ctx.state.find(VpcLink, key)
    if resource is None:
        raise errors.not_found(f"Invalid resource identifier specified {arn}", "Resource")
    return resource
