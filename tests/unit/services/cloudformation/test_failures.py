"""What a stack says when it fails, and how it gets rid of what stands in its own way."""

import json
from typing import Any

import pytest

API = {"Ref": "Api"}
RESOURCES: dict[str, Any] = {
    "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "shop", "ProtocolType": "HTTP"}},
    "Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": API, "RouteKey": "GET /a"}},
    "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"ApiId": API, "StageName": "s"}},
    "Deployment": {
        "Type": "AWS::ApiGatewayV2::Deployment",
        "Properties": {"ApiId": API, "StageName": {"Ref": "Stage"}},
        "DependsOn": "Route",
    },
}
CLIENT = {
    "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {}},
    "Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": {"UserPoolId": {"Ref": "Pool"}}},
}
NO_SECRET = {"Secret": {"Value": {"Fn::GetAtt": "Client.ClientSecret"}}}


def events(account: Any, name: str = "demo") -> list[tuple[str, str, str]]:
    """Return logical id, status and reason of each event, the first first."""
    found = account._dispatcher.call(
        "cloudformation", "DescribeStackEvents", {"StackName": name}, "us-east-1"
    )["StackEvents"]
    return [
        (one["LogicalResourceId"], one["ResourceStatus"], one.get("ResourceStatusReason", ""))
        for one in reversed(found)
    ]


@pytest.mark.semantics("CFN-16")
def test_an_output_that_cannot_be_had_is_told_before_the_rollback(account: Any) -> None:
    account.create(json.dumps({"Resources": CLIENT, "Outputs": NO_SECRET}))
    assert account.status() == "ROLLBACK_COMPLETE"
    text = "Resource type AWS::Cognito::UserPoolClient does not support attribute {ClientSecret}."
    told = events(account)
    back = told.index(("demo", "ROLLBACK_IN_PROGRESS", f"{text} Rollback requested by user."))
    assert told[back - 1][:2] == ("demo", "CREATE_FAILED")
    assert told[back - 1][2].startswith(f"{text} (template:1:")


@pytest.mark.semantics("CFN-16")
def test_an_update_tells_what_failed_too(account: Any) -> None:
    account.create(json.dumps({"Resources": CLIENT}))
    body = json.dumps({"Resources": CLIENT, "Outputs": NO_SECRET})
    account.call("UpdateStack", StackName="demo", TemplateBody=body)
    assert account.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert "UPDATE_FAILED" in [status for name, status, _ in events(account) if name == "demo"]


@pytest.mark.semantics("CFN-16")
def test_a_stack_that_is_not_rolled_back_fails_once(account: Any) -> None:
    body = json.dumps({"Resources": CLIENT, "Outputs": NO_SECRET})
    account.call("CreateStack", StackName="demo", TemplateBody=body, DisableRollback=True)
    assert [status for name, status, _ in events(account) if name == "demo"] == [
        "CREATE_IN_PROGRESS",
        "CREATE_FAILED",
    ]


@pytest.mark.semantics("CFN-17")
def test_a_deployment_that_names_its_stage_goes_with_it(account: Any) -> None:
    account.create(json.dumps({"Resources": RESOURCES}))
    stack_id = account.describe()["StackId"]
    (api,) = account.apis("GetApis")["Items"]
    (deployment,) = account.apis("GetDeployments", ApiId=api["ApiId"])["Items"]
    stage = account.apis("GetStage", ApiId=api["ApiId"], StageName="s")
    assert stage["DeploymentId"] == deployment["DeploymentId"]
    account.call("DeleteStack", StackName="demo")
    assert account.status(stack_id) == "DELETE_COMPLETE"
    assert account.apis("GetApis")["Items"] == []


@pytest.mark.semantics("CFN-17")
def test_a_deployment_that_names_its_stage_is_rolled_back_with_it(account: Any) -> None:
    bad = {
        "Type": "AWS::ApiGatewayV2::Route",
        "Properties": {"ApiId": API, "RouteKey": "GET a"},
        "DependsOn": "Deployment",
    }
    account.create(json.dumps({"Resources": {**RESOURCES, "Bad": bad}}))
    assert account.status() == "ROLLBACK_COMPLETE"
    assert account.apis("GetApis")["Items"] == []


