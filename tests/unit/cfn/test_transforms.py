"""Transforms: loops of the language extensions, and transforms that do not run."""

from dataclasses import replace
from pathlib import Path
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


INCLUDE = """\
Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: shop
      Body:
        openapi: 3.0.1
        Fn::Transform: {Name: AWS::Include, Parameters: {Location: api.yaml}}
"""


def include(folder: Path | str, text: str = INCLUDE) -> Any:
    return apply_transforms(load_template(text, "t.yaml"), {}, {}, str(folder))


@pytest.mark.semantics("CFN-21")
@pytest.mark.parametrize(
    "text",
    [
        INCLUDE,
        INCLUDE.replace("Fn::Transform: {", "{").replace(
            "      Body:\n        openapi: 3.0.1\n        {", "      Body: !Transform {"
        ),
    ],
    ids=["long", "short"],
)
def test_a_file_beside_the_template_is_included(tmp_path: Path, text: str) -> None:
    (tmp_path / "api.yaml").write_text(
        "info: {title: shop}\npaths: {/a: {get: {uri: {Fn::Sub: '${AWS::Region}'}}}}\n"
    )
    body = include(tmp_path, text).section("Resources")["Api"]["Properties"]["Body"]
    assert body["info"] == {"title": "shop"}
    assert body["paths"]["/a"]["get"]["uri"] == {"Fn::Sub": "${AWS::Region}"}


@pytest.mark.semantics("CFN-21")
@pytest.mark.parametrize(
    ("text", "file", "message"),
    [
        (INCLUDE.replace("api.yaml", "s3://bucket/api.yaml"), "", "reads no files from S3"),
        (INCLUDE.replace("api.yaml", "other.yaml"), "", r"other\.yaml cannot be read"),
        (INCLUDE, "openapi: 3.0.1", "openapi stands beside the file that has it too"),
        (INCLUDE, "Fn::Transform: {}", "includes files itself"),
        (INCLUDE, "- a", "unsupported structure"),
        (INCLUDE.replace("AWS::Include", "Mine"), "", "No transform named Mine found"),
    ],
)
def test_what_cannot_be_included_is_refused(tmp_path: Path, text: str, file: str, message: str) -> None:
    (tmp_path / "api.yaml").write_text(file)
    with pytest.raises(TemplateError, match=message) as caught:
        include(tmp_path, text)
    assert caught.value.location.startswith(("t.yaml:8:9 Resources/Api/Properties/Body", "api.yaml:1:1"))


def test_a_template_that_came_over_the_api_includes_nothing() -> None:
    with pytest.raises(TemplateError, match="with sekisho up a Location may be a path beside the template"):
        include("")
