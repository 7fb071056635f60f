"""A serverless application by the commands that users deploy with: ``sekisho up`` and ``aws cloudformation``."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.support.process import REGION, ServerProcess, running

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("http-api-serverless-deploy")]

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Word: {Type: String, Default: one}
Globals:
  Function: {Runtime: python3.12, Handler: app.handler, Environment: {Variables: {WORD: !Ref Word}}}
Resources:
  Users: {Type: AWS::Cognito::UserPool}
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref Users, ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH, ALLOW_REFRESH_TOKEN_AUTH]}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: prod
      CorsConfiguration: {AllowOrigins: ['https://a.example'], AllowHeaders: [authorization]}
      Auth:
        DefaultAuthorizer: Pool
        Authorizers:
          Pool:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {issuer: !GetAtt Users.ProviderURL, audience: [!Ref Client]}
          Custom:
            FunctionArn: !GetAtt Decide.Arn
            EnableFunctionDefaultPermissions: true
            Identity: {Headers: [x-key]}
            AuthorizerPayloadFormatVersion: 2.0
            EnableSimpleResponses: true
  Decide:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      InlineCode: "def handler(event, context): return {'isAuthorized': event['headers']['x-key'] == 'good'}"
  Function:
    Type: AWS::Serverless::Function
    Properties:
      AutoPublishAlias: live
      CODE
      Events:
        Me: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /me, Method: get}}
        Open: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /open, Method: get, Auth: {Authorizer: NONE}}}
        Key: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /key, Method: get, Auth: {Authorizer: Custom}}}
Outputs:
  Url: {Value: !Sub 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/prod'}
  ApiId: {Value: !Ref Api}
  PoolId: {Value: !Ref Users}
  ClientId: {Value: !Ref Client}
"""
CODE = """\
import os


def handler(event, context):
    return {"statusCode": 200, "body": os.environ["WORD"]}
"""
INLINE = "Handler: index.handler\n      InlineCode: " + json.dumps(CODE)
DEFINITION = """\
openapi: 3.0.1
info: {title: files}
paths:
  /away:
    get:
      x-amazon-apigateway-integration:
        {type: http_proxy, httpMethod: GET, uri: 'http://127.0.0.1:1/', payloadFormatVersion: '1.0'}
"""
OK = (200, "one")
REFUSED = (401, '{"message":"Unauthorized"}')
FORBIDDEN = (403, '{"message":"Forbidden"}')


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=20) as client:
        yield client


def stack(server: ServerProcess) -> dict[str, str]:
    (described,) = server.client("cloudformation").describe_stacks()["Stacks"]
    assert described["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    return {one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]}


def sign_in(server: ServerProcess, outputs: dict[str, str]) -> str:
    cognito, user = server.client("cognito-idp"), {"UserPoolId": outputs["PoolId"], "Username": "ada"}
    cognito.admin_create_user(**user, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**user, Password="Correct-horse-1", Permanent=True)
    answer = cognito.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=outputs["ClientId"],
        AuthParameters={"USERNAME": "ada", "PASSWORD": "Correct-horse-1"},
    )
    return str(answer["AuthenticationResult"]["AccessToken"])


def url_of(server: ServerProcess, api_id: str) -> str:
    arn = f"arn:aws:apigateway:{REGION}::/apis/{api_id}"
    return str(next(one["url"] for one in server.get("/_sekisho/endpoints") if one["arn"] == arn))


def check_answers(server: ServerProcess, http: httpx.Client, word: str) -> None:
    outputs = stack(server)
    base = f"{url_of(server, outputs['ApiId'])}/prod"
    assert outputs["Url"].endswith(".amazonaws.com/prod")
    token = sign_in(server, outputs)

    def get(path: str, **headers: str) -> tuple[int, str]:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = http.get(f"{base}{path}", headers=given)
        return answer.status_code, answer.text

    assert get("/open") == (200, word)
    assert get("/me") == REFUSED
    assert get("/me", authorization=token) == (200, word)
    assert get("/key") == REFUSED
    assert get("/key", x_key="bad") == FORBIDDEN
    assert get("/key", x_key="good") == (200, word)
    preflight = {"origin": "https://a.example", "access-control-request-method": "GET"}
    answer = http.options(f"{base}/me", headers=preflight)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "https://a.example")


def test_an_application_is_brought_up(tmp_path: Path, http: httpx.Client) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(CODE)
    (tmp_path / "api.yaml").write_text(DEFINITION)
    files = "  Files: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: api.yaml}}\n"
    text = TEMPLATE.replace("CODE", "CodeUri: src").replace("Outputs:\n", f"{files}Outputs:\n")
    (tmp_path / "template.yaml").write_text(text)
    with running("up", str(tmp_path / "template.yaml"), "--ephemeral", "--port", "0") as server:
        check_answers(server, http, "one")
        apis = server.client("apigatewayv2").get_apis()["Items"]
        (files_api,) = (one for one in apis if one["Name"] == "files")
        assert http.get(f"{url_of(server, files_api['ApiId'])}/other").status_code == 404


def test_an_application_is_deployed_by_the_command_line(
    sekisho_server: ServerProcess, tmp_path: Path, http: httpx.Client
) -> None:
    """``aws cloudformation deploy`` makes a change set, waits for it, executes it, and waits for the stack."""
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE.replace("CODE", INLINE))
    deploy = ("cloudformation", "deploy", "--template-file", str(template), "--stack-name", "shop")
    refused = sekisho_server.aws(*deploy)
    assert refused.returncode != 0
    assert "Requires capabilities : [CAPABILITY_IAM]" in refused.stderr
    done = sekisho_server.aws(*deploy, "--capabilities", "CAPABILITY_IAM")
    assert "Successfully created/updated stack - shop" in done.stdout, done.stderr
    check_answers(sekisho_server, http, "one")

    processed = sekisho_server.aws_json(
        "cloudformation", "get-template", "--stack-name", "shop", "--template-stage", "Processed"
    )
    assert processed["TemplateBody"]["Resources"]["Api"]["Type"] == "AWS::ApiGatewayV2::Api"
    summary = sekisho_server.aws_json("cloudformation", "get-template-summary", "--stack-name", "shop")
    assert summary["DeclaredTransforms"] == ["AWS::Serverless-2016-10-31"]

    changed = ("--capabilities", "CAPABILITY_IAM", "--parameter-overrides", "Word=two")
    done = sekisho_server.aws(*deploy, *changed)
    assert done.returncode == 0, done.stderr
    outputs = stack(sekisho_server)
    base = f"{url_of(sekisho_server, outputs['ApiId'])}/prod"
    # The alias still names the version with the old environment: other code makes a new one.
    answer = http.get(f"{base}/open")
    assert (answer.status_code, answer.text) == OK
    unchanged = sekisho_server.aws(*deploy, *changed)
    assert "No changes to deploy. Stack shop is up to date" in unchanged.stderr + unchanged.stdout
    sekisho_server.aws("cloudformation", "delete-stack", "--stack-name", "shop")
    assert sekisho_server.client("apigatewayv2").get_apis()["Items"] == []


def test_a_rest_api_is_refused_by_its_line(tmp_path: Path, sekisho_server: ServerProcess) -> None:
    template = tmp_path / "rest.yaml"
    template.write_text(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n"
        "  Rest:\n    Type: AWS::Serverless::Api\n    Properties: {StageName: prod}\n"
    )
    refused = sekisho_server.aws(
        "cloudformation", "deploy", "--template-file", str(template), "--stack-name", "rest"
    )
    assert "no REST APIs: make Rest an AWS::Serverless::HttpApi. (template:4:5" in refused.stderr
