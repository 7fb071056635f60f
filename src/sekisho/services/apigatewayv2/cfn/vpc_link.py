"""How CloudFormation makes VPC links.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-vpclink.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.apigatewayv2.cfn.common import delete_resource, pick, tagged_arn, update_tags

_PROPERTIES = ("Name", "SecurityGroupIds", "SubnetIds", "Tags")


def _create_vpc_link(calls: Calls, desired: Desired) -> str:
    return str(calls("CreateVpcLink", pick(desired.properties, *_PROPERTIES))["VpcLinkId"])


def _update_vpc_link(calls: Calls, desired: Desired, applied: Applied) -> None:
    calls("UpdateVpcLink", {"VpcLinkId": applied.physical_id, **pick(desired.properties, "Name")})
    update_tags(calls, tagged_arn(applied, f"vpclinks/{applied.physical_id}"), desired, applied)


def _delete_vpc_link(calls: Calls, applied: Applied) -> None:
    delete_resource(calls, "DeleteVpcLink", {"VpcLinkId": applied.physical_id})


def _read_vpc_link(_calls: Calls, applied: Applied) -> Mapping[str, Any]:
    return {"VpcLinkId": applied.physical_id}


VPC_LINK = CoreType(
    name="AWS::ApiGatewayV2::VpcLink",
    service="apigatewayv2",
    properties=frozenset(_PROPERTIES),
    create=_create_vpc_link,
    update=_update_vpc_link,
    delete=_delete_vpc_link,
    read=_read_vpc_link,
    required=frozenset({"Name", "SubnetIds"}),
    create_only=frozenset({"SecurityGroupIds", "SubnetIds"}),
)
