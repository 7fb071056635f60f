"""Functions, permissions, versions and aliases in templates: made by operations, and run."""

import json
import threading
from typing import Any

import pytest

from sekisho.kernel.clock import ManualClock
from sekisho.kernel.errors import ServiceError
from sekisho.kernel.ids import RandomIds
from sekisho.model.cloudformation import StackEvent
from sekisho.model.lambda_ import CodeBinding
from sekisho.services.cloudformation import SERVICE as CLOUDFORMATION
from sekisho.services.lambda_ import SERVICE as LAMBDA
from sekisho.services.registry import Dispatcher

from .conftest import ROLE, Account, NoRuntime

ANSWER = "import os\ndef handler(event, context):\n    return [os.environ.get('KEY'), {}]\n"


class Stacks:
    """A stack called ``demo``."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.dispatcher = Dispatcher(
            (CLOUDFORMATION, LAMBDA), account.store, ManualClock(), RandomIds(), "000000000000", NoRuntime(),
            hosting=account.functions,
        )  # fmt: skip

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        return self.dispatcher.call("cloudformation", operation, params, "us-east-1")

    def apply(self, operation: str, resources: dict[str, Any], outputs: dict[str, Any] | None = None) -> None:
        template = {"Resources": resources, "Outputs": {k: {"Value": v} for k, v in (outputs or {}).items()}}
        self.call(operation, StackName="demo", TemplateBody=json.dumps(template))

    def create(self, resources: dict[str, Any], outputs: dict[str, Any] | None = None) -> None:
        self.apply("CreateStack", resources, outputs)
        assert self.status() == "CREATE_COMPLETE", self.reasons()

    def update(self, resources: dict[str, Any], outputs: dict[str, Any] | None = None) -> None:
        self.apply("UpdateStack", resources, outputs)
        assert self.status() == "UPDATE_COMPLETE", self.reasons()

    def describe(self) -> dict[str, Any]:
        return dict(self.call("DescribeStacks", StackName="demo")["Stacks"][0])

    def status(self) -> str:
        return str(self.describe()["StackStatus"])

    def outputs(self) -> dict[str, str]:
        return {one["OutputKey"]: one["OutputValue"] for one in self.describe()["Outputs"]}

    def reasons(self) -> list[str]:
        with self.account.store.read() as state:
            return [event.reason for event in state.list(StackEvent) if "FAILED" in event.status]


@pytest.fixture
def stacks(account: Account) -> Stacks:
    return Stacks(account)


def function(number: int = 1, **changes: Any) -> dict[str, Any]:
    properties = {
        "Runtime": "python3.12", "Handler": "index.handler", "Role": ROLE, "Timeout": "10",
        "Code": {"ZipFile": ANSWER.format(number)}, **changes,
    }  # fmt: skip
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {name: value for name, value in properties.items() if value is not None},
    }


def test_a_function_is_made_of_the_text_in_the_template(stacks: Stacks) -> None:
    made = function(Environment={"Variables": {"KEY": 5}}, Tags=[{"Key": "t", "Value": "v"}])
    stacks.create({"F": made}, {"Name": {"Ref": "F"}, "Arn": {"Fn::GetAtt": ["F", "Arn"]}})
    outputs = stacks.outputs()
    assert outputs["Name"].startswith("demo-F-")
    assert outputs["Arn"] == f"arn:aws:lambda:us-east-1:000000000000:function:{outputs['Name']}"
    assert stacks.account.invoke(outputs["Name"]) == ["5", 1]
    assert stacks.account.call("ListTags", Resource=outputs["Arn"])["Tags"] == {"t": "v"}


def test_a_function_follows_its_template(stacks: Stacks) -> None:
    first = function(
        FunctionName="f", Environment={"Variables": {"KEY": "a"}}, Description="d", MemorySize=256,
        ReservedConcurrentExecutions=5, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
    )  # fmt: skip
    stacks.create({"F": first})
    assert stacks.account.invoke() == ["a", 1]
    stacks.update({"F": function(2, FunctionName="f", Tags=[{"Key": "b", "Value": "3"}])})
    assert stacks.account.invoke() == [None, 2]
    found = stacks.account.call("GetFunction", FunctionName="f")
    assert (found["Configuration"]["Description"], found["Configuration"]["MemorySize"]) == ("", 128)
    assert found["Tags"] == {"b": "3"}
    assert "Concurrency" not in found
    stacks.call("DeleteStack", StackName="demo")
    assert stacks.account.call("ListFunctions")["Functions"] == []


def test_what_belongs_to_a_function_is_made_after_it(stacks: Stacks) -> None:
    version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "F"}}}
    alias = {
        "Type": "AWS::Lambda::Alias",
        "Properties": {
            "FunctionName": {"Ref": "F"}, "Name": "live", "FunctionVersion": {"Fn::GetAtt": ["V", "Version"]},
        },
    }  # fmt: skip
    permission = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": {"Ref": "A"}, "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
        },
    }  # fmt: skip
    resources = {"P": permission, "A": alias, "V": version, "F": function(FunctionName="f")}
    outputs = {"Alias": {"Ref": "A"}, "Version": {"Ref": "V"}}
    stacks.create(resources, outputs)
    arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
    assert stacks.outputs() == {"Alias": f"{arn}:live", "Version": f"{arn}:1"}
    policy = json.loads(stacks.account.call("GetPolicy", FunctionName="f", Qualifier="live")["Policy"])
    assert policy["Statement"][0]["Resource"] == f"{arn}:live"
    second = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "F"}}}
    alias["Properties"]["FunctionVersion"] = {"Fn::GetAtt": ["W", "Version"]}  # type: ignore[index]
    changed = {"P": permission, "A": alias, "W": second, "F": function(2, FunctionName="f")}
    stacks.update(changed, outputs={"Alias": {"Ref": "A"}})
    assert stacks.account.invoke(f"{arn}:live") == [None, 2]
    assert stacks.account.refused("GetFunction", FunctionName="f", Qualifier="1").status == 404
    stacks.call("DeleteStack", StackName="demo")
    assert stacks.account.call("ListFunctions")["Functions"] == []


def test_the_same_version_is_not_published_twice(stacks: Stacks) -> None:
    version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "F"}}}
    stacks.create({"F": function(), "V": version})
    other = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "F"}, "Description": "x"}}
    stacks.apply("UpdateStack", {"F": function(), "V": version, "W": other})
    assert stacks.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert any("A version for this Lambda function exists ( 1 )" in reason for reason in stacks.reasons())


@pytest.mark.semantics("LAMBDA-02")
def test_code_that_is_not_here_leaves_a_function_that_cannot_run(stacks: Stacks) -> None:
    code = {"S3Bucket": "bucket", "S3Key": "code.zip"}
    stacks.create({"F": function(FunctionName="f", Code=code)})
    refused = stacks.account.refused("Invoke", FunctionName="f")
    assert (refused.code, refused.status) == ("InvalidZipFileException", 502)
    assert "s3://bucket/code.zip" in refused.message
    again = stacks.account.refused("UpdateFunctionCode", FunctionName="f", **code)
    assert "NoSuchKey" in again.message


def test_a_function_runs_from_a_folder_of_the_users_and_follows_it(stacks: Stacks) -> None:
    folder = stacks.account.folder / "mine"
    (folder / "deep").mkdir(parents=True)
    (folder / "index.py").write_text("from deep.value import VALUE\ndef handler(e, c):\n    return VALUE\n")
    value = folder / "deep" / "value.py"
    value.write_text("VALUE = 'first'\n")
    stacks.create({"F": function(FunctionName="f", Code={"S3Bucket": "bucket", "S3Key": "code.zip"})})
    stack_id = stacks.describe()["StackId"]
    with stacks.account.store.write() as state:
        state.put(CodeBinding(stack_id, "F", str(folder)))
    assert stacks.account.invoke() == "first"
    value.write_text("VALUE = 'the second'\n")
    assert stacks.account.invoke() == "the second"
    with stacks.account.store.write() as state:
        state.put(CodeBinding(stack_id, "F", str(folder / "gone")))
    refused = stacks.account.refused("Invoke", FunctionName="f")
    assert f"{folder / 'gone'}, which sekisho.yaml names, is not there" in refused.message


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"Runtime": "java21"}, "ZipFile can only be used when Runtime is set to any of python, nodejs."),
        ({"Code": {"ImageUri": "x"}}, "code.imageUri"),
        ({"CodeSigningConfigArn": "x"}, "unsupported property CodeSigningConfigArn"),
        ({"Role": None}, "required key [Role] not found"),
    ],
)
def test_what_cannot_be_made_is_refused_by_name(stacks: Stacks, changes: dict[str, Any], text: str) -> None:
    try:
        stacks.apply("CreateStack", {"F": function(**changes)})
        reasons = stacks.reasons()
    except ServiceError as error:
        reasons = [error.message]
    assert any(text in reason for reason in reasons), reasons
    assert stacks.account.call("ListFunctions")["Functions"] == []


def test_a_function_and_a_stack_can_be_made_at_the_same_time(stacks: Stacks) -> None:
    other = threading.Thread(target=stacks.account.create)
    other.start()
    stacks.create({"F": function()})
    other.join()
    assert len(stacks.account.call("ListFunctions")["Functions"]) == 2
