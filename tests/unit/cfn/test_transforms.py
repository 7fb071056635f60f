"""Transforms: loops of the language extensions, and transforms that do not run."""

from dataclasses import replace
from typing import Any

import pytest

from sekisho.cfn.document import Document
from sekisho.cfn.errors import TemplateError
from sekisho.cfn.load import load_template
from sekisho.cfn.transforms import SERVERLESS, apply_transforms

LOOPS = """\
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'a,b-c'}
Resources:
  Fn::ForEach::Topics:
    - Name
    - !Ref Names
    - Topic&{Name}:
        Type: AWS::SNS::Topic
        Properties:
          TopicName: !Sub 'the-${Name}-${AWS::Region}'
          DisplayName: !Ref Name
          Fn::ForEach::Inner:
            - Size
            - [1, 2]
            - Tag${Size}: ${Name}-${Size}
Outputs:
  Fn::ForEach::Out:
    - Letter
    - [X, Y]
    - Out${Letter}: {Value: '${Letter}${Other}'}
"""


def transform(text: str, **parameters: str) -> Document:
    return apply_transforms(load_template(text, "t.yaml"), parameters, {})


def test_loops_are_expanded() -> None:
    document = transform(LOOPS)
    resources = document.section("Resources")
    assert list(resources) == ["Topica", "Topicbc"]
    assert resources["Topicbc"]["Properties"] == {
        "TopicName": {"Fn::Sub": "the-b-c-${AWS::Region}"},
        "DisplayName": "b-c",
        "Tag1": "b-c-1",
        "Tag2": "b-c-2",
    }
    assert document.section("Outputs") == {"OutX": {"Value": "X${Other}"}, "OutY": {"Value": "Y${Other}"}}


def test_copies_keep_the_line_they_were_written_on() -> None:
    document = transform(LOOPS)
    path = ("Resources", "Topicbc", "Properties", "TopicName")
    assert document.location(path) == "t.yaml:11:11 Resources/Topicbc/Properties/TopicName"


def test_the_values_of_parameters_are_used() -> None:
    assert list(transform(LOOPS, Names="z").section("Resources")) == ["Topicz"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    - Name\n", "", "could not be resolved"),
        ("!Ref Names", "!Ref Nothing", "The collection of Fn::ForEach must be a list of text."),
        ("Topic&{Name}", "Topic", "Fn::ForEach makes the key Topic twice."),
        ("[1, 2]", str(list(range(6000))), "Fn::ForEach makes more than 5000 copies."),
    ],
)
def test_loops_that_are_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        transform(LOOPS.replace(old, new))
    assert message in caught.value.message
    assert caught.value.location.startswith("t.yaml:")


def test_without_the_transform_a_loop_is_a_resource_that_is_none() -> None:
    document = transform(LOOPS.replace("Transform: AWS::LanguageExtensions\n", ""))
    assert "Fn::ForEach::Topics" in document.section("Resources")


def test_an_unknown_transform_is_refused() -> None:
    with pytest.raises(TemplateError, match=r"^No transform named Mine found\.$") as caught:
        transform("Transform: [Mine]\nResources: {}")
    assert caught.value.location == "t.yaml:1:1 Transform"


def test_a_transform_that_is_given_is_used() -> None:
    def translate(document: Document, given: Any, folder: str) -> Document:
        return replace(document, body={"Resources": {"Given": given, "Folder": folder}})

    text = f"Transform: [AWS::LanguageExtensions, {SERVERLESS}]\nResources: {{}}"
    document = apply_transforms(load_template(text), {"A": "1"}, {SERVERLESS: translate}, "beside")
    assert document.body == {"Resources": {"Given": {"A": "1"}, "Folder": "beside"}}
