"""Each intrinsic function: what it returns, and AWS's text where it is used wrongly."""

from typing import Any

import pytest

from sekisho.cfn.conditions import Conditions
from sekisho.cfn.document import Document
from sekisho.cfn.errors import TemplateError
from sekisho.cfn.functions import FunctionError
from sekisho.cfn.intrinsics import Resolver, Scope
from sekisho.cfn.load import load_template
from sekisho.cfn.values import NO_VALUE

TEMPLATE = """\
Mappings:
  Sizes:
    us-east-1: {Small: 256, Names: [a, b]}
Conditions:
  Yes: !Equals [a, a]
  No: !Not [!Condition Yes]
  Both: !And [!Condition Yes, !Not [!Condition No]]
  Either: !Or [!Condition No, !Condition Yes]
Resources: {}
"""

PARAMETERS: dict[str, str | list[str]] = {
    "Name": "demo",
    "Zones": ["us-east-1a", "us-east-1b"],
    "AWS::Region": "us-east-1",
}


class Lookup:
    def ref(self, logical_id: str) -> str:
        return f"ref-{logical_id}"

    def attribute(self, logical_id: str, name: str) -> Any:
        if name == "Missing":
            raise FunctionError("Resource type T does not support attribute {Missing}.")
        return ["2001:db8::/56"] if name == "Blocks" else f"{logical_id}.{name}"

    def export(self, name: str) -> str:
        if name != "known":
            raise FunctionError(f"No export named {name} found.")
        return "exported"


@pytest.fixture
def document() -> Document:
    return load_template(TEMPLATE, "t.yaml")


