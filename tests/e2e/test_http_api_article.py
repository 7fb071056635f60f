"""The article on the client credentials grant with an HTTP API, typed in an empty server: AWS CLI, curl, a function.

Its console screens are the commands here; its ``curl`` commands run as they are printed.
"""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session
from tests.support.functions import ROLE, archive
from tests.support.process import REGION, ServerProcess

from sekisho.cli.demo.examples import find_example
from sekisho.kernel.settings import inherited_environment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("http-api-article"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
]

HANDLERS = find_example("http-api") / "handler"
UNAUTHORIZED = (401, {"message": "Unauthorized"})
PASSWORD = "Correct-horse-1"

# The article's machine has a base64 that does not break lines, and its reader sees the status.
SHELL = """
base64() { command base64 | tr -d '\\n'; }
curl() { command curl --silent --noproxy '*' --write-out '\\n%{http_code}' "$@"; }
"""
TOKEN_REQUEST = """
CODE=`echo -n ${APP_CLIENT_ID}:${CLIENT_SECRET} | base64`
curl -X POST ${TOKEN_END_POINT}/oauth2/token \\
-H "Authorization: Basic $CODE" \\
-H "Content-Type: application/x-www-form-urlencoded" \\
-d "grant_type=client_credentials" \\
-d "client_id=${APP_CLIENT_ID}"
"""
API_REQUEST = 'curl ${API_GATEWAY_URL}${API_GATEWAY_PATH} -H "Authorization:$ACCESS_TOKEN"\n'
OPEN_REQUEST = "curl ${API_GATEWAY_URL}${API_GATEWAY_PATH}\n"


