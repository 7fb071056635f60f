"""HTTP APIs and what belongs to them, made, changed and deleted by stacks."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

API = {"Ref": "Api"}
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
URI = "https://backend.example.com/{proxy}"
CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/1"
CORS = {"AllowOrigins": ["https://a.example"], "MaxAge": "60"}


def mapping(**headers: str) -> dict[str, Any]:
    """Return response parameters as a template has them."""
    given = [{"Destination": f"overwrite:header.{name}", "Source": value} for name, value in headers.items()]
    return {"ResponseParameters": given}


def resources() -> dict[str, dict[str, Any]]:
    """Return one resource of each type."""
    given: dict[str, dict[str, Any]] = {
        "Api": {
            "Name": "shop",
            "ProtocolType": "HTTP",
            "Description": "d",
            "CorsConfiguration": CORS,
            "Tags": {"team": "a", "old": "1"},
        },
        "Pool": {},
        "Integration": {
            "ApiId": API,
            "IntegrationType": "HTTP_PROXY",
            "IntegrationMethod": "ANY",
            "IntegrationUri": URI,
            "PayloadFormatVersion": "1.0",
            "TimeoutInMillis": "5000",
            "RequestParameters": {"overwrite:header.a": "1", "overwrite:header.b": "2"},
            "ResponseParameters": {"200": mapping(x="1", y="2"), "404": mapping(z="3")},
        },
        "Authorizer": {
            "ApiId": API,
            "AuthorizerType": "JWT",
            "Name": "jwt",
            "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": {"Issuer": {"Fn::GetAtt": "Pool.ProviderURL"}, "Audience": ["me"]},
        },
        "Route": {
            "ApiId": API,
            "RouteKey": "ANY /{proxy+}",
            "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "Integration"}]]},
            "AuthorizationType": "JWT",
            "AuthorizerId": {"Ref": "Authorizer"},
            "AuthorizationScopes": ["items/read"],
        },
        "Stage": {
            "ApiId": API,
            "StageName": "prod",
            "AutoDeploy": "true",
            "StageVariables": {"color": "red"},
            "RouteSettings": {"ANY /{proxy+}": {"ThrottlingBurstLimit": "5"}},
            "Tags": {"stage": "prod"},
        },
        "Deployment": {"ApiId": API, "Description": "first"},
        "Domain": {
            "DomainName": "api.example.com",
            "DomainNameConfigurations": [{"CertificateArn": CERTIFICATE}],
            "Tags": {"a": "1"},
        },
        "Mapping": {
            "ApiId": API,
            "DomainName": {"Ref": "Domain"},
            "Stage": {"Ref": "Stage"},
            "ApiMappingKey": "shop",
        },
    }
    types = {"Domain": "DomainName", "Mapping": "ApiMapping"}
    made: dict[str, dict[str, Any]] = {
        name: {"Type": f"AWS::ApiGatewayV2::{types.get(name, name)}", "Properties": properties}
        for name, properties in given.items()
    }
    made["Pool"]["Type"] = "AWS::Cognito::UserPool"
    made["Stage"]["DependsOn"] = made["Deployment"]["DependsOn"] = "Route"
    return made


def template(changes: Mapping[str, Mapping[str, Any] | None] | None = None) -> str:
    """Return the stack; a change sets properties, one of None takes a property away."""
    made = resources()
    for name, properties in (changes or {}).items():
        if properties is None:
            del made[name]
            continue
        merged = {**made[name]["Properties"], **properties}
        made[name]["Properties"] = {key: value for key, value in merged.items() if value is not None}
    outputs = {
        "ApiId": API,
        "Endpoint": {"Fn::GetAtt": "Api.ApiEndpoint"},
        "Route": {"Ref": "Route"},
        "Integration": {"Ref": "Integration"},
        "Authorizer": {"Ref": "Authorizer"},
        "Stage": {"Ref": "Stage"},
        "Regional": {"Fn::GetAtt": "Domain.RegionalDomainName"},
    }
    kept = {name: {"Value": value} for name, value in outputs.items() if name == "ApiId" or name in made}
    return json.dumps({"Resources": made, "Outputs": kept})


def outputs(account: Any) -> dict[str, str]:
    return {one["OutputKey"]: one["OutputValue"] for one in account.describe()["Outputs"]}


def deployed(account: Any) -> dict[str, str]:
    account.create(template())
    assert account.reasons() == []
    return outputs(account)


def failures(account: Any) -> list[str]:
    """Return why what failed did; the model's list of statuses lacks those of a stack that is updated."""
    events = account._dispatcher.call(
        "cloudformation", "DescribeStackEvents", {"StackName": "demo"}, "us-east-1"
    )["StackEvents"]
    return [event["ResourceStatusReason"] for event in events if event["ResourceStatus"].endswith("_FAILED")]


