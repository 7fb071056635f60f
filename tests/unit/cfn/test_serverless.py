"""Serverless templates: what AWS's translator makes of them, and what this engine adds to it."""

from pathlib import Path
from typing import Any

import pytest

from sekisho.cfn.document import Document
from sekisho.cfn.errors import TemplateError
from sekisho.cfn.load import load_template
from sekisho.cfn.serverless import translate_serverless
from sekisho.cfn.serverless_sources import LOCAL_CODE

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Issuer: {Type: String, Default: 'https://a.example/'}
Globals:
  Function: {Runtime: python3.12, Handler: app.handler}
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Tokens
        Authorizers:
          Tokens:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {issuer: !Ref Issuer, audience: [api]}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code
      Events:
        Get:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Path: /pets, Method: get}
  Bucket: {Type: AWS::S3::Bucket}
"""


def translate(text: str = TEMPLATE, folder: Path | str = "", **given: str) -> Document:
    return translate_serverless(load_template(text, "t.yaml"), given, str(folder))


@pytest.fixture
def resources(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "code").mkdir()
    return dict(translate(folder=tmp_path).section("Resources"))


def test_serverless_resources_become_those_they_stand_for(resources: dict[str, Any]) -> None:
    assert {name: one["Type"] for name, one in resources.items()} == {
        "Api": "AWS::ApiGatewayV2::Api",
        "ApiApiGatewayDefaultStage": "AWS::ApiGatewayV2::Stage",
        "Function": "AWS::Lambda::Function",
        "FunctionGetPermission": "AWS::Lambda::Permission",
        "FunctionRole": "AWS::IAM::Role",
        "Bucket": "AWS::S3::Bucket",
    }
    body = resources["Api"]["Properties"]["Body"]
    assert body["paths"]["/pets"]["get"]["security"] == [{"Tokens": []}]
    scheme = body["components"]["securitySchemes"]["Tokens"]["x-amazon-apigateway-authorizer"]
    assert scheme["jwtConfiguration"] == {"issuer": {"Ref": "Issuer"}, "audience": ["api"]}


def test_the_region_is_named_where_the_translator_has_written_it(resources: dict[str, Any]) -> None:
    """A template may be deployed to any region, and to several."""
    (get,) = (one["get"] for one in resources["Api"]["Properties"]["Body"]["paths"].values())
    uri = get["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
    assert uri.startswith("arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/")
    assert "us-sekisho" not in str(resources)


def test_code_beside_the_template_stands_for_an_object(resources: dict[str, Any], tmp_path: Path) -> None:
    assert resources["Function"]["Properties"]["Code"] == {
        "S3Bucket": LOCAL_CODE,
        "S3Key": str(tmp_path / "code"),
    }


def test_code_of_all_functions_may_lie_beside_the_template(tmp_path: Path) -> None:
    (tmp_path / "code.zip").touch()
    text = TEMPLATE.replace("{Runtime:", "{CodeUri: code.zip, Runtime:").replace("      CodeUri: code\n", "")
    code = translate(text, tmp_path).section("Resources")["Function"]["Properties"]["Code"]
    assert code == {"S3Bucket": LOCAL_CODE, "S3Key": str(tmp_path / "code.zip")}


@pytest.mark.parametrize("folder", ["", "/nowhere"])
def test_code_that_is_not_there_is_refused_as_aws_does(folder: str) -> None:
    """A template that came over the API names nothing on this machine."""
    with pytest.raises(TemplateError) as caught:
        translate(folder=folder)
    assert caught.value.location == "t.yaml:16:3 Resources/Function"
    assert caught.value.message.startswith(
        "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. "
        "Number of errors found: 1. Resource with id [Function] is invalid. 'CodeUri' is not a valid S3 Uri"
    )


DEFINITION = "openapi: '3.0.1'\ninfo: {title: shop}\npaths: {/a: {get: {}}}\n"
WITH_DEFINITION = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionUri: api.yaml
"""


@pytest.mark.parametrize(
    "text", [DEFINITION, '{"openapi": "3.0.1", "info": {"title": "shop"}, "paths": {"/a": {}}}']
)
def test_a_definition_beside_the_template_is_taken_into_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "api.yaml").write_text(text)
    body = translate(WITH_DEFINITION, tmp_path).section("Resources")["Api"]["Properties"]["Body"]
    assert body["info"]["title"] == "shop"
    assert list(body["paths"]) == ["/a"]


@pytest.mark.parametrize("text", ["a: [", "- a", "\udcff"])
def test_a_definition_that_cannot_be_read_is_told_at_its_property(tmp_path: Path, text: str) -> None:
    (tmp_path / "api.yaml").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(TemplateError, match=r"The definition api\.yaml") as caught:
        translate(WITH_DEFINITION, tmp_path)
    assert caught.value.location == "t.yaml:6:7 Resources/Api/Properties/DefinitionUri"


def test_what_is_translated_is_plain_text(tmp_path: Path) -> None:
    """It is stored; some text of the translator's is of a type of its own, which nothing can store."""
    (tmp_path / "code").mkdir()
    body = translate(TEMPLATE.replace("/pets", "'/{proxy+}'"), tmp_path).body

    def types(value: Any) -> set[type]:
        if isinstance(value, dict):
            return {type(value)}.union(*(types(one) for one in (*value, *value.values())))
        return {type(value)}.union(*map(types, value)) if isinstance(value, list) else {type(value)}

    assert types(body) <= {dict, list, str, int, float, bool, type(None)}


def test_a_mistake_is_told_at_its_resource() -> None:
    text = TEMPLATE.replace("      CodeUri: code\n", "      InlineCode: pass\n      Timeout: {Ref: [A]}\n")
    with pytest.raises(TemplateError) as caught:
        translate(text.replace("DefaultAuthorizer: Tokens", "DefaultAuthorizer: Others"))
    assert caught.value.location == "t.yaml:7:3 Resources/Api"
    assert "'Others'" in caught.value.message


@pytest.mark.parametrize("given", ["text", "[]"])
def test_what_the_translator_stumbles_over_is_a_refusal(given: str, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    text = TEMPLATE.replace("{Runtime: python3.12, Handler: app.handler}", given)
    with pytest.raises(TemplateError, match=r"Transform AWS::Serverless-2016-10-31 failed with") as caught:
        translate(text, tmp_path)
    assert caught.value.location.startswith("t.yaml:")
