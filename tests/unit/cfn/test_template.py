"""Templates as a whole: sections, conditions, rules."""

from collections.abc import Mapping

import pytest

from sekisho.cfn.errors import TemplateError
from sekisho.cfn.load import load_template
from sekisho.cfn.template import Environment, Template, prepare_template
from sekisho.cfn.types import TypeCatalogue

ENVIRONMENT = Environment(
    "000000000000", "us-east-1", "demo", "arn:aws:cloudformation:us-east-1:0:stack/demo/1"
)

UNRESOLVED = "Template format error: Unresolved resource dependencies"

CONDITIONAL = """\
Parameters:
  Stage: {Type: String, Default: dev}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
Resources:
  Always: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: !If [Prod, !Ref Sometimes, none]}}
  Sometimes: {Type: 'AWS::SNS::Topic', Condition: Prod, DependsOn: [Other]}
  Other: {Type: 'AWS::SNS::Topic', DeletionPolicy: Retain}
Outputs:
  A: {Value: !Ref Sometimes, Condition: Prod}
  B: {Value: !Ref Other}
Rules:
  Stages:
    Assertions:
      - Assert: !Contains [[dev, prod], !Ref Stage]
        AssertDescription: only dev and prod
  Never:
    RuleCondition: !Equals [!Ref Stage, other]
    Assertions: [{Assert: !Equals [a, b]}]
"""


def prepare(text: str, given: Mapping[str, str] | None = None) -> Template:
    return prepare_template(load_template(text, "t.yaml"), given or {}, ENVIRONMENT, TypeCatalogue())


def test_conditions_decide_what_there_is() -> None:
    development = prepare(CONDITIONAL)
    assert list(development.resources) == ["Always", "Other"]
    assert list(development.outputs) == ["B"]
    production = prepare(CONDITIONAL, {"Stage": "prod"})
    assert list(production.resources) == ["Other", "Sometimes", "Always"]
    assert production.resources["Sometimes"].depends_on == ("Other",)
    assert production.resources["Other"].deletion_policy == "Retain"
    assert list(production.outputs) == ["A", "B"]


def test_a_rule_that_does_not_hold_refuses() -> None:
    with pytest.raises(TemplateError, match="only dev and prod") as caught:
        prepare(CONDITIONAL, {"Stage": "test"})
    assert caught.value.location == "t.yaml:15:9 Rules/Stages/Assertions/0"


def test_pseudo_parameters_are_those_of_the_stack() -> None:
    parameters = prepare(CONDITIONAL).scope.parameters
    assert parameters["AWS::StackName"] == "demo"
    assert parameters["AWS::AccountId"] == "000000000000"
    assert parameters["AWS::URLSuffix"] == "amazonaws.com"
    assert parameters["AWS::NotificationARNs"] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Resource: {}", "Invalid template property or properties [Resource]"),
        ("Resources: []", "Template format error: Resources must be an object."),
        ("Parameters: {}", "Template format error: At least one Resources member must be defined."),
        (
            "Resources: {A: {Properties: {}}}",
            "Template format error: [/Resources/A] Every Resources object must contain a Type member.",
        ),
        (
            "Resources: {A: {Type: 'AWS::SNS::Topic', Propertys: {}}}",
            "Invalid template resource property 'Propertys'",
        ),
        (
            "Resources: {A-b: {Type: 'AWS::SNS::Topic'}}",
            "Template format error: Resource name A-b is non alphanumeric.",
        ),
        (
            "Resources: {A: {Type: 'AWS::SNS::Topic'}}\nOutputs: {O: {Description: x}}",
            "Template format error: Every Outputs member must contain a Value object",
        ),
        (
            "Resources: {A: {Type: 'AWS::SNS::Topic'}}\nOutputs: {O: {Value: !Ref B}}",
            "Unresolved resource dependencies [B] in the Outputs block of the template",
        ),
        (
            "Resources: {A: {Type: 'AWS::SNS::Topic'}}\nOutputs: {O: {Value: null}}",
            "[/Outputs/O/Value] 'null' values are not allowed in templates",
        ),
        (
            "Resources: {A: {Type: 'AWS::SNS::Topic', DependsOn: B}}",
            "Template format error: Unresolved resource dependencies [B] in the Resources block of the template",
        ),
        (
            "Resources: {A: {Type: 'AWS::SNS::Topic', DependsOn: [1]}}",
            "Template format error: Every DependsOn value must be a string.",
        ),
        (
            "Resources: {A: {Type: 'AWS::SNS::Topic'}}\nRules: {R: {Assertions: x}}",
            "Template format error: Every Rules member must contain Assertions.",
        ),
        (
            "Resources: {A: {Type: 'AWS::SNS::Topic', Condition: C}}",
            "Template format error: Unresolved condition dependency C in the Resources block of the template",
        ),
        (
            "Resources: {A: {Type: 'AWS::SNS::Topic', DeletionPolicy: Keep}}",
            "Template error: DeletionPolicy must be one of [Delete, Retain, Snapshot, RetainExceptOnCreate]",
        ),
        (
            CONDITIONAL.replace("!If [Prod, !Ref Sometimes, none]", "!Ref Sometimes"),
            f"{UNRESOLVED} [Sometimes] in the Resources block of the template",
        ),
        (
            CONDITIONAL.replace("!Contains [[dev, prod], !Ref Stage]", "!RefAll 'AWS::EC2::VPC::Id'"),
            "Sekisho does not support Fn::RefAll in rules.",
        ),
    ],
)  # fmt: skip
def test_templates_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        prepare(text)
    assert caught.value.message == message
    assert caught.value.location.startswith("t.yaml:")