def update(account: Any, changes: Mapping[str, Mapping[str, Any] | None]) -> None:
    account.call("UpdateStack", StackName="demo", TemplateBody=template(changes))
    assert account.status() == "UPDATE_COMPLETE", failures(account)


def read(account: Any, made: Mapping[str, str], noun: str) -> dict[str, Any]:
    """Return a resource of the API, as its service describes it."""
    identifier = {"StageName": "prod"} if noun == "Stage" else {f"{noun}Id": made.get(noun, made["ApiId"])}
    described = account.apis(f"Get{noun}", **{"ApiId": made["ApiId"], **identifier})
    return dict(described)


def test_a_stack_makes_them_all(account: Any) -> None:
    made = deployed(account)
    api = account.apis("GetApi", ApiId=made["ApiId"])
    assert (api["Name"], api["CorsConfiguration"]["MaxAge"]) == ("shop", 60)
    integration = read(account, made, "Integration")
    assert integration["TimeoutInMillis"] == 5000
    assert integration["ResponseParameters"] == {
        "200": {"overwrite:header.x": "1", "overwrite:header.y": "2"},
        "404": {"overwrite:header.z": "3"},
    }
    assert read(account, made, "Route")["AuthorizationScopes"] == ["items/read"]
    stage = read(account, made, "Stage")
    assert (stage["AutoDeploy"], stage["RouteSettings"]) == (
        True,
        {"ANY /{proxy+}": {"ThrottlingBurstLimit": 5}},
    )
    (mapped,) = account.apis("GetApiMappings", DomainName="api.example.com")["Items"]
    assert (mapped["ApiMappingKey"], mapped["Stage"]) == ("shop", "prod")


def test_changes_are_made_in_place(account: Any) -> None:
    before = deployed(account)
    update(
        account,
        {
            "Api": {"Name": "renamed", "Tags": {"team": "b"}},
            "Integration": {"RequestParameters": {"overwrite:header.b": "3"}},
            "Route": {"AuthorizationScopes": ["items/write"]},
            "Stage": {"StageVariables": {"color": "blue"}, "Tags": {"stage": "other"}},
            "Deployment": {"Description": "second"},
            "Mapping": {"ApiMappingKey": "other"},
        },
    )
    after = outputs(account)
    assert after == before
    api = account.apis("GetApi", ApiId=after["ApiId"])
    assert (api["Name"], api["Tags"]) == ("renamed", {"team": "b"})
    assert read(account, after, "Integration")["RequestParameters"] == {"overwrite:header.b": "3"}
    assert read(account, after, "Route")["AuthorizationScopes"] == ["items/write"]
    stage = read(account, after, "Stage")
    assert (stage["StageVariables"], stage["Tags"]) == ({"color": "blue"}, {"stage": "other"})
    (mapped,) = account.apis("GetApiMappings", DomainName="api.example.com")["Items"]
    assert mapped["ApiMappingKey"] == "other"


def test_what_a_template_gives_no_more_is_reset(account: Any) -> None:
    deployed(account)
    update(
        account,
        {
            "Api": {"Description": None, "CorsConfiguration": None, "Tags": None},
            "Integration": {
                "TimeoutInMillis": None,
                "RequestParameters": None,
                "ResponseParameters": {"200": mapping(x="1")},
            },
            "Route": {"AuthorizationType": None, "AuthorizerId": None, "AuthorizationScopes": None},
            "Stage": {"AutoDeploy": None, "StageVariables": None, "RouteSettings": None},
            "Mapping": {"ApiMappingKey": None},
        },
    )
    made = outputs(account)
    api = account.apis("GetApi", ApiId=made["ApiId"])
    assert "CorsConfiguration" not in api
    assert (api.get("Description", ""), api["Tags"]) == ("", {})
    integration = read(account, made, "Integration")
    assert integration["TimeoutInMillis"] == 30_000
    assert "RequestParameters" not in integration
    assert integration["ResponseParameters"] == {"200": {"overwrite:header.x": "1"}}
    route = read(account, made, "Route")
    assert (route["AuthorizationType"], route.get("AuthorizerId")) == ("NONE", None)
    stage = read(account, made, "Stage")
    assert (stage.get("AutoDeploy", False), stage.get("StageVariables", {})) == (False, {})
    assert stage["RouteSettings"] == {}


