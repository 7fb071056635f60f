"""Stages, deployments, domain names and API mappings."""

from typing import Any

import pytest

from sekisho.model.apigatewayv2 import Deployment, Stage

from .conftest import Account

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"


def served(account: Account, api_id: str, stage: str = "$default") -> list[str]:
    """Return the route keys that a stage serves."""
    key = f"000000000000/us-east-1/{api_id}"
    with account.store.read() as state:
        found = state.get(Stage, f"{key}/stages/{stage}")
        if found.deployment_id is None:
            return []
        deployment = state.get(Deployment, f"{key}/deployments/{found.deployment_id}")
    return [route.route_key for route in deployment.definition.routes]


@pytest.mark.semantics("HTTP-API-09")
def test_auto_deploy_serves_every_change(account: Account) -> None:
    api_id = account.api()
    account.stage(api_id, AutoDeploy=True)
    assert served(account, api_id) == []
    route_id = account.route(api_id, "GET /a")
    assert served(account, api_id) == ["GET /a"]
    account.call("UpdateRoute", ApiId=api_id, RouteId=route_id, RouteKey="GET /b")
    assert served(account, api_id) == ["GET /b"]
    (deployment,) = account.call("GetDeployments", ApiId=api_id)["Items"]
    assert deployment["AutoDeployed"] is True
    stage = account.call("GetStage", ApiId=api_id, StageName="$default")
    assert stage["DeploymentId"] == deployment["DeploymentId"]
    assert stage["LastDeploymentStatusMessage"] == (
        f"Successfully deployed stage with deployment ID '{deployment['DeploymentId']}'"
    )


@pytest.mark.semantics("HTTP-API-09")
def test_what_changes_nothing_is_not_deployed(account: Account) -> None:
    api_id = account.api()
    account.stage(api_id, AutoDeploy=True)
    account.route(api_id, "GET /a")
    before = account.call("GetDeployments", ApiId=api_id)["Items"]
    account.call("UpdateApi", ApiId=api_id, Description="other words")
    assert account.call("GetDeployments", ApiId=api_id)["Items"] == before


@pytest.mark.semantics("HTTP-API-08")
def test_a_stage_serves_its_deployment(account: Account) -> None:
    api_id = account.api()
    assert account.refused("CreateDeployment", ApiId=api_id).message == (
        "At least one route is required before deploying the Api."
    )
    account.route(api_id, "GET /a")
    first = account.call("CreateDeployment", ApiId=api_id, Description="one")
    assert first["DeploymentStatus"] == "DEPLOYED"
    account.stage(api_id, "prod", DeploymentId=first["DeploymentId"])
    account.route(api_id, "GET /b")
    assert served(account, api_id, "prod") == ["GET /a"]
    second = account.call("CreateDeployment", ApiId=api_id, StageName="prod")
    assert served(account, api_id, "prod") == ["GET /a", "GET /b"]
    account.call("UpdateStage", ApiId=api_id, StageName="prod", DeploymentId=first["DeploymentId"])
    assert served(account, api_id, "prod") == ["GET /a"]
    listed = account.call("GetDeployments", ApiId=api_id)["Items"]
    assert [each["DeploymentId"] for each in listed] == [second["DeploymentId"], first["DeploymentId"]]


@pytest.mark.semantics("HTTP-API-10")
def test_a_deployment_in_use_stays(account: Account) -> None:
    api_id = account.api()
    account.route(api_id)
    deployment_id = account.call("CreateDeployment", ApiId=api_id)["DeploymentId"]
    account.stage(api_id, DeploymentId=deployment_id)
    error = account.refused("DeleteDeployment", ApiId=api_id, DeploymentId=deployment_id)
    assert error.code == "ConflictException"
    account.call("DeleteStage", ApiId=api_id, StageName="$default")
    changed = account.call(
        "UpdateDeployment", ApiId=api_id, DeploymentId=deployment_id, Description="last words"
    )
    assert account.call("GetDeployment", ApiId=api_id, DeploymentId=deployment_id) == changed
    account.call("DeleteDeployment", ApiId=api_id, DeploymentId=deployment_id)
    assert account.call("GetDeployments", ApiId=api_id)["Items"] == []


def test_a_stage_is_described(account: Account) -> None:
    api_id = account.api()
    account.route(api_id, "GET /a")
    created = account.stage(
        api_id,
        "prod",
        Description="live",
        StageVariables={"url": "https://a.example/?b=c"},
        DefaultRouteSettings={"ThrottlingBurstLimit": 5, "ThrottlingRateLimit": 10.5},
        RouteSettings={"GET /a": {"ThrottlingRateLimit": 1}},
        AccessLogSettings={"DestinationArn": "arn:aws:logs:us-east-1:0:x", "Format": "$context.requestId"},
    )
    assert created["DefaultRouteSettings"] == {
        "DetailedMetricsEnabled": False,
        "ThrottlingBurstLimit": 5,
        "ThrottlingRateLimit": 10.5,
    }
    assert created["RouteSettings"] == {"GET /a": {"ThrottlingRateLimit": 1}}
    assert account.call("GetStages", ApiId=api_id)["Items"] == [created]
    account.call("DeleteRouteSettings", ApiId=api_id, StageName="prod", RouteKey="GET /a")
    account.call("DeleteAccessLogSettings", ApiId=api_id, StageName="prod")
    stage = account.call("GetStage", ApiId=api_id, StageName="prod")
    assert stage["RouteSettings"] == {}
    assert "AccessLogSettings" not in stage
    missing = account.refused("DeleteRouteSettings", ApiId=api_id, StageName="prod", RouteKey="GET /a")
    assert missing.code == "NotFoundException"


