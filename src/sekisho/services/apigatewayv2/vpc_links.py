"""VPC links: kept, so that private integrations can name them.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/vpclinks.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.apigatewayv2 import VpcLink
from sekisho.services.apigatewayv2 import errors
from sekisho.services.apigatewayv2.lookup import new_id
from sekisho.services.apigatewayv2.members import Fields, check_lengths, shown
from sekisho.services.apigatewayv2.paging import page
from sekisho.services.apigatewayv2.tag_values import decode_tags
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "CreateVpcLinkRequest": members(stored="Name SubnetIds SecurityGroupIds Tags"),
    "UpdateVpcLinkRequest": members(enforced="VpcLinkId", stored="Name"),
    "GetVpcLinkRequest": members(enforced="VpcLinkId"),
    "GetVpcLinksRequest": members(enforced="MaxResults NextToken"),
    "DeleteVpcLinkRequest": members(enforced="VpcLinkId"),
}

_SHOWN: Fields = {
    "CreatedDate": "created",
    "Name": "name",
    "SecurityGroupIds": "security_group_ids",
    "SubnetIds": "subnet_ids",
    "Tags": "tags",
    "VpcLinkId": "id",
}


@operation("CreateVpcLink")
def create_vpc_link(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a link."""
    check_lengths(request, ("Name",))
    link = VpcLink(
        account_id=ctx.account_id,
        region=ctx.region,
        id=new_id(ctx.ids),
        name=request["Name"],
        created=ctx.clock.now(),
        subnet_ids=tuple(request["SubnetIds"]),
        security_group_ids=tuple(request.get("SecurityGroupIds") or ()),
        tags=decode_tags(request.get("Tags")),
    )
    ctx.state.put(link)
    return _encode(link)


@operation("GetVpcLink", reads=True)
def get_one(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a link."""
    return _encode(_get(ctx, request["VpcLinkId"]))


@operation("GetVpcLinks", reads=True)
def get_all(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the links of the account in the region."""
    return page(ctx.state.list(VpcLink, ctx.home), request, _encode)


@operation("UpdateVpcLink")
def update_vpc_link(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change the name."""
    check_lengths(request, ("Name",))
    link = _get(ctx, request["VpcLinkId"])
    link = dataclasses.replace(link, name=request.get("Name") or link.name)
    ctx.state.put(link)
    return _encode(link)


@operation("DeleteVpcLink")
def delete_vpc_link(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Delete a link."""
    ctx.state.delete(VpcLink, _get(ctx, request["VpcLinkId"]).key)
    return {}


# --- helpers -------------------------------------------------------------------------------------------------


def _get(ctx: ReadContext, link_id: str) -> VpcLink:
    found = ctx.state.find(VpcLink, f"{ctx.home}/{link_id}")
    if found is None:
        raise errors.child_not_found("VpcLink", link_id)
    return found


def _encode(link: VpcLink) -> dict[str, Any]:
    state = {"VpcLinkStatus": "AVAILABLE", "VpcLinkStatusMessage": "VPC link is ready to route traffic"}
    # The model wants them in every answer, also where there are none.
    groups = {"SecurityGroupIds": list(link.security_group_ids)}
    return {**shown(link, _SHOWN), **groups, **state, "VpcLinkVersion": "V2"}