@pytest.mark.semantics("CFN-17")
def test_a_deployment_that_names_its_stage_leaves_the_template_with_it(account: Any) -> None:
    account.create(json.dumps({"Resources": RESOURCES}))
    kept = {name: RESOURCES[name] for name in ("Api", "Route")}
    account.call("UpdateStack", StackName="demo", TemplateBody=json.dumps({"Resources": kept}))
    assert account.status() == "UPDATE_COMPLETE"
    assert "DELETE_FAILED" not in [status for _, status, _ in events(account)]
    (api,) = account.apis("GetApis")["Items"]
    assert account.apis("GetDeployments", ApiId=api["ApiId"])["Items"] == []
    assert account.apis("GetStages", ApiId=api["ApiId"])["Items"] == []


@pytest.mark.semantics("CFN-06")
def test_what_cannot_leave_the_template_is_left_behind(account: Any) -> None:
    account.create(json.dumps({"Resources": RESOURCES}))
    kept = {name: RESOURCES[name] for name in ("Api", "Route", "Stage")}
    account.call("UpdateStack", StackName="demo", TemplateBody=json.dumps({"Resources": kept}))
    assert account.status() == "UPDATE_COMPLETE"
    assert [status for name, status, _ in events(account) if name == "Deployment"][-1] == "DELETE_FAILED"
    listed = account.call("DescribeStackResources", StackName="demo")["StackResources"]
    assert "Deployment" not in {one["LogicalResourceId"] for one in listed}


@pytest.mark.semantics("CFN-17")
def test_settings_of_a_route_are_taken_back_after_its_key(account: Any) -> None:
    def body(path: str, extra: dict[str, Any]) -> str:
        resources = json.loads(json.dumps(RESOURCES))
        resources["Route"]["Properties"]["RouteKey"] = f"GET {path}"
        resources["Stage"]["Properties"]["RouteSettings"] = {f"GET {path}": {"ThrottlingBurstLimit": 1}}
        resources["Stage"]["DependsOn"] = "Route"
        return json.dumps({"Resources": {**resources, **extra}})

    account.create(body("/a", {}))
    bad = {
        "Type": "AWS::ApiGatewayV2::Route",
        "Properties": {"ApiId": API, "RouteKey": "GET a"},
        "DependsOn": "Stage",
    }
    account.call("UpdateStack", StackName="demo", TemplateBody=body("/b", {"Bad": bad}))
    assert account.status() == "UPDATE_ROLLBACK_COMPLETE"
    (api,) = account.apis("GetApis")["Items"]
    assert list(account.apis("GetStage", ApiId=api["ApiId"], StageName="s")["RouteSettings"]) == ["GET /a"]


@pytest.mark.parametrize("given", [{"200": {}}, {"200": []}, {"200": {"ResponseParameters": [{}]}}, []])
def test_response_parameters_of_another_shape_are_refused(account: Any, given: Any) -> None:
    integration = {
        "Type": "AWS::ApiGatewayV2::Integration",
        "Properties": {
            "ApiId": API,
            "IntegrationType": "HTTP_PROXY",
            "IntegrationMethod": "GET",
            "IntegrationUri": "https://example.com",
            "ResponseParameters": given,
        },
    }
    account.create(json.dumps({"Resources": {"Api": RESOURCES["Api"], "Integration": integration}}))
    if given in ({"200": {}}, []):
        assert account.status() == "CREATE_COMPLETE"
    else:
        assert account.status() == "ROLLBACK_COMPLETE"
        assert any("ResponseParameters must be" in reason for reason in account.reasons())


@pytest.mark.semantics("CFN-20")
def test_what_cannot_be_deleted_can_be_left_behind(account: Any) -> None:
    properties = {"DeletionProtection": "ACTIVE"}
    pool = {"Type": "AWS::Cognito::UserPool", "Properties": properties}
    account.create(json.dumps({"Resources": {"Api": RESOURCES["Api"], "Pool": pool}}))
    stack_id = account.describe()["StackId"]
    early = account.refused("DeleteStack", StackName="demo", RetainResources=["Pool"])
    assert "only when the stack is in the DELETE_FAILED state" in early.message
    account.call("DeleteStack", StackName="demo", RetainResources=[])
    assert account.status() == "DELETE_FAILED"
    assert "Other" in account.refused("DeleteStack", StackName="demo", RetainResources=["Other"]).message
    account.call("DeleteStack", StackName="demo", RetainResources=["Pool"])
    assert account.status(stack_id) == "DELETE_COMPLETE"
    assert ("Pool", "DELETE_SKIPPED", "") in events(account, stack_id)
    assert len(account.idp("ListUserPools", MaxResults=10)["UserPools"]) == 1
