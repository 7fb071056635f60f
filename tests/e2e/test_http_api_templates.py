"""Templates with HTTP APIs that others have published: deployed unchanged, and asked over the wire."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pycognito.aws_srp import AWSSRP
from tests.support.functions import archive
from tests.support.process import REGION, ServerProcess

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("http-api-templates")]

FOLDER = Path(__file__).parents[2] / "../shared/data/templates"
PASSWORD = "Correct-horse-1"

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=20) as client:
        yield client


def deploy(server: ServerProcess, name: str) -> dict[str, str]:
    """Create a stack of a published template; return the physical ids by logical id."""
    if not FOLDER.is_dir():
        pytest.skip("the published templates are not here")
    (path,) = FOLDER.glob(f"{name}.*")
    cloudformation = server.client("cloudformation")
    capabilities = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
    cloudformation.create_stack(StackName=name, TemplateBody=path.read_text(), Capabilities=capabilities)
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources}


def url_of(server: ServerProcess, api_id: str) -> str:
    arn = f"arn:aws:apigateway:{REGION}::/apis/{api_id}"
    return str(next(one["url"] for one in server.get("/_sekisho/endpoints") if one["arn"] == arn))


def add_user(cognito: Any, pool_id: str) -> None:
    attributes = [{"Name": "email", "Value": "ada@example.com"}, {"Name": "name", "Value": "Ada"}]
    user = {"UserPoolId": pool_id, "Username": "ada"}
    cognito.admin_create_user(**user, MessageAction="SUPPRESS", UserAttributes=attributes)
    cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)


def by_srp(cognito: Any, pool_id: str, client_id: str) -> dict[str, str]:
    """Return the tokens of the user, signed in over SRP."""
    aws = AWSSRP(username="ada", password=PASSWORD, pool_id=pool_id, client_id=client_id, client=cognito)
    return dict(aws.authenticate_user()["AuthenticationResult"])


@needs_node
def test_the_template_of_the_jwt_authorizers_page(sekisho_server: ServerProcess, http: httpx.Client) -> None:
    """Quick create with overrides, a token in a query parameter, and a function for a retired runtime."""
    made = deploy(sekisho_server, "b1-awsdocs-http-with-jwt-auth")
    url = url_of(sekisho_server, made["MyAPI"])
    cognito = sekisho_server.client("cognito-idp")
    add_user(cognito, made["UserPool"])
    tokens = cognito.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=made["AppClient"],
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    refused = http.get(url)
    assert (refused.status_code, refused.content) == (401, b'{"message":"Unauthorized"}')
    in_header = http.get(url, headers={"authorization": tokens["AccessToken"]})
    assert in_header.status_code == 401
    answer = http.get(url, params={"access_token": tokens["AccessToken"]})
    assert (answer.status_code, answer.text) == (200, '"Hello from the $default route!"')
    elsewhere = http.post(f"{url}/any/path", params={"access_token": tokens["AccessToken"]})
    assert elsewhere.status_code == 200
    sekisho_server.client("cloudformation").delete_stack(StackName="b1-awsdocs-http-with-jwt-auth")
    assert sekisho_server.get("/_sekisho/endpoints") == []


@needs_node
def test_two_pools_and_scopes_that_a_token_lacks(sekisho_server: ServerProcess, http: httpx.Client) -> None:
    """The CDK's own integration test of user pool authorizers."""
    made = deploy(sekisho_server, "b5-cdk-http-user-pool-authorizer")
    code = "exports.handler = async (event) => ({ statusCode: 200, body: event.routeKey });"
    # In place of the CDK's upload of assets.
    sekisho_server.client("lambda").update_function_code(
        FunctionName=made["lambda8B5974B5"], ZipFile=archive(index__js=code)
    )
    cognito = sekisho_server.client("cognito-idp")
    tokens = {}
    for pool in ("userpool", "userpoolForDefaultAuthorizer"):
        (pool_id,) = (
            value for name, value in made.items() if name.startswith(pool) and len(name) == len(pool) + 8
        )
        (client_id,) = (
            value for name, value in made.items() if name.startswith(f"{pool}UserPoolAuthorizerClient")
        )
        add_user(cognito, pool_id)
        tokens[pool] = by_srp(cognito, pool_id, client_id)["AccessToken"]
    root = url_of(sekisho_server, made["MyHttpApi8AEAAC21"])
    scoped = f"{url_of(sekisho_server, made['MyHttpApiWithDefaultAuthorizerE08800A1'])}/v1/mything/1/2"

    def ask(url: str, token: str | None) -> tuple[int, str]:
        answer = http.get(url, headers={} if token is None else {"authorization": f"Bearer {token}"})
        return answer.status_code, answer.text

    own, other = tokens["userpool"], tokens["userpoolForDefaultAuthorizer"]
    unauthorized, forbidden = '{"message":"Unauthorized"}', '{"message":"Forbidden"}'
    assert ask(root, own) == (200, "GET /")
    assert ask(root, other) == (401, unauthorized)
    assert ask(root, None) == (401, unauthorized)
    assert ask(scoped, None) == (401, unauthorized)
    assert ask(scoped, own) == (401, unauthorized)
    assert ask(scoped, other) == (403, forbidden)
