"""APIs, quick create, CORS and tags."""

import pytest

from .conftest import FUNCTION, Account


@pytest.mark.semantics("HTTP-API-02")
def test_a_new_api_is_described(account: Account) -> None:
    created = account.call(
        "CreateApi",
        Name="web",
        ProtocolType="HTTP",
        Description="pets",
        Version="1",
        RouteSelectionExpression="${request.method} ${request.path}",
        Tags={"team": "pets"},
    )
    api_id = created["ApiId"]
    assert len(api_id) == 10
    assert created["ApiEndpoint"] == f"https://{api_id}.execute-api.us-east-1.amazonaws.com"
    assert created["RouteSelectionExpression"] == "$request.method $request.path"
    assert created["DisableExecuteApiEndpoint"] is False
    assert account.call("GetApi", ApiId=api_id) == created
    assert account.call("GetApis")["Items"] == [created]
    assert account.call("GetApis", "eu-west-1")["Items"] == []


@pytest.mark.semantics("HTTP-API-01")
def test_websocket_apis_are_refused(account: Account) -> None:
    error = account.refused("CreateApi", Name="chat", ProtocolType="WEBSOCKET")
    assert error.code == "BadRequestException"
    assert "WEBSOCKET" in error.message


@pytest.mark.semantics("HTTP-API-02")
@pytest.mark.parametrize(
    "params",
    [
        {"RouteSelectionExpression": "$request.body.action"},
        {"ApiKeySelectionExpression": "$request.header.key"},
        {"RouteKey": "GET /"},
    ],
)
def test_what_an_http_api_cannot_choose_is_refused(account: Account, params: dict[str, str]) -> None:
    assert account.refused("CreateApi", Name="a", ProtocolType="HTTP", **params).code == "BadRequestException"


def test_an_update_changes_what_is_given(account: Account) -> None:
    api_id = account.api(Description="before", CorsConfiguration={"AllowOrigins": ["*"]})
    changed = account.call("UpdateApi", ApiId=api_id, Name="other", DisableExecuteApiEndpoint=True)
    assert (changed["Name"], changed["Description"]) == ("other", "before")
    assert changed["DisableExecuteApiEndpoint"] is True
    assert changed["CorsConfiguration"] == {"AllowOrigins": ["*"]}


def test_cors_is_described_and_deleted(account: Account) -> None:
    cors = {
        "AllowOrigins": ["https://a.example", "https://*", "http://localhost:3000"],
        "AllowMethods": ["GET", "*"],
        "AllowHeaders": ["x-one"],
        "ExposeHeaders": ["x-two"],
        "AllowCredentials": True,
        "MaxAge": 0,
    }
    api_id = account.api(CorsConfiguration=cors)
    assert account.call("GetApi", ApiId=api_id)["CorsConfiguration"] == cors
    account.call("DeleteCorsConfiguration", ApiId=api_id)
    assert "CorsConfiguration" not in account.call("GetApi", ApiId=api_id)


@pytest.mark.parametrize(
    "cors",
    [
        {"AllowOrigins": ["a.example"]},
        {"AllowOrigins": ["https://*.example"]},
        {"AllowMethods": ["FETCH"]},
        {"AllowHeaders": ["not a header"]},
        {"MaxAge": 86401},
        {"AllowOrigins": ["*"], "AllowCredentials": True},
    ],
)
def test_cors_that_cannot_be_is_refused(account: Account, cors: dict[str, object]) -> None:
    error = account.refused("CreateApi", Name="a", ProtocolType="HTTP", CorsConfiguration=cors)
    assert error.code == "BadRequestException"


@pytest.mark.semantics("HTTP-API-03")
def test_quick_create_makes_everything(account: Account) -> None:
    api_id = account.api(Target=FUNCTION)
    (integration,) = account.call("GetIntegrations", ApiId=api_id)["Items"]
    (route,) = account.call("GetRoutes", ApiId=api_id)["Items"]
    (stage,) = account.call("GetStages", ApiId=api_id)["Items"]
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")
    assert integration["IntegrationUri"] == FUNCTION
    assert route["RouteKey"] == "$default"
    assert route["Target"] == f"integrations/{integration['IntegrationId']}"
    assert (stage["StageName"], stage["AutoDeploy"]) == ("$default", True)
    assert stage["DeploymentId"]
    assert all(each["ApiGatewayManaged"] for each in (integration, route, stage))


