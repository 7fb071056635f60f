"""Paging, and what is answered for what is not there, for every operation."""

from typing import Any

import pytest

from sekisho.services.apigatewayv2 import SERVICE
from sekisho.wire.models import load_service_model

from .conftest import Account

MODEL = load_service_model("apigatewayv2")
CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/1"


def members(operation: str) -> Any:
    """Return the input shape of an operation; None where it has none."""
    return MODEL.operation_model(operation).input_shape


LISTS = sorted(
    name for name in SERVICE.operations if name.startswith("Get") and "MaxResults" in members(name).members
)
NONE = ("GetModels", "GetRouteResponses", "GetIntegrationResponses")


def fill(account: Account) -> dict[str, str]:
    """Make three of everything and return the names by which lists are asked."""
    api_id = account.api()
    for index in range(3):
        if index:
            account.api(f"other{index}")
        account.route(api_id, f"GET /{index}")
        integration_id = account.integration(api_id)
        account.authorizer(api_id, Name=f"a{index}")
        account.stage(api_id, f"s{index}")
        account.call("CreateDeployment", ApiId=api_id)
        account.call("CreateVpcLink", Name=f"l{index}", SubnetIds=["subnet-0123456789abcdef0"])
        account.call(
            "CreateDomainName",
            DomainName=f"d{index}.example.com",
            DomainNameConfigurations=[{"CertificateArn": CERTIFICATE}],
        )
        mapping = {"ApiId": api_id, "Stage": "s0", "ApiMappingKey": f"k{index}"}
        account.call("CreateApiMapping", DomainName="d0.example.com", **mapping)
    (route, *_) = account.call("GetRoutes", ApiId=api_id)["Items"]
    return {
        "ApiId": api_id,
        "DomainName": "d0.example.com",
        "IntegrationId": integration_id,
        "RouteId": route["RouteId"],
    }


@pytest.mark.parametrize("operation", LISTS)
def test_a_list_comes_in_pages(account: Account, operation: str) -> None:
    given = fill(account)
    key = {name: given[name] for name in members(operation).required_members}
    everything = account.call(operation, **key)
    assert "NextToken" not in everything
    assert len(everything["Items"]) == (0 if operation in NONE else 3)
    seen: list[Any] = []
    more: dict[str, str] = {}
    while True:
        page = account.call(operation, **key, **more, MaxResults="2")
        seen += page["Items"]
        if "NextToken" not in page:
            break
        more = {"NextToken": page["NextToken"]}
    assert seen == everything["Items"]
    for bad in ({"MaxResults": "0"}, {"MaxResults": "x"}, {"NextToken": "x"}):
        assert account.refused(operation, **key, **bad).code == "BadRequestException"


IDENTIFIERS = {
    "ApiId": "Api",
    "ApiMappingId": "ApiMapping",
    "AuthorizerId": "Authorizer",
    "DeploymentId": "Deployment",
    "DomainName": "DomainName",
    "IntegrationId": "Integration",
    "RouteId": "Route",
    "StageName": "Stage",
    "VpcLinkId": "VpcLink",
}
"""The members that name a resource, and its type."""
OTHERS = {
    "AuthorizerType": "JWT",
    "Body": '{"openapi": "3.0.1", "info": {"title": "t"}, "paths": {}}',
    "IdentitySource": ["$request.header.a"],
    "IntegrationType": "HTTP_PROXY",
    "Name": "n",
    "OutputType": "JSON",
    "RouteKey": "GET /0",
    "Specification": "OAS30",
    "Stage": "s0",
}
MAKERS = {"CreateDomainName": "DomainName", "CreateStage": "StageName"}
"""Operations that give a resource the name; it need not be there."""


def missing() -> list[tuple[str, str]]:
    """Return each operation with each member that names what it works on."""
    found: list[tuple[str, str]] = []
    for operation in sorted(SERVICE.operations):
        names = members(operation).required_members if members(operation) else ()
        found += [
            (operation, name) for name in names if name in IDENTIFIERS and MAKERS.get(operation) != name
        ]
    return found


def test_what_is_not_there_is_named(account: Account) -> None:
    given: dict[str, Any] = {**OTHERS, **fill(account), "StageName": "s0"}
    api = {"ApiId": given["ApiId"]}
    given["AuthorizerId"] = account.call("GetAuthorizers", **api)["Items"][0]["AuthorizerId"]
    given["DeploymentId"] = account.call("GetDeployments", **api)["Items"][0]["DeploymentId"]
    (mapping, *_) = account.call("GetApiMappings", DomainName=given["DomainName"])["Items"]
    given["ApiMappingId"] = mapping["ApiMappingId"]
    for operation, member in missing():
        params = {name: given.get(name, "nothing") for name in members(operation).required_members}
        error = account.refused(operation, **{**params, member: "nothing"})
        assert (error.code, error.status) == ("NotFoundException", 404), operation
        assert error.members["resourceType"] == IDENTIFIERS[member], operation


def test_an_http_api_has_no_parts_of_others(account: Account) -> None:
    given = fill(account)
    assert account.call("ListRoutingRules", DomainName=given["DomainName"]) == {"RoutingRules": []}
    assert account.refused("ListRoutingRules", DomainName="other.example.com").code == "NotFoundException"


def test_everything_that_can_be_tagged(account: Account) -> None:
    given = fill(account)
    (link, *_) = account.call("GetVpcLinks")["Items"]
    account.stage(given["ApiId"], "$default")
    for path in (
        f"apis/{given['ApiId']}",
        f"apis/{given['ApiId']}/stages/s0",
        f"apis/{given['ApiId']}/stages/$default",
        f"domainnames/{given['DomainName']}",
        f"vpclinks/{link['VpcLinkId']}",
    ):
        arn = f"arn:aws:apigateway:us-east-1::/{path}"
        account.call("TagResource", ResourceArn=arn, Tags={"a": "1", "b": "2"})
        account.call("UntagResource", ResourceArn=arn, TagKeys=["a", "c"])
        assert account.call("GetTags", ResourceArn=arn) == {"Tags": {"b": "2"}}
    for path in (f"apis/{given['ApiId']}/routes/{given['RouteId']}", "restapis/a", "apis"):
        arn = f"arn:aws:apigateway:us-east-1::/{path}"
        assert account.refused("GetTags", ResourceArn=arn).code == "BadRequestException"