def run(script: str, **variables: str) -> tuple[int, Any]:
    """Run a command of the article with its variables; return the status and the JSON of the answer."""
    done = subprocess.run(
        ["bash", "-c", SHELL + script],
        env={**inherited_environment(), **variables},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


@dataclass(frozen=True)
class Client:
    """An app client, as the console shows it."""

    id: str
    secret: str


@dataclass
class Pool:
    """A user pool with a domain, a resource server and a client for each of its scopes."""

    server: ServerProcess
    id: str = ""
    token_endpoint: str = ""

    def __post_init__(self) -> None:
        aws = self.server.aws_json
        pool = aws("cognito-idp", "create-user-pool", "--pool-name", "machines")["UserPool"]
        self.id = pool["Id"]
        of_pool = ("--user-pool-id", self.id)
        aws(
            *("cognito-idp", "create-resource-server", *of_pool, "--identifier", "items", "--name", "items"),
            *("--scopes", "ScopeName=read,ScopeDescription=Read", "ScopeName=write,ScopeDescription=Write"),
        )
        aws("cognito-idp", "create-user-pool-domain", *of_pool, "--domain", "machines")
        urls = {one["arn"]: one["url"] for one in self.server.get("/_sekisho/endpoints")}
        self.token_endpoint = urls[pool["Arn"]]
        self.reader = self._add_client("reader", "items/read")
        self.writer = self._add_client("writer", "items/write")

    @property
    def issuer(self) -> str:
        return f"https://cognito-idp.{REGION}.amazonaws.com/{self.id}"

    def token(self, client: Client) -> str:
        """Run the article's first command."""
        status, answer = run(
            TOKEN_REQUEST,
            APP_CLIENT_ID=client.id,
            CLIENT_SECRET=client.secret,
            TOKEN_END_POINT=self.token_endpoint,
        )
        assert (status, answer["expires_in"], answer["token_type"]) == (200, 3600, "Bearer")
        return str(answer["access_token"])

    def _add_client(self, name: str, scope: str) -> Client:
        made = self.server.aws_json(
            *("cognito-idp", "create-user-pool-client", "--user-pool-id", self.id, "--client-name", name),
            *("--generate-secret", "--allowed-o-auth-flows", "client_credentials"),
            *("--allowed-o-auth-scopes", scope, "--allowed-o-auth-flows-user-pool-client"),
        )["UserPoolClient"]
        return Client(made["ClientId"], made["ClientSecret"])


@dataclass
class HttpApi:
    """An API with a stage that deploys what is added."""

    server: ServerProcess
    id: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        aws = self.server.aws_json
        api = aws("apigatewayv2", "create-api", "--name", "test-api", "--protocol-type", "HTTP")
        self.id = api["ApiId"]
        assert api["ApiEndpoint"] == f"https://{self.id}.execute-api.{REGION}.amazonaws.com"
        self.of("create-stage", "--stage-name", "$default", "--auto-deploy")
        arn = f"arn:aws:apigateway:{REGION}::/apis/{self.id}"
        urls = {one["arn"]: one["url"] for one in self.server.get("/_sekisho/endpoints")}
        self.url = urls[arn]

    def of(self, command: str, *arguments: str) -> Any:
        """Run a command of ``aws apigatewayv2`` for this API."""
        return self.server.aws_json("apigatewayv2", command, "--api-id", self.id, *arguments)

    def integrate(self, function_arn: str) -> str:
        """Return the target of a new integration with a function."""
        made = self.of(
            *("create-integration", "--integration-type", "AWS_PROXY"),
            *("--integration-uri", function_arn, "--payload-format-version", "2.0"),
        )
        return f"integrations/{made['IntegrationId']}"

    def add_route(self, key: str, target: str, *more: str) -> str:
        return str(self.of("create-route", "--route-key", key, "--target", target, *more)["RouteId"])

    def allow(self, function_arn: str, path: str) -> None:
        """Let the API call a function for a path, as the console does by itself."""
        source = f"arn:aws:execute-api:{REGION}:{function_arn.split(':')[4]}:{self.id}/*/*{path}"
        self.server.aws_json(
            *("lambda", "add-permission", "--function-name", function_arn),
            *("--statement-id", path.strip("/").replace("/", "-"), "--action", "lambda:InvokeFunction"),
            *("--principal", "apigateway.amazonaws.com", "--source-arn", source),
        )

    def call(self, token: str, path: str = "/test_jwt") -> tuple[int, Any]:
        """Run the article's second command."""
        return run(API_REQUEST, API_GATEWAY_URL=self.url, API_GATEWAY_PATH=path, ACCESS_TOKEN=token)

    def call_openly(self, path: str = "/test_jwt") -> tuple[int, Any]:
        """Run it without the header."""
        return run(OPEN_REQUEST, API_GATEWAY_URL=self.url, API_GATEWAY_PATH=path)


@dataclass(frozen=True)
class Article:
    """What the article's steps made."""

    pool: Pool
    api: HttpApi
    function_arn: str
    target: str
    guard: tuple[str, ...]


def make_function(server: ServerProcess, folder: Path, name: str, runtime: str, **files: str) -> str:
    code = folder / "code.zip"
    code.write_bytes(archive(**files))
    made = server.aws_json(
        *("lambda", "create-function", "--function-name", name, "--runtime", runtime),
        *("--handler", "index.handler", "--role", ROLE, "--zip-file", f"fileb://{code}"),
    )
    return str(made["FunctionArn"])


@pytest.fixture(scope="module")
def article(sekisho_server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> Article:
    """Follow the article, and look at each answer that it shows on the way."""
    pool = Pool(sekisho_server)
    source = (HANDLERS / "python/index.py").read_text()
    folder = tmp_path_factory.mktemp("function")
    function_arn = make_function(sekisho_server, folder, "test_jwt", "python3.13", index__py=source)
    api = HttpApi(sekisho_server)
    target = api.integrate(function_arn)
    route_id = api.add_route("ANY /test_jwt", target)
    assert api.call_openly() == (500, {"message": "Internal Server Error"}), "nothing may call the function"
    api.allow(function_arn, "/test_jwt")
    status, event = api.call_openly()
    assert (status, event["version"], event["rawPath"]) == (200, "2.0", "/test_jwt")
    assert "authorizer" not in event["requestContext"]
    guard = protect(api, pool, route_id)
    return Article(pool, api, function_arn, target, guard)


def protect(api: HttpApi, pool: Pool, route_id: str) -> tuple[str, ...]:
    """Put an authorizer before the route, first for one client, then for both; return how routes name it."""
    authorizer_id = api.of(
        *("create-authorizer", "--name", "authorizer-name", "--authorizer-type", "JWT"),
        *("--identity-source", "$request.header.Authorization"),
        *("--jwt-configuration", f"Audience={pool.reader.id},Issuer={pool.issuer}"),
    )["AuthorizerId"]
    guard = ("--authorization-type", "JWT", "--authorizer-id", str(authorizer_id))
    api.of("update-route", "--route-id", route_id, *guard)
    assert api.call(pool.token(pool.writer)) == UNAUTHORIZED, "not yet among the audience"
    both = {"Audience": [pool.reader.id, pool.writer.id], "Issuer": pool.issuer}
    api.of(*("update-authorizer", "--authorizer-id", authorizer_id, "--jwt-configuration", json.dumps(both)))
    return guard


def test_without_a_token_it_is_401(article: Article) -> None:
    assert article.api.call_openly() == UNAUTHORIZED


def test_a_token_of_the_first_client_shows_its_claims(article: Article) -> None:
    pool = article.pool
    token = pool.token(pool.reader)
    status, event = article.api.call(token)
    assert status == 200
    assert event["headers"]["authorization"] == token
    jwt = event["requestContext"]["authorizer"]["jwt"]
    claims = jwt["claims"]
    assert claims["client_id"] == claims["sub"] == pool.reader.id
    assert (claims["iss"], claims["scope"], claims["token_use"]) == (pool.issuer, "items/read", "access")
    assert int(claims["exp"]) - int(claims["iat"]) == 3600
    assert jwt["scopes"] is None


def test_a_token_of_the_second_client_has_its_own_scope(article: Article) -> None:
    pool = article.pool
    status, event = article.api.call(pool.token(pool.writer))
    assert status == 200
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    assert (claims["client_id"], claims["scope"]) == (pool.writer.id, "items/write")


def test_a_scope_of_a_route_lets_the_second_client_in_only(article: Article) -> None:
    path, api, pool = "/test_jwt/write", article.api, article.pool
    api.add_route(f"GET {path}", article.target, *article.guard, "--authorization-scopes", "items/write")
    api.allow(article.function_arn, path)
    assert api.call_openly(path) == UNAUTHORIZED
    assert api.call(pool.token(pool.reader), path) == (403, {"message": "Forbidden"})
    status, event = api.call(pool.token(pool.writer), path)
    assert status == 200
    assert event["requestContext"]["authorizer"]["jwt"]["scopes"] == ["items/write"]


def test_the_articles_own_handler(article: Article, tmp_path: Path) -> None:
    """The function in Node.js, behind a route of its own."""
    if shutil.which("node") is None:
        assert "CI" not in inherited_environment(), "CI has Node.js"
        pytest.skip("Node.js is not installed")
    source = (HANDLERS / "node/index.js").read_text()
    api, pool = article.api, article.pool
    function_arn = make_function(api.server, tmp_path, "test_jwt_node", "nodejs22.x", index__js=source)
    api.add_route("ANY /node", api.integrate(function_arn), *article.guard)
    api.allow(function_arn, "/node")
    status, event = api.call(pool.token(pool.reader), "/node")
    assert (status, event["routeKey"]) == (200, "ANY /node")
    assert event["requestContext"]["authorizer"]["jwt"]["claims"]["client_id"] == pool.reader.id


def test_oauth_libraries_reach_the_api(article: Article, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # it knows no loopback
    reader, url = article.pool.reader, f"{article.api.url}/test_jwt"
    token_url = f"{article.pool.token_endpoint}/oauth2/token"
    with AuthlibSession(reader.id, reader.secret) as client:
        client.trust_env = False
        client.fetch_token(token_url, grant_type="client_credentials")
        assert client.get(url).status_code == 200
    with OAuth2Session(client=BackendApplicationClient(reader.id)) as session:
        session.trust_env = False
        session.fetch_token(token_url, client_id=reader.id, client_secret=reader.secret)
        assert session.get(url).status_code == 200


@pytest.fixture(scope="module")
def person(article: Article) -> dict[str, str]:
    """The tokens of a user whom boto3 signs in, and a route ``/test_jwt/people`` for that client."""
    pool, api = article.pool, article.api
    cognito: Any = boto3.client(
        "cognito-idp",
        region_name=REGION,
        endpoint_url=api.server.url,
        aws_access_key_id="any",
        aws_secret_access_key="any",
    )
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool.id, ClientName="people", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    user = {"UserPoolId": pool.id, "Username": "someone"}
    cognito.admin_create_user(**user, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
    gateway = api.server.client("apigatewayv2")
    authorizer = gateway.create_authorizer(
        ApiId=api.id,
        Name="people",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": [client_id], "Issuer": pool.issuer},
    )
    gateway.create_route(
        ApiId=api.id,
        RouteKey="GET /test_jwt/people",
        Target=article.target,
        AuthorizationType="JWT",
        AuthorizerId=authorizer["AuthorizerId"],
    )
    api.allow(article.function_arn, "/test_jwt/people")
    signed_in = cognito.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": "someone", "PASSWORD": PASSWORD},
    )
    return dict(signed_in["AuthenticationResult"])


@pytest.mark.parametrize(("name", "use"), [("AccessToken", "access"), ("IdToken", "id")])
def test_a_user_signs_in_with_boto3_and_reaches_the_api(
    article: Article, person: dict[str, str], name: str, use: str
) -> None:
    """An ID token names the client as its audience, an access token in ``client_id``; either is accepted."""
    answer = httpx.get(
        f"{article.api.url}/test_jwt/people",
        headers={"authorization": f"Bearer {person[name]}"},
        timeout=20,
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["requestContext"]["authorizer"]["jwt"]["claims"]["token_use"] == use