@pytest.mark.semantics("HTTP-API-03")
def test_quick_create_takes_a_url_and_a_route_key(account: Account) -> None:
    api_id = account.api(Target="https://pets.example/all", RouteKey="GET /pets")
    (integration,) = account.call("GetIntegrations", ApiId=api_id)["Items"]
    assert (integration["IntegrationType"], integration["IntegrationMethod"]) == ("HTTP_PROXY", "ANY")
    assert account.call("GetRoutes", ApiId=api_id)["Items"][0]["RouteKey"] == "GET /pets"
    account.call("UpdateApi", ApiId=api_id, Target=FUNCTION, RouteKey="ANY /pets")
    (integration,) = account.call("GetIntegrations", ApiId=api_id)["Items"]
    assert (integration["IntegrationType"], integration["IntegrationMethod"]) == ("AWS_PROXY", "POST")
    assert account.call("GetRoutes", ApiId=api_id)["Items"][0]["RouteKey"] == "ANY /pets"


def test_quick_create_refuses_what_is_no_target(account: Account) -> None:
    error = account.refused("CreateApi", Name="a", ProtocolType="HTTP", Target="pets")
    assert error.code == "BadRequestException"
    api_id = account.api()
    assert account.refused("UpdateApi", ApiId=api_id, Target=FUNCTION).code == "BadRequestException"


def test_deleting_an_api_deletes_its_parts(account: Account) -> None:
    api_id = account.api(Target=FUNCTION)
    account.call("DeleteApi", ApiId=api_id)
    error = account.refused("GetApi", ApiId=api_id)
    assert (error.code, error.status) == ("NotFoundException", 404)
    assert error.message == f"Invalid API identifier specified 000000000000:{api_id}"
    with account.store.read() as state:
        from sekisho.model.apigatewayv2 import Deployment, Integration, Route, Stage

        assert not any(state.list(kind) for kind in (Deployment, Integration, Route, Stage))


def test_pages(account: Account) -> None:
    names = [f"api-{number}" for number in range(5)]
    for name in names:
        account.api(name)
    found, token = [], None
    while True:
        more: dict[str, str] = {"NextToken": token} if token else {}
        listed = account.call("GetApis", MaxResults="2", **more)
        found += [each["Name"] for each in listed["Items"]]
        token = listed.get("NextToken")
        if token is None:
            break
    assert found == names
    assert account.refused("GetApis", NextToken="x").code == "BadRequestException"
    assert account.refused("GetApis", MaxResults="many").code == "BadRequestException"


def test_tags(account: Account) -> None:
    api_id = account.api(Tags={"a": "1"})
    account.stage(api_id, Tags={"s": "1"})
    arn = f"arn:aws:apigateway:us-east-1::/apis/{api_id}"
    account.call("TagResource", ResourceArn=arn, Tags={"b": "2"})
    account.call("UntagResource", ResourceArn=arn, TagKeys=["a", "missing"])
    assert account.call("GetTags", ResourceArn=arn) == {"Tags": {"b": "2"}}
    assert account.call("GetTags", ResourceArn=f"{arn}/stages/$default") == {"Tags": {"s": "1"}}
    assert account.refused("GetTags", ResourceArn="nonsense").code == "BadRequestException"
    assert account.refused("GetTags", ResourceArn=f"{arn}x").code == "NotFoundException"
    assert account.refused("TagResource", ResourceArn=arn, Tags={"aws:x": "1"}).code == "BadRequestException"


def test_vpc_links(account: Account) -> None:
    link = account.call("CreateVpcLink", Name="net", SubnetIds=["subnet-1"])
    assert link["VpcLinkStatus"] == "AVAILABLE"
    link_id = link["VpcLinkId"]
    assert account.call("UpdateVpcLink", VpcLinkId=link_id, Name="other")["Name"] == "other"
    assert [each["Name"] for each in account.call("GetVpcLinks")["Items"]] == ["other"]
    account.call("DeleteVpcLink", VpcLinkId=link_id)
    assert account.refused("GetVpcLink", VpcLinkId=link_id).code == "NotFoundException"
