"""Serverless templates that others have published, and their OpenAPI documents: deployed, and asked over the wire."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.functions import archive
from tests.support.process import REGION, ServerProcess, running

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("http-api-serverless")]

FOLDER = Path(__file__).parents[3] / "../shared/data/templates"
TRANSFORM = "Transform: AWS::Serverless-2016-10-31\n"
CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
PASSWORD = "Correct-horse-1"
UNAUTHORIZED = (401, '{"message":"Unauthorized"}')
FORBIDDEN = (403, '{"message":"Forbidden"}')
NOT_FOUND = (404, '{"message":"Not Found"}')
BROKEN = (500, '{"message":"Internal Server Error"}')
HELLO = (200, "Hello World!")

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=20) as client:
        yield client


def published(name: str) -> str:
    """Return the text of a published template."""
    if not FOLDER.is_dir():
        pytest.skip("the published templates are not here")
    (path,) = FOLDER.glob(f"{name}.*")
    return path.read_text()


@contextlib.contextmanager
def deployed(server: ServerProcess, name: str, template: str) -> Iterator[dict[str, str]]:
    """Create a stack that is deleted again; yields the physical ids by logical id."""
    server.client("cloudformation").create_stack(
        StackName=name, TemplateBody=template, Capabilities=CAPABILITIES
    )
    yield resources(server, name)
    server.client("cloudformation").delete_stack(StackName=name)
    assert server.get("/_sekisho/endpoints") == []


def resources(server: ServerProcess, name: str) -> dict[str, str]:
    cloudformation = server.client("cloudformation")
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    found = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}


def url_of(server: ServerProcess, api_id: str) -> str:
    arn = f"arn:aws:apigateway:{REGION}::/apis/{api_id}"
    return str(next(one["url"] for one in server.get("/_sekisho/endpoints") if one["arn"] == arn))


def seen(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.text


def routes(server: ServerProcess, api_id: str) -> dict[str, tuple[str, list[str]]]:
    """Return authorization type and scopes by route key."""
    found = server.client("apigatewayv2").get_routes(ApiId=api_id)["Items"]
    return {one["RouteKey"]: (one["AuthorizationType"], one.get("AuthorizationScopes", [])) for one in found}


def test_a_function_with_an_api_and_a_document(sekisho_server: ServerProcess, http: httpx.Client) -> None:
    """Paths of the document without a method make no route."""
    template = TRANSFORM + published("b17-sam-function-with-http-api")
    with deployed(sekisho_server, "b17", template) as made:
        url = url_of(sekisho_server, made["MyApi"])
        assert seen(http.get(f"{url}/some/path")) == HELLO
        assert seen(http.post(f"{url}/some/path")) == NOT_FOUND
        assert seen(http.get(f"{url}/other")) == NOT_FOUND


@needs_node
def test_authorizers_change_with_the_stack(sekisho_server: ServerProcess, http: httpx.Client) -> None:
    """A JWT and a Lambda authorizer become one Lambda authorizer of the other format."""
    client = sekisho_server.client("apigatewayv2")
    with deployed(sekisho_server, "b8", TRANSFORM + published("b8-sam-http-api-with-auth")) as made:
        api_id = made["MyApi"]
        url = url_of(sekisho_server, api_id)
        assert routes(sekisho_server, api_id) == {
            "GET /get": ("JWT", ["scope4"]),
            "POST /post": ("CUSTOM", []),
        }
        before = {one["Name"]: one for one in client.get_authorizers(ApiId=api_id)["Items"]}
        assert before["MyOAuth2Auth"]["IdentitySource"] == ["$request.querystring.param"]
        assert before["MyLambdaAuth"]["AuthorizerResultTtlInSeconds"] == 23
        assert before["MyLambdaAuth"]["EnableSimpleResponses"] is True
        # Nobody on this machine answers for the issuer, so no token is good.
        refused = http.get(f"{url}/get", params={"param": "x.y.z"})
        assert seen(refused) == UNAUTHORIZED
        assert seen(http.post(f"{url}/post", headers={"authorization": "a"})) == UNAUTHORIZED
        tags = client.get_api(ApiId=api_id)["Tags"]
        assert (tags["Tag1"], tags["Tag2"]) == ("value1", "value2")

        sekisho_server.client("cloudformation").update_stack(
            StackName="b8",
            TemplateBody=TRANSFORM + published("b9-sam-http-api-with-auth-updated"),
            Capabilities=CAPABILITIES,
        )
        assert resources(sekisho_server, "b8")["MyApi"] == api_id
        assert routes(sekisho_server, api_id) == {"POST /post": ("CUSTOM", [])}
        (after,) = client.get_authorizers(ApiId=api_id)["Items"]
        assert (after["Name"], after["AuthorizerResultTtlInSeconds"]) == ("MyLambdaAuthUpdated", 37)
        assert (after["AuthorizerPayloadFormatVersion"], after["EnableSimpleResponses"]) == ("1.0", False)
        assert seen(http.get(f"{url}/get")) == NOT_FOUND
        assert seen(http.post(f"{url}/post")) == UNAUTHORIZED
        # The authorizer's code exports no handler.
        assert seen(http.post(f"{url}/post", headers={"authorization": "a"})) == BROKEN


@needs_node
def test_the_document_of_the_translators_own_tests(sekisho_server: ServerProcess, http: httpx.Client) -> None:
    """Three ways to authorize in one OpenAPI document, without a single authorizer as a resource."""
    with deployed(sekisho_server, "b11", published("b11-sam-multiple-authorizers-cfn")) as made:
        lambda_, name = sekisho_server.client("lambda"), made["MyAuthFn"]
        code = "exports.restapi = async (event) => ({ statusCode: 200, body: event.routeKey });"
        # In place of the upload to the buckets that the template names.
        lambda_.update_function_code(FunctionName=made["HttpApiFunction"], ZipFile=archive(index__js=code))
        allow = 'Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: event.methodArn }]'
        policy = f'{{ principalId: "me", policyDocument: {{ Version: "2012-10-17", {allow} }} }}'
        code = f"exports.handler = async (event) => ({policy});"
        lambda_.update_function_code(FunctionName=name, ZipFile=archive(index__js=code))
        # The runtime of the template's other function is retired, and its handler is a Python module's.
        lambda_.update_function_configuration(FunctionName=made["HttpApiFunction"], Runtime="nodejs22.x")
        url = url_of(sekisho_server, made["MyApi"])
        # The template lets nobody invoke the authorizer.
        assert seen(http.get(f"{url}/hello")) == BROKEN
        arn = f"arn:aws:execute-api:{REGION}:000000000000:{made['MyApi']}/authorizers/*"
        lambda_.add_permission(
            FunctionName=name,
            StatementId="api",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=arn,
        )
        assert seen(http.get(f"{url}/hello")) == (200, "GET /hello")
        assert seen(http.delete(f"{url}/hello")) == (200, "$default")
        assert seen(http.put(f"{url}/hello")) == UNAUTHORIZED
        assert seen(http.get(f"{url}/hello-aws-iam-auth")) == FORBIDDEN


AUTH_STACK = """\
Parameters:
  ClientDomain: {Type: String}
  Postman: {Type: String}