@pytest.fixture
def resolver(document: Document) -> Resolver:
    conditions = Conditions(document, PARAMETERS)
    return Resolver(Scope(document, PARAMETERS, conditions), Lookup())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Name"}, "demo"),
        ({"Ref": "Zones"}, ["us-east-1a", "us-east-1b"]),
        ({"Ref": "Bucket"}, "ref-Bucket"),
        ({"Ref": "AWS::NoValue"}, NO_VALUE),
        ({"A": 1, "B": {"Ref": "AWS::NoValue"}, "C": [1, {"Ref": "AWS::NoValue"}, 2]}, {"A": 1, "C": [1, 2]}),
        ({"Fn::GetAtt": ["A", "Arn"]}, "A.Arn"),
        ({"Fn::GetAtt": "A.Endpoint.Address"}, "A.Endpoint.Address"),
        ({"Fn::GetAtt": ["A", "Outputs", "X"]}, "A.Outputs.X"),
        ({"Fn::GetAtt": ["A", {"Ref": "Name"}]}, "A.demo"),
        ({"Fn::Sub": "${Name}-${A.Arn}-${!Literal}-${B}"}, "demo-A.Arn-${Literal}-ref-B"),
        ({"Fn::Sub": ["${X}/${Name}", {"X": {"Fn::Join": ["-", [1, True]]}}]}, "1-true/demo"),
        ({"Fn::Sub": "$ {Name} $$"}, "$ {Name} $$"),
        ({"Fn::Join": [",", {"Ref": "Zones"}]}, "us-east-1a,us-east-1b"),
        ({"Fn::Join": ["", []]}, ""),
        ({"Fn::Select": ["1", {"Fn::GetAZs": ""}]}, "us-east-1b"),
        ({"Fn::Select": [0, {"Fn::Split": ["/", "a/b"]}]}, "a"),
        ({"Fn::GetAZs": "eu-west-1"}, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ({"Fn::Split": [",", "a,,b"]}, ["a", "", "b"]),
        ({"Fn::Base64": "hé"}, "aMOp"),
        ({"Fn::Cidr": ["10.0.0.0/16", 3, 8]}, ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]),
        (
            {"Fn::Cidr": [{"Fn::Select": [0, {"Fn::GetAtt": ["V", "Blocks"]}]}, 2, 64]},
            ["2001:db8::/64", "2001:db8:0:1::/64"],
        ),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "Small"]}, 256),
        ({"Fn::FindInMap": ["Sizes", "eu-west-1", "Small", {"DefaultValue": {"Ref": "Name"}}]}, "demo"),
        ({"Fn::ImportValue": {"Fn::Sub": "known"}}, "exported"),
        ({"Fn::If": ["Yes", {"Ref": "Name"}, {"Fn::FindInMap": ["No", "such", "map"]}]}, "demo"),
        ({"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}, NO_VALUE),
        ({"Fn::If": ["Both", 1, 2]}, 1),
        ({"Fn::If": ["Either", 1, 2]}, 1),
        ({"Fn::Length": {"Ref": "Zones"}}, 2),
        ({"Fn::ToJsonString": {"A": [1, {"Ref": "Name"}]}}, '{"A":[1,"demo"]}'),
        ("{{resolve:ssm:/a/b}}", "{{resolve:ssm:/a/b}}"),
        ({"Ref": "A", "B": 1}, {"Ref": "A", "B": 1}),
    ],
)
def test_functions(resolver: Resolver, value: object, expected: object) -> None:
    assert resolver.resolve(value, ("Resources",)) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"Fn::Join": ["-"]}, "Template error: every Fn::Join object requires two parameters"),
        ({"Fn::Join": ["-", [["a"]]]}, "Template error: every Fn::Join object requires two parameters"),
        ({"Fn::Split": ["", "a"]}, "Template error: every Fn::Split object requires two parameters"),
        (
            {"Fn::Select": ["x", ["a"]]},
            "Template error: Fn::Select requires a list argument with two elements: an integer index and a list",
        ),
        ({"Fn::Select": [2, ["a"]]}, "Template error: Fn::Select cannot select nonexistent value at index 2"),
        (
            {"Fn::FindInMap": ["Sizes", "eu-west-1", "Small"]},
            "Template error: Unable to get mapping for Sizes::eu-west-1::Small",
        ),
        ({"Fn::Sub": ["${A}", "x"]}, "Template error: One or more Fn::Sub intrinsic functions don't specify"),
        (
            {"Fn::Sub": "${Zones}"},
            "Template error: variable Zones in Fn::Sub expression does not resolve to a string",
        ),
        (
            {"Fn::GetAtt": ["A"]},
            "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name",
        ),
        ({"Fn::GetAtt": ["A", "Missing"]}, "Resource type T does not support attribute {Missing}."),
        ({"Fn::If": ["Unknown", 1, 2]}, "Template error: unresolved condition dependency Unknown in Fn::If"),
        (
            {"Fn::Equals": ["a"]},
            "Template error: every Fn::Equals object requires a list of 2 string parameters.",
        ),
        (
            {"Fn::And": [{"Condition": "Yes"}]},
            "Template error: every Fn::And object requires a list of at least",
        ),
        ({"Fn::Not": ["x"]}, "Template error: every Fn::Not object requires one boolean parameter."),
        ({"Fn::ImportValue": "unknown"}, "No export named unknown found."),
        ({"Fn::Cidr": ["10.0.0.0/30", 9, 8]}, "Template error: every Fn::Cidr object requires"),
        ({"Fn::Cidr": ["10.0.0.0/8", 9999, 8]}, "Template error: every Fn::Cidr object requires"),
        (
            {"Fn::Transform": {"Name": "X"}},
            "Template format error: Unrecognized intrinsic function Fn::Transform.",
        ),
        ({"Ref": ["A"]}, "Template error: every Ref object must have a single String value."),
    ],
)
def test_errors_are_worded_as_aws_words_them(resolver: Resolver, value: object, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        resolver.resolve(value, ("Resources", "A"))
    assert caught.value.message.startswith(message)
    assert caught.value.location.startswith("t.yaml:")


def test_origins_say_where_each_value_was_written(resolver: Resolver) -> None:
    value = {"Actions": {"Fn::If": ["No", [1], [{"Ref": "AWS::NoValue"}, {"Type": "forward"}]]}}
    assert resolver.resolve(value, ("P",)) == {"Actions": [{"Type": "forward"}]}
    assert resolver.origins["Actions", 0, "Type"] == ("P", "Actions", "Fn::If", 2, 1, "Type")


def test_conditions_in_a_circle_are_refused() -> None:
    document = load_template("Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]")
    with pytest.raises(TemplateError, match=r"Circular dependency between conditions: \[A, B\]"):
        Conditions(document, {})["A"]


def test_a_condition_must_be_true_or_false() -> None:
    document = load_template("Conditions:\n  A: maybe")
    with pytest.raises(TemplateError, match="must be a condition function"):
        Conditions(document, {})["A"]
