"""User pools as the articles use them: the AWS command line, curl, SRP and token libraries that know nothing of us."""

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from botocore.exceptions import ClientError
from joserfc import jwt
from joserfc.jwk import KeySet
from oauthlib.oauth2 import BackendApplicationClient
from pycognito.aws_srp import AWSSRP
from pycognito.exceptions import ForceChangePasswordException
from requests_oauthlib import OAuth2Session
from tests.support.process import REGION, SEKISHO, ServerProcess

from sekisho.kernel.settings import inherited_environment

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("user-pools")]

PASSWORD = "YourPassword123!"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"


@dataclass
class Pool:
    """What the commands of the article made."""

    server: ServerProcess
    id: str
    client_id: str

    def sign_in(self, username: str) -> dict[str, str]:
        """Sign in as the article does."""
        output = self.server.aws_json(
            *("cognito-idp", "initiate-auth", "--auth-flow", "USER_PASSWORD_AUTH"),
            *("--client-id", self.client_id),
            *("--auth-parameters", f"USERNAME={username},PASSWORD={PASSWORD}"),
        )
        tokens: dict[str, str] = output["AuthenticationResult"]
        return tokens

    @property
    def issuer(self) -> str:
        return f"https://cognito-idp.{REGION}.amazonaws.com/{self.id}"

    def key_set(self) -> Any:
        return self.server.get(f"/{self.id}/.well-known/jwks.json")


