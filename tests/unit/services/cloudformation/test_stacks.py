"""Stacks through the API, with real load balancers behind them."""

from typing import Any

import pytest

TEMPLATE = """\
Description: a load balancer
Parameters:
  Path: {Type: String, Default: /a}
  Key: {Type: String, Default: hush, NoEcho: true}
Resources:
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Subnets: [subnet-1, subnet-2]
      LoadBalancerAttributes: [{Key: idle_timeout.timeout_seconds, Value: 30}]
      Tags: [{Key: team, Value: edge}]
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: '8080'
      Protocol: HTTP
      VpcId: vpc-1
      TargetType: ip
      Targets: [{Id: 10.0.0.1, Port: '80'}, {Id: 10.0.0.2}]
      TargetGroupAttributes: [{Key: deregistration_delay.timeout_seconds, Value: '5'}]
      Matcher: {HttpCode: 200-299}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: '1'
      Conditions: [{Field: path-pattern, Values: [!Ref Path]}]
      Actions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: 403}}]
Outputs:
  Dns: {Value: !GetAtt Balancer.DNSName, Description: where, Export: {Name: dns}}
  Group: {Value: !GetAtt Group.TargetGroupFullName}
"""


def test_a_stack_makes_what_its_template_says(account: Any) -> None:
    stack_id = account.create(TEMPLATE, Path="/b")
    stack = account.describe()
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["StackId"] == stack_id
    assert stack["Description"] == "a load balancer"
    assert stack["Parameters"] == [
        {"ParameterKey": "Path", "ParameterValue": "/b"},
        {"ParameterKey": "Key", "ParameterValue": "****"},
    ]
    (balancer,) = account.elbv2("DescribeLoadBalancers")["LoadBalancers"]
    (group,) = account.elbv2("DescribeTargetGroups")["TargetGroups"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    assert outputs["Dns"] == balancer["DNSName"]
    assert group["TargetGroupArn"].endswith(outputs["Group"])
    assert outputs["Group"].startswith("targetgroup/demo-Group-")
    assert group["Port"] == 8080
    arn = group["TargetGroupArn"]
    health = account.elbv2("DescribeTargetHealth", TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert [(one["Target"]["Id"], one["Target"]["Port"]) for one in health] == [
        ("10.0.0.1", 80),
        ("10.0.0.2", 8080),
    ]
    (listener,) = account.elbv2("DescribeListeners", LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    rules = account.elbv2("DescribeRules", ListenerArn=listener["ListenerArn"])["Rules"]
    assert rules[0]["Conditions"][0]["Values"] == ["/b"]
    assert rules[0]["Actions"][0]["FixedResponseConfig"]["StatusCode"] == "403"


def test_an_update_changes_in_place(account: Any) -> None:
    account.create(TEMPLATE)
    before = account.call("ListStackResources", StackName="demo")["StackResourceSummaries"]
    changed = (
        TEMPLATE.replace("Value: 30", "Value: 60")
        .replace("Priority: '1'", "Priority: '5'")
        .replace("[{Id: 10.0.0.1, Port: '80'}, {Id: 10.0.0.2}]", "[{Id: 10.0.0.2}, {Id: 10.0.0.3}]")
        .replace("{Key: team, Value: edge}", "{Key: owner, Value: me}")
        .replace("Port: 80\n", "Port: 81\n")
    )
    account.call("UpdateStack", StackName="demo", TemplateBody=changed)
    assert account.status() == "UPDATE_COMPLETE"
    assert "LastUpdatedTime" in account.describe()
    after = account.call("ListStackResources", StackName="demo")["StackResourceSummaries"]
    assert [one["PhysicalResourceId"] for one in after] == [one["PhysicalResourceId"] for one in before]
    (balancer,) = account.elbv2("DescribeLoadBalancers")["LoadBalancers"]
    arn = balancer["LoadBalancerArn"]
    attributes = account.elbv2("DescribeLoadBalancerAttributes", LoadBalancerArn=arn)["Attributes"]
    assert {"Key": "idle_timeout.timeout_seconds", "Value": "60"} in attributes
    tags = account.elbv2("DescribeTags", ResourceArns=[arn])["TagDescriptions"][0]["Tags"]
    assert tags == [{"Key": "owner", "Value": "me"}]
    (listener,) = account.elbv2("DescribeListeners", LoadBalancerArn=arn)["Listeners"]
    assert listener["Port"] == 81
    rules = account.elbv2("DescribeRules", ListenerArn=listener["ListenerArn"])["Rules"]
    assert rules[0]["Priority"] == "5"
    group = account.elbv2("DescribeTargetGroups")["TargetGroups"][0]["TargetGroupArn"]
    health = account.elbv2("DescribeTargetHealth", TargetGroupArn=group)["TargetHealthDescriptions"]
    targets = {one["Target"]["Id"] for one in health if one["TargetHealth"]["State"] != "draining"}
    assert targets == {"10.0.0.2", "10.0.0.3"}


def test_previous_template_and_values_can_be_used_again(account: Any) -> None:
    account.create(TEMPLATE, Path="/b")
    same = [{"ParameterKey": "Path", "UsePreviousValue": True}]
    refusal = account.refused("UpdateStack", StackName="demo", UsePreviousTemplate=True, Parameters=same)
    assert (refusal.code, refusal.message) == ("ValidationError", "No updates are to be performed.")
    account.call("UpdateStack", StackName="demo", UsePreviousTemplate=True)
    assert account.describe()["Parameters"][0]["ParameterValue"] == "/a"


def test_a_refusal_of_the_service_rolls_back_and_names_the_line(account: Any) -> None:
    account.create(TEMPLATE.replace("Values: [!Ref Path]", "Values: [/a, /b, /c, /d, /e, /f]"))
    assert account.status() == "ROLLBACK_COMPLETE"
    (reason,) = account.reasons()
    assert reason.startswith('Resource handler returned message: "')
    assert "(Service: ElasticLoadBalancingV2, Status Code: 400" in reason
    assert "(template:" in reason
    assert "Resources/Rule/Properties" in reason
    assert account.elbv2("DescribeLoadBalancers")["LoadBalancers"] == []
    refusal = account.refused("UpdateStack", StackName="demo", TemplateBody=TEMPLATE)
    assert "is in ROLLBACK_COMPLETE state and can not be updated." in refusal.message


def test_an_unknown_inner_property_is_named_with_its_line(account: Any) -> None:
    template = TEMPLATE.replace("{StatusCode: 403}", "{StatusCode: 403, Colour: red}")
    refusal = account.refused("CreateStack", StackName="demo", TemplateBody=template)
    assert refusal.message == (
        "Properties validation failed for resource Rule with message: [#/Actions/0/FixedResponseConfig: extraneous "
        "key [Colour] is not permitted] (template:35:79 Resources/Rule/Properties/Actions/0/FixedResponseConfig/Colour)"
    )


def test_a_property_that_turns_out_to_be_built_wrongly_fails_its_resource(account: Any) -> None:
    conditions = TEMPLATE.replace("[{Field: path-pattern, Values: [!Ref Path]}]", "!Split [',', !Ref Path]")
    account.create(conditions)
    assert account.status() == "ROLLBACK_COMPLETE"
    (reason,) = account.reasons()
    assert "[#/Conditions/0: expected type: JSONObject, found: String]" in reason
    assert reason.endswith("(template:34:7 Resources/Rule/Properties/Conditions)")


@pytest.mark.semantics("CFN-12")
def test_a_name_that_is_taken_is_not_taken_over(account: Any) -> None:
    named = TEMPLATE.replace("      Subnets", "      Name: mine\n      Subnets")
    account.elbv2("CreateLoadBalancer", Name="mine", Subnets=["subnet-1", "subnet-2"])
    account.create(named)
    assert account.status() == "ROLLBACK_COMPLETE"
    assert "identifier 'mine' already exists." in account.reasons()[0]
    assert len(account.elbv2("DescribeLoadBalancers")["LoadBalancers"]) == 1


def test_failures_can_be_kept_or_swept_away(account: Any) -> None:
    broken = TEMPLATE.replace("[!Ref Path]", "[]")
    account.call("CreateStack", StackName="kept", TemplateBody=broken, OnFailure="DO_NOTHING")
    assert account.status("kept") == "CREATE_FAILED"
    assert len(account.elbv2("DescribeLoadBalancers")["LoadBalancers"]) == 1
    account.call("DeleteStack", StackName="kept")
    swept = account.call("CreateStack", StackName="swept", TemplateBody=broken, OnFailure="DELETE")
    assert account.status(swept["StackId"]) == "DELETE_COMPLETE"
    assert account.elbv2("DescribeLoadBalancers")["LoadBalancers"] == []


def test_a_deleted_stack_is_found_by_its_arn_only(account: Any) -> None:
    stack_id = account.create(TEMPLATE)
    account.call("DeleteStack", StackName="demo")
    refusal = account.refused("DescribeStacks", StackName="demo")
    assert (refusal.code, refusal.message) == ("ValidationError", "Stack with id demo does not exist")
    assert account.status(stack_id) == "DELETE_COMPLETE"
    assert account.call("DescribeStackEvents", StackName=stack_id)["StackEvents"]
    assert account.call("DescribeStacks")["Stacks"] == []
    listed = account.call("ListStacks", StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert [one["StackId"] for one in listed] == [stack_id]
    account.call("DeleteStack", StackName="demo")
    assert account.elbv2("DescribeTargetGroups")["TargetGroups"] == []


def test_a_protected_stack_is_not_deleted(account: Any) -> None:
    account.call("CreateStack", StackName="demo", TemplateBody=TEMPLATE, EnableTerminationProtection=True)
    refusal = account.refused("DeleteStack", StackName="demo")
    assert refusal.message == ("Stack [demo] cannot be deleted while TerminationProtection is enabled")


def test_protection_can_be_lifted(account: Any) -> None:
    account.call("CreateStack", StackName="demo", TemplateBody=TEMPLATE, EnableTerminationProtection=True)
    account.call("UpdateTerminationProtection", StackName="demo", EnableTerminationProtection=False)
    assert account.describe()["EnableTerminationProtection"] is False
    account.call("DeleteStack", StackName="demo")
    assert account.call("DescribeStacks")["Stacks"] == []


def test_only_a_failed_rollback_is_continued(account: Any) -> None:
    account.create(TEMPLATE)
    refusal = account.refused("ContinueUpdateRollback", StackName="demo")
    assert "is in CREATE_COMPLETE state and can not continue update rollback." in refusal.message


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        ({"StackName": "x"}, "ValidationError", "Either Template URL or Template Body must be specified."),
        (
            {"StackName": "x", "TemplateURL": "https://example.com/t"},
            "ValidationError",
            "TemplateURL must be a supported URL.",
        ),
        (
            {"StackName": "x", "TemplateBody": "{"},
            "ValidationError",
            "Template format error: JSON not well-formed. (line 1, column 2)",
        ),
        (
            {"StackName": "demo", "TemplateBody": TEMPLATE},
            "AlreadyExistsException",
            "Stack [demo] already exists",
        ),
        (
            {"StackName": "x", "TemplateBody": "Resources: {R: {Type: 'AWS::IAM::Role'}}"},
            "InsufficientCapabilitiesException",
            "Requires capabilities : [CAPABILITY_IAM]",
        ),
        (
            {
                "StackName": "x",
                "TemplateBody": "Resources: {R: {Type: 'AWS::IAM::Role', Properties: {RoleName: r}}}",
                "Capabilities": ["CAPABILITY_IAM"],
            },
            "InsufficientCapabilitiesException",
            "Requires capabilities : [CAPABILITY_NAMED_IAM]",
        ),
        (
            {"StackName": "x", "TemplateBody": "Resources: {}"},
            "ValidationError",
            "Template format error: At least one Resources member must be defined.",
        ),
        ({"StackName": "x_y", "TemplateBody": "x"}, "ValidationError", "1 validation error detected: "),
    ],
)
def test_requests_that_are_refused(account: Any, params: dict[str, Any], code: str, message: str) -> None:
    account.create(TEMPLATE)
    refusal = account.refused("CreateStack", **params)
    assert refusal.code == code
    assert refusal.message.startswith(message)


def test_resources_are_described(account: Any) -> None:
    account.create(TEMPLATE)
    resources = account.call("DescribeStackResources", StackName="demo")["StackResources"]
    assert [one["LogicalResourceId"] for one in resources] == ["Balancer", "Group", "Listener", "Rule"]
    by_id = account.call("DescribeStackResources", PhysicalResourceId=resources[0]["PhysicalResourceId"])
    assert len(by_id["StackResources"]) == 4
    detail = account.call("DescribeStackResource", StackName="demo", LogicalResourceId="Rule")
    assert detail["StackResourceDetail"]["ResourceType"] == "AWS::ElasticLoadBalancingV2::ListenerRule"
    refusal = account.refused("DescribeStackResource", StackName="demo", LogicalResourceId="X")
    assert refusal.message == "Resource X does not exist for stack demo"


def test_long_lists_come_in_pages(account: Any) -> None:
    parts = "".join(
        f"  P{n}: {{Type: 'AWS::SSM::Parameter', Properties: {{Value: x}}}}\n" for n in range(150)
    )
    account.create(f"Resources:\n{parts}")
    first = account.call("ListStackResources", StackName="demo")
    assert len(first["StackResourceSummaries"]) == 100
    second = account.call("ListStackResources", StackName="demo", NextToken=first["NextToken"])
    assert len(second["StackResourceSummaries"]) == 50
    assert "NextToken" not in second
    refusal = account.refused("ListStackResources", StackName="demo", NextToken="x")
    assert refusal.code == "ValidationError"


def test_templates_are_read_back_and_summarized(account: Any) -> None:
    account.create(TEMPLATE)
    assert account.call("GetTemplate", StackName="demo")["TemplateBody"] == TEMPLATE
    summary = account.call("GetTemplateSummary", StackName="demo")
    assert summary["Parameters"][1] == {
        "ParameterKey": "Key",
        "DefaultValue": "hush",
        "NoEcho": True,
        "ParameterType": "String",
        "ParameterConstraints": {},
    }
    assert "AWS::ElasticLoadBalancingV2::Listener" in summary["ResourceTypes"]
    valid = account.call("ValidateTemplate", TemplateBody=TEMPLATE)
    assert [one["ParameterKey"] for one in valid["Parameters"]] == ["Path", "Key"]
    refusal = account.refused("ValidateTemplate", TemplateBody=TEMPLATE.replace("!Ref Group", "!Ref Gruop"))
    assert refusal.message == (
        "Template format error: Unresolved resource dependencies [Gruop] in the Resources block of the template "
        "(template:28:40 Resources/Listener/Properties/DefaultActions/0/TargetGroupArn/Ref)"
    )


def test_exports_and_imports_are_listed(account: Any) -> None:
    stack_id = account.create(TEMPLATE)
    (export,) = account.call("ListExports")["Exports"]
    assert (export["ExportingStackId"], export["Name"]) == (stack_id, "dns")
    refusal = account.refused("ListImports", ExportName="dns")
    assert refusal.message == "Export 'dns' is not imported by any stack."
    value = "{Type: 'AWS::SSM::Parameter', Properties: {Value: !ImportValue dns}}"
    account.create(f"Resources:\n  P: {value}", "other")
    assert account.call("ListImports", ExportName="dns")["Imports"] == ["other"]
