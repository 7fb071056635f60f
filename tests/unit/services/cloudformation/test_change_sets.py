"""Change sets: the way of cdk and of ``aws cloudformation deploy``."""

from typing import Any

import pytest

from sekisho.model.cloudformation import ChangeSet

ONE = "Resources:\n  A: {Type: 'AWS::SSM::Parameter', Properties: {Type: String, Value: x}}\n"
TWO = ONE.replace("x}", "y}") + "  B: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}\n"


def create(account: Any, template: str, kind: str = "UPDATE", name: str = "cs") -> dict[str, Any]:
    created = account.call(
        "CreateChangeSet", StackName="demo", ChangeSetName=name, ChangeSetType=kind, TemplateBody=template
    )
    return dict(account.call("DescribeChangeSet", ChangeSetName=created["Id"]))


def test_a_new_stack_is_reviewed_and_then_created(account: Any) -> None:
    change_set = create(account, ONE, "CREATE")
    assert change_set["Status"] == "CREATE_COMPLETE"
    assert change_set["ExecutionStatus"] == "AVAILABLE"
    assert account.status() == "REVIEW_IN_PROGRESS"
    (change,) = change_set["Changes"]
    assert change["ResourceChange"]["Action"] == "Add"
    account.call("ExecuteChangeSet", StackName="demo", ChangeSetName="cs")
    assert account.status() == "CREATE_COMPLETE"
    assert account.describe()["StackId"] == change_set["StackId"]


def test_an_update_tells_what_it_would_do_and_does_it(account: Any) -> None:
    account.create(ONE)
    changes = create(account, TWO)["Changes"]
    told = {one["ResourceChange"]["LogicalResourceId"]: one["ResourceChange"] for one in changes}
    assert told["A"]["Action"] == "Modify"
    assert told["A"]["Replacement"] == "False"
    assert told["A"]["Details"][0]["Target"] == {"Attribute": "Properties", "Name": "Value"}
    assert told["B"]["Action"] == "Add"
    assert account.status() == "CREATE_COMPLETE"
    account.call("ExecuteChangeSet", StackName="demo", ChangeSetName="cs")
    assert account.status() == "UPDATE_COMPLETE"
    (removed,) = create(account, ONE.replace("x}", "y}"), name="back")["Changes"]
    assert removed["ResourceChange"]["Action"] == "Remove"


def test_what_a_replacement_decides_is_conditional(account: Any) -> None:
    subnet = "  S: {Type: 'AWS::EC2::Subnet', Properties: {VpcId: !Ref B, CidrBlock: 10.0.0.0/24}}\n"
    account.create(TWO + subnet)
    changes = create(account, TWO.replace("/16", "/17") + subnet)["Changes"]
    assert {
        one["ResourceChange"]["LogicalResourceId"]: one["ResourceChange"]["Replacement"] for one in changes
    } == {"B": "True", "S": "Conditional"}


def test_a_change_set_without_changes_fails_in_the_words_that_cdk_knows(account: Any) -> None:
    account.create(ONE)
    change_set = create(account, ONE)
    assert change_set["Status"] == "FAILED"
    assert change_set["ExecutionStatus"] == "UNAVAILABLE"
    assert change_set["StatusReason"] == (
        "The submitted information didn't contain changes. Submit different information to create a change set."
    )
    refusal = account.refused("ExecuteChangeSet", StackName="demo", ChangeSetName="cs")
    assert refusal.code == "InvalidChangeSetStatus"


@pytest.mark.semantics("CFN-15")
def test_a_name_is_taken_until_it_is_executed_or_the_stack_is_gone(account: Any) -> None:
    account.create(ONE)
    create(account, TWO)
    params = {"StackName": "demo", "ChangeSetName": "cs", "TemplateBody": TWO}
    assert account.refused("CreateChangeSet", **params).code == "AlreadyExistsException"
    account.call("ExecuteChangeSet", StackName="demo", ChangeSetName="cs")
    described = account.call("DescribeChangeSet", StackName="demo", ChangeSetName="cs")
    assert described["ExecutionStatus"] == "EXECUTE_COMPLETE"
    latest = create(account, ONE)["ChangeSetId"]
    described = account.call("DescribeChangeSet", StackName="demo", ChangeSetName="cs")
    assert described["ChangeSetId"] == latest
    account.call("DeleteStack", StackName="demo")
    with account.store.read() as state:
        assert state.list(ChangeSet) == []


def test_change_sets_are_listed_and_deleted(account: Any) -> None:
    account.create(ONE)
    create(account, TWO)
    (summary,) = account.call("ListChangeSets", StackName="demo")["Summaries"]
    assert summary["ChangeSetName"] == "cs"
    account.call("DeleteChangeSet", StackName="demo", ChangeSetName="cs")
    account.call("DeleteChangeSet", StackName="demo", ChangeSetName="cs")
    refusal = account.refused("DescribeChangeSet", StackName="demo", ChangeSetName="cs")
    assert (refusal.code, refusal.status) == ("ChangeSetNotFound", 404)
    assert refusal.message == "ChangeSet [cs] does not exist"


def test_the_type_of_a_change_set_must_fit(account: Any) -> None:
    account.create(ONE)
    params = {"StackName": "demo", "ChangeSetName": "cs", "TemplateBody": TWO}
    refusal = account.refused("CreateChangeSet", ChangeSetType="CREATE", **params)
    assert refusal.message == (
        "Stack [demo] already exists and cannot be created again with the changeSet [cs]."
    )
    refusal = account.refused("CreateChangeSet", **{**params, "StackName": "none"})
    assert refusal.message == "Stack [none] does not exist"


def test_a_stack_in_review_has_an_event(account: Any) -> None:
    """``sam deploy`` asks for the time of the last one before it executes the change set."""
    template = '{"Resources": {"Pool": {"Type": "AWS::Cognito::UserPool"}}}'
    params = {"StackName": "new", "ChangeSetName": "first", "ChangeSetType": "CREATE"}
    account.call("CreateChangeSet", **params, TemplateBody=template)
    asked = {"StackName": "new"}
    answer = account._dispatcher.call("cloudformation", "DescribeStackEvents", asked, "us-east-1")
    (event,) = answer["StackEvents"]
    assert event["ResourceStatus"] == "REVIEW_IN_PROGRESS"
    assert event["ResourceStatusReason"] == "User Initiated"
    account.call("ExecuteChangeSet", StackName="new", ChangeSetName="first")
    assert account.status("new") == "CREATE_COMPLETE"