Resources:
  Pool: {Type: AWS::Cognito::UserPool}
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties:
      UserPoolId: !Ref Pool
      ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH, ALLOW_REFRESH_TOKEN_AUTH]
Outputs:
  Issuer: {Value: !GetAtt Pool.ProviderURL}
  UserPoolClientId: {Value: !Ref Client}
  AuthUrl: {Value: !Sub '${ClientDomain}/${Postman}'}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder of a serverless application: its template, a nested one, and the code."""
    (tmp_path / "template.yaml").write_text(published("b2-cognito-httpapi"))
    (tmp_path / "auth.yaml").write_text(AUTH_STACK)
    (tmp_path / "sekisho.yaml").write_text("template: template.yaml\n")
    (tmp_path / "src").mkdir()
    say(tmp_path, "one")
    return tmp_path


def say(project: Path, word: str) -> None:
    code = f'exports.handler = async () => ({{ statusCode: 200, body: "{word}" }});'
    (project / "src" / "app.js").write_text(code)


def token_without_scopes(server: ServerProcess, pool_id: str, client_id: str) -> str:
    cognito = server.client("cognito-idp")
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="ada", Password=PASSWORD, Permanent=True)
    answer: dict[str, Any] = cognito.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )
    return str(answer["AuthenticationResult"]["AccessToken"])


@needs_node
def test_an_application_with_code_beside_its_template(project: Path, http: httpx.Client) -> None:
    """The code runs where it lies: what is saved is what answers next."""
    with running("up", str(project), "--ephemeral", "--port", "0") as server:
        url = server.endpoint("http-api")["url"]
        (pool,) = server.client("cognito-idp").list_user_pools(MaxResults=1)["UserPools"]
        outputs = {
            one["OutputKey"]: one["OutputValue"]
            for stack in server.client("cloudformation").describe_stacks()["Stacks"]
            for one in stack.get("Outputs", [])
        }
        token = token_without_scopes(server, pool["Id"], outputs["ClientId"])
        bearer = {"authorization": f"Bearer {token}", "origin": "https://myapp.com"}
        assert seen(http.get(url)) == UNAUTHORIZED
        # A token of a password has the scope aws.cognito.signin.user.admin, and the route wants email.
        refused = http.get(url, headers=bearer)
        assert seen(refused) == FORBIDDEN
        assert refused.headers["access-control-allow-origin"] == "https://myapp.com"
        client = server.client("apigatewayv2")
        (api,) = client.get_apis()["Items"]
        (route,) = client.get_routes(ApiId=api["ApiId"])["Items"]
        client.update_route(
            ApiId=api["ApiId"],
            RouteId=route["RouteId"],
            AuthorizationScopes=["aws.cognito.signin.user.admin"],
        )
        assert seen(http.get(url, headers=bearer)) == (200, "one")
        say(project, "two")
        assert seen(http.get(url, headers=bearer)) == (200, "two")