@pytest.fixture(scope="module")
def pool(sekisho_server: ServerProcess) -> Pool:
    def aws(*arguments: str) -> Any:
        return sekisho_server.aws_json("cognito-idp", *arguments)

    pool_id = aws("create-user-pool", "--pool-name", "tenants")["UserPool"]["Id"]
    flows = ("ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
    client = aws(
        *("create-user-pool-client", "--user-pool-id", pool_id, "--client-name", "spa"),
        *("--explicit-auth-flows", *flows),
    )
    of_pool = ("--user-pool-id", pool_id)
    for letter in "AB":
        name = ("--username", f"user{letter}")
        group = ("--group-name", f"tenant-{letter}")
        mail = f"Name=email,Value=user{letter}@example.com"
        aws("create-group", *of_pool, *group)
        aws(
            *("admin-create-user", *of_pool, *name, "--message-action", "SUPPRESS"),
            *("--user-attributes", mail, "Name=email_verified,Value=true"),
        )
        aws("admin-add-user-to-group", *of_pool, *name, *group)
        aws("admin-set-user-password", *of_pool, *name, "--password", PASSWORD, "--permanent")
    return Pool(sekisho_server, pool_id, client["UserPoolClient"]["ClientId"])


def test_joserfc_accepts_the_tokens_through_the_key_set(pool: Pool) -> None:
    tokens = pool.sign_in("userA")
    keys = KeySet.import_key_set(pool.key_set())
    access = jwt.decode(tokens["AccessToken"], keys, algorithms=["RS256"]).claims
    assert access["iss"] == pool.issuer
    assert access["cognito:groups"] == ["tenant-A"]
    identity = jwt.decode(tokens["IdToken"], keys, algorithms=["RS256"]).claims
    assert identity["email_verified"] is True
    document = pool.server.get(f"/{pool.id}/.well-known/openid-configuration")
    assert document["issuer"] == pool.issuer


def test_a_load_balancer_lets_each_tenants_users_into_their_own(pool: Pool) -> None:
    """The rules of the article, its tokens and its answers; the functions stand elsewhere."""
    elbv2 = pool.server.client("elbv2")
    made = elbv2.create_load_balancer(Name="tenants", Subnets=["subnet-0a1b2c3d", "subnet-1a2b3c4d"])
    listener = elbv2.create_listener(
        LoadBalancerArn=made["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": CERTIFICATE}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403"}}],
    )["Listeners"][0]["ListenerArn"]
    for number, letter in enumerate("AB", 1):
        claim = {"Format": "string-array", "Name": "cognito:groups", "Values": [f"tenant-{letter}"]}
        guard = {
            "Issuer": pool.issuer,
            "JwksEndpoint": f"{pool.issuer}/.well-known/jwks.json",
            "AdditionalClaims": [claim],
        }
        answer = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": f"tenant {letter}"}
        elbv2.create_rule(
            ListenerArn=listener,
            Priority=number,
            Conditions=[{"Field": "path-pattern", "Values": [f"/tenant-{letter}/*"]}],
            Actions=[
                {"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": guard},
                {"Type": "fixed-response", "Order": 2, "FixedResponseConfig": answer},
            ],
        )
    url = pool.server.endpoint("alb-listener")["url"]
    tokens = {letter: pool.sign_in(f"user{letter}")["AccessToken"] for letter in "AB"}
    with pool.server.http() as http:
        assert http.get(f"{url}/tenant-A/").status_code == 401
        for path, letter, status in (("A", "A", 200), ("B", "B", 200), ("A", "B", 401), ("B", "A", 401)):
            headers = {"authorization": f"Bearer {tokens[letter]}"}
            got = http.get(f"{url}/tenant-{path}/", headers=headers)
            assert got.status_code == status, (path, letter)


def test_pycognito_changes_the_password_at_the_first_sign_in(pool: Pool) -> None:
    server = pool.server
    client = boto3.client(
        "cognito-idp",
        region_name=REGION,
        endpoint_url=server.url,
        aws_access_key_id="any",
        aws_secret_access_key="any",
    )
    client.admin_create_user(UserPoolId=pool.id, Username="new", TemporaryPassword="Temporary-1")

    def side(password: str) -> AWSSRP:
        return AWSSRP("new", password, pool.id, pool.client_id, client=client)

    first = side("Temporary-1")
    with pytest.raises(ForceChangePasswordException):
        first.authenticate_user()
    assert first.set_new_password_challenge("My-Own-Pass-1")["AuthenticationResult"]["AccessToken"]
    tokens = side("My-Own-Pass-1").authenticate_user()["AuthenticationResult"]
    assert client.get_user(AccessToken=tokens["AccessToken"])["Username"] == "new"
    with pytest.raises(client.exceptions.NotAuthorizedException, match="Incorrect username or password"):
        side("Temporary-1").authenticate_user()


def test_a_wrong_password_reads_as_it_does_at_aws(pool: Pool) -> None:
    done = pool.server.aws(
        *("cognito-idp", "initiate-auth", "--auth-flow", "USER_PASSWORD_AUTH", "--client-id", pool.client_id),
        *("--auth-parameters", "USERNAME=userA,PASSWORD=Wrong-Pass-1"),
    )
    assert done.returncode != 0
    assert done.stderr.strip() == (
        "An error occurred (NotAuthorizedException) when calling the InitiateAuth operation: "
        "Incorrect username or password."
    )


def test_the_outbox_shows_the_code_that_confirms_a_sign_up(pool: Pool) -> None:
    idp = pool.server.client("cognito-idp")
    other = idp.create_user_pool(PoolName="open", AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
    client_id = idp.create_user_pool_client(UserPoolId=other, ClientName="c")["UserPoolClient"]["ClientId"]
    mail = [{"Name": "email", "Value": "eve@example.com"}]
    idp.sign_up(ClientId=client_id, Username="eve", Password=PASSWORD, UserAttributes=mail)
    command = [SEKISHO, "outbox", "--url", pool.server.url, "--pool", other]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    (message,) = json.loads(done.stdout)
    assert (message["username"], message["destination"]) == ("eve", "eve@example.com")
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert message["code"] in shown
    idp.confirm_sign_up(ClientId=client_id, Username="eve", ConfirmationCode=message["code"])
    empty = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert empty.strip() == "no messages"


def test_each_refusal_reads_as_it_does_at_aws(pool: Pool) -> None:
    idp = pool.server.client("cognito-idp")
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

    def client(**params: Any) -> Any:
        made = idp.create_user_pool_client(
            UserPoolId=pool.id, ClientName="c", ExplicitAuthFlows=flows, **params
        )
        return made["UserPoolClient"]

    def sign_in(client_id: str, name: str = "userA", password: str = PASSWORD, **more: str) -> Any:
        parameters = {"USERNAME": name, "PASSWORD": password, **more}
        return idp.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)

    def refused(call: Callable[[], Any]) -> str:
        with pytest.raises(ClientError) as caught:
            call()
        error = caught.value.response["Error"]
        return f"{error['Code']}: {error['Message']}"

    hiding = client(PreventUserExistenceErrors="ENABLED")["ClientId"]
    secret = client(GenerateSecret=True)["ClientId"]
    incorrect = "NotAuthorizedException: Incorrect username or password."
    assert refused(lambda: sign_in(pool.client_id, "nobody")) == "UserNotFoundException: User does not exist."
    assert refused(lambda: sign_in(hiding, "nobody")) == incorrect
    assert refused(lambda: sign_in(secret)) == (
        f"NotAuthorizedException: Client {secret} is configured with secret but SECRET_HASH was not received"
    )
    assert refused(lambda: sign_in(secret, SECRET_HASH="d3Jvbmc=")) == (
        f"NotAuthorizedException: Unable to verify secret hash for client {secret}"
    )
    weak = {"UserPoolId": pool.id, "Username": "userA", "Password": "weak"}
    assert refused(lambda: idp.admin_set_user_password(**weak)) == (
        "InvalidPasswordException: Password did not conform with policy: Password not long enough"
    )
    token = sign_in(pool.client_id)["AuthenticationResult"]["RefreshToken"]
    idp.revoke_token(ClientId=pool.client_id, Token=token)
    again = {"ClientId": pool.client_id, "AuthFlow": "REFRESH_TOKEN_AUTH"}
    assert refused(lambda: idp.initiate_auth(**again, AuthParameters={"REFRESH_TOKEN": token})) == (
        "NotAuthorizedException: Refresh Token has been revoked"
    )
    idp.admin_create_user(UserPoolId=pool.id, Username="away", MessageAction="SUPPRESS")
    idp.admin_disable_user(UserPoolId=pool.id, Username="away")
    assert refused(lambda: sign_in(pool.client_id, "away")) == "NotAuthorizedException: User is disabled."


@pytest.fixture(scope="module")
def machine(pool: Pool) -> dict[str, str]:
    """The second article's resource server, domain and client."""
    aws = pool.server.aws_json
    of_pool = ("--user-pool-id", pool.id)
    scope = "ScopeName=read,ScopeDescription=Read"
    aws(
        "cognito-idp",
        "create-resource-server",
        *of_pool,
        "--identifier",
        "items",
        "--name",
        "i",
        "--scopes",
        scope,
    )
    aws("cognito-idp", "create-user-pool-domain", *of_pool, "--domain", "machines")
    made = aws(
        *("cognito-idp", "create-user-pool-client", *of_pool, "--client-name", "m", "--generate-secret"),
        *("--allowed-o-auth-flows", "client_credentials", "--allowed-o-auth-scopes", "items/read"),
        "--allowed-o-auth-flows-user-pool-client",
    )["UserPoolClient"]
    url = pool.server.endpoint("user-pool")["url"]
    return {"id": made["ClientId"], "secret": made["ClientSecret"], "url": f"{url}/oauth2/token"}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_gets_a_token_as_in_the_article(pool: Pool, machine: dict[str, str]) -> None:
    code = base64.b64encode(f"{machine['id']}:{machine['secret']}".encode()).decode()
    done = subprocess.run(
        [
            *("curl", "--silent", "--noproxy", "*", "-X", "POST", machine["url"]),
            *("-H", f"Authorization: Basic {code}"),
            *("-H", "Content-Type: application/x-www-form-urlencoded"),
            *("-d", "grant_type=client_credentials"),
            *("-d", f"client_id={machine['id']}"),
        ],
        capture_output=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert (answer["expires_in"], answer["token_type"]) == (3600, "Bearer")
    claims = jwt.decode(
        answer["access_token"], KeySet.import_key_set(pool.key_set()), algorithms=["RS256"]
    ).claims
    assert (claims["scope"], claims["sub"]) == ("items/read", machine["id"])


def test_oauth_libraries_get_tokens(machine: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # it knows no loopback
    with AuthlibSession(machine["id"], machine["secret"]) as client:
        client.trust_env = False
        assert client.fetch_token(machine["url"], grant_type="client_credentials")["access_token"]
    with OAuth2Session(client=BackendApplicationClient(machine["id"])) as session:
        session.trust_env = False
        token = session.fetch_token(
            machine["url"], client_id=machine["id"], client_secret=machine["secret"], scope=["items/read"]
        )
    assert token["access_token"]


def test_the_domains_host_names_lead_to_it(pool: Pool, machine: dict[str, str]) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": machine["id"],
        "client_secret": machine["secret"],
    }
    for host in ("machines.auth.localhost", f"machines.auth.{REGION}.amazoncognito.com"):
        answer = httpx.post(
            f"{pool.server.url}/oauth2/token", data=form, headers={"host": host}, trust_env=False
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json;charset=UTF-8"
        assert answer.headers["x-amz-cognito-request-id"]
    unknown = {"host": "nobody.auth.localhost"}
    answer = httpx.post(f"{pool.server.url}/oauth2/token", data=form, headers=unknown, trust_env=False)
    assert answer.status_code == 404


VERIFY = """
import { CognitoJwtVerifier } from "aws-jwt-verify";
const { pool, client, keys, access, id } = JSON.parse(process.env.CASE);
for (const [tokenUse, token] of [["access", access], ["id", id]]) {
  const verifier = CognitoJwtVerifier.create({ userPoolId: pool, tokenUse, clientId: client });
  verifier.cacheJwks(keys);
  const claims = await verifier.verify(token);
  if (claims.token_use !== tokenUse) throw new Error("wrong claims");
  await verifier.verify(tokenUse === "id" ? access : id).then(
    () => { throw new Error("the other token passed"); }, () => undefined);
}
console.log("accepted");
"""


def test_the_verifier_of_aws_accepts_the_tokens(pool: Pool, tmp_path: Path) -> None:
    """``aws-jwt-verify``, which AWS publishes for this, with the keys that the pool publishes."""
    environment = inherited_environment()
    if shutil.which("node") is None or shutil.which("npm") is None:
        assert "CI" not in environment, "CI has Node.js"
        pytest.skip("Node.js is not installed")
    install = ["npm", "install", "--no-audit", "--no-fund", "--silent", "aws-jwt-verify@5"]
    installed = subprocess.run(install, cwd=tmp_path, capture_output=True, text=True, check=False)
    if installed.returncode != 0 and "CI" not in environment:
        pytest.skip(f"aws-jwt-verify cannot be installed: {installed.stderr[-200:]}")
    assert installed.returncode == 0, installed.stderr
    (tmp_path / "verify.mjs").write_text(VERIFY)
    tokens = pool.sign_in("userA")
    case = {
        "pool": pool.id,
        "client": pool.client_id,
        "keys": pool.key_set(),
        "access": tokens["AccessToken"],
        "id": tokens["IdToken"],
    }
    done = subprocess.run(
        ["node", "verify.mjs"],
        cwd=tmp_path,
        env={**environment, "CASE": json.dumps(case)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "accepted", done.stderr