def test_a_stage_of_another_name_replaces_it(account: Any) -> None:
    made = deployed(account)
    update(account, {"Stage": {"StageName": "next"}})
    stages = account.apis("GetStages", ApiId=made["ApiId"])["Items"]
    assert [stage["StageName"] for stage in stages] == ["next"]
    (mapped,) = account.apis("GetApiMappings", DomainName="api.example.com")["Items"]
    assert mapped["Stage"] == "next"


def test_a_stack_takes_them_all_away_even_what_is_gone(account: Any) -> None:
    made = deployed(account)
    stack_id = account.describe()["StackId"]
    account.apis("DeleteRoute", ApiId=made["ApiId"], RouteId=made["Route"])
    account.apis("DeleteDomainName", DomainName="api.example.com")
    account.call("DeleteStack", StackName="demo")
    assert account.status(stack_id) == "DELETE_COMPLETE"
    assert account.apis("GetApis")["Items"] == []
    assert account.apis("GetDomainNames")["Items"] == []


QUICK = {
    "Api": {
        "Type": "AWS::ApiGatewayV2::Api",
        "Properties": {"Name": "quick", "ProtocolType": "HTTP", "Target": "https://backend.example.com"},
    },
    "Overrides": {
        "Type": "AWS::ApiGatewayV2::ApiGatewayManagedOverrides",
        "Properties": {
            "ApiId": API,
            "Route": {"AuthorizationType": "AWS_IAM"},
            "Stage": {"StageVariables": {"a": "1"}, "AutoDeploy": False},
        },
    },
}


def managed(account: Any, noun: str) -> dict[str, Any]:
    (api,) = account.apis("GetApis")["Items"]
    (part,) = account.apis(f"Get{noun}s", ApiId=api["ApiId"])["Items"]
    return dict(part)


def test_overrides_change_what_quick_create_made_and_give_it_back(account: Any) -> None:
    account.create(json.dumps({"Resources": QUICK}))
    assert account.reasons() == []
    assert managed(account, "Route")["AuthorizationType"] == "AWS_IAM"
    assert managed(account, "Stage")["StageVariables"] == {"a": "1"}
    assert not managed(account, "Stage").get("AutoDeploy")
    fewer = json.loads(json.dumps(QUICK))
    fewer["Overrides"]["Properties"]["Stage"] = {"AutoDeploy": False}
    body = json.dumps({"Resources": fewer})
    account.call("UpdateStack", StackName="demo", TemplateBody=body)
    assert managed(account, "Stage").get("StageVariables", {}) == {}
    only_api = json.dumps({"Resources": {"Api": QUICK["Api"]}})
    account.call("UpdateStack", StackName="demo", TemplateBody=only_api)
    assert account.status() == "UPDATE_COMPLETE"
    assert managed(account, "Route")["AuthorizationType"] == "NONE"
    assert managed(account, "Stage")["AutoDeploy"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Api": {"ProtocolType": "WEBSOCKET"}}, "WEBSOCKET is not supported"),
        ({"Api": {"Name": None}}, "Name is required to create an API."),
        ({"Route": {"AuthorizerId": "nothing"}}, "Invalid authorizer ID specified."),
        ({"Integration": {"PayloadFormatVersion": "2.0"}}, "must be 1.0"),
    ],
)
def test_what_is_refused_rolls_back(account: Any, changes: dict[str, Any], reason: str) -> None:
    account.create(template(changes))
    assert account.status() == "ROLLBACK_COMPLETE"
    assert any(reason in text for text in account.reasons())
    assert account.apis("GetApis")["Items"] == []


def test_overrides_need_an_api_of_quick_create(account: Any) -> None:
    plain = json.loads(json.dumps(QUICK))
    del plain["Api"]["Properties"]["Target"]
    account.create(json.dumps({"Resources": plain}))
    assert account.status() == "ROLLBACK_COMPLETE"
    assert any("has no managed route to override" in text for text in account.reasons())