@pytest.mark.parametrize(
    "params",
    [
        {"StageName": "a b"},
        {"StageName": "$prod"},
        {"StageVariables": {"a-b": "c"}},
        {"StageVariables": {"a": "b c"}},
        {"StageVariables": {f"a{number}": "b" for number in range(101)}},
        {"DefaultRouteSettings": {"LoggingLevel": "INFO"}},
        {"DefaultRouteSettings": {"DataTraceEnabled": True}},
        {"DefaultRouteSettings": {"ThrottlingBurstLimit": -1}},
        {"RouteSettings": {"GET /missing": {}}},
        {"DeploymentId": "missing"},
        {"AccessLogSettings": {"Format": "nothing that names a request"}},
        {"ClientCertificateId": "abc"},
    ],
)
def test_stages_that_cannot_be(account: Account, params: dict[str, Any]) -> None:
    error = account.refused("CreateStage", ApiId=account.api(), **{"StageName": "prod", **params})
    assert error.code == "BadRequestException"


def test_stages_are_unique_and_can_be_missing(account: Account) -> None:
    api_id = account.api()
    account.stage(api_id, "prod")
    error = account.refused("CreateStage", ApiId=api_id, StageName="prod")
    assert (error.code, error.message) == ("ConflictException", "Stage already exists")
    missing = account.refused("GetStage", ApiId=api_id, StageName="other")
    assert missing.message == "Invalid stage identifier specified"


def test_an_auto_deploying_stage_takes_no_deployment(account: Account) -> None:
    api_id = account.api()
    account.route(api_id)
    deployment_id = account.call("CreateDeployment", ApiId=api_id)["DeploymentId"]
    account.stage(api_id, AutoDeploy=True)
    error = account.refused("UpdateStage", ApiId=api_id, StageName="$default", DeploymentId=deployment_id)
    assert error.code == "BadRequestException"


def domain(account: Account, name: str = "api.example.com") -> dict[str, Any]:
    configurations = [{"CertificateArn": CERTIFICATE}]
    return account.call("CreateDomainName", DomainName=name, DomainNameConfigurations=configurations)


def test_a_domain_name(account: Account) -> None:
    created = domain(account)
    (configuration,) = created["DomainNameConfigurations"]
    assert configuration["EndpointType"] == "REGIONAL"
    assert configuration["ApiGatewayDomainName"].endswith(".execute-api.us-east-1.amazonaws.com")
    assert created["DomainNameArn"] == "arn:aws:apigateway:us-east-1::/domainnames/api.example.com"
    assert account.call("GetDomainName", DomainName="api.example.com") == created
    assert account.call("GetDomainNames")["Items"] == [created]
    assert (
        account.refused(
            "CreateDomainName",
            DomainName="API.example.com",
            DomainNameConfigurations=[{"CertificateArn": CERTIFICATE}],
        ).code
        == "ConflictException"
    )
    account.call("DeleteDomainName", DomainName="api.example.com")
    assert account.refused("GetDomainName", DomainName="api.example.com").code == "NotFoundException"


@pytest.mark.parametrize(
    "params",
    [
        {"DomainName": "example"},
        {"DomainName": "a b.example.com"},
        {"DomainNameConfigurations": []},
        {"DomainNameConfigurations": [{"CertificateArn": "x"}]},
        {"DomainNameConfigurations": [{"CertificateArn": CERTIFICATE, "EndpointType": "EDGE"}]},
        {"RoutingMode": "ROUTING_RULE_ONLY"},
        {"MutualTlsAuthentication": {"TruststoreUri": "s3://a/b"}},
    ],
)
def test_domain_names_that_cannot_be(account: Account, params: dict[str, Any]) -> None:
    given = {
        "DomainName": "api.example.com",
        "DomainNameConfigurations": [{"CertificateArn": CERTIFICATE}],
        **params,
    }
    assert account.refused("CreateDomainName", **given).code == "BadRequestException"


def test_api_mappings(account: Account) -> None:
    api_id = account.api()
    account.stage(api_id, "prod")
    domain(account)
    where = {"DomainName": "api.example.com"}
    created = account.call("CreateApiMapping", **where, ApiId=api_id, Stage="prod", ApiMappingKey="pets/v1")
    mapping_id = created["ApiMappingId"]
    assert created["ApiMappingKey"] == "pets/v1"
    assert account.call("GetApiMapping", **where, ApiMappingId=mapping_id) == created
    twice = account.refused("CreateApiMapping", **where, ApiId=api_id, Stage="prod", ApiMappingKey="pets/v1")
    assert twice.code == "ConflictException"
    for wrong in ("/pets", "a//b", "a b", "x" * 301):
        refused = account.refused(
            "CreateApiMapping", **where, ApiId=api_id, Stage="prod", ApiMappingKey=wrong
        )
        assert refused.code == "BadRequestException"
    assert account.refused("DeleteStage", ApiId=api_id, StageName="prod").code == "BadRequestException"
    assert account.refused("DeleteApi", ApiId=api_id).code == "BadRequestException"
    changed = account.call(
        "UpdateApiMapping", **where, ApiMappingId=mapping_id, ApiId=api_id, ApiMappingKey=""
    )
    assert changed["ApiMappingKey"] == ""
    assert account.call("GetApiMappings", **where)["Items"] == [changed]
    account.call("DeleteApiMapping", **where, ApiMappingId=mapping_id)
    assert account.refused("GetApiMapping", **where, ApiMappingId=mapping_id).code == "NotFoundException"
