"""The article on tenant routing: what it builds, its users and its requests, from a shell and with boto3."""

import io
import json
import os
import re
import shutil
import subprocess
import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from tests.support.process import CREDENTIALS, SCRIPTS, ServerProcess

from sekisho.kernel.settings import inherited_environment

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "tenant-routing"
REGION = "ap-northeast-1"
PASSWORD = "YourPassword123!"
HAS_NODE = shutil.which("node") is not None

_SCRIPTS = ROOT / "tests" / "e2e" / "tenant_routing"
_LOCK = threading.Lock()
_SESSION: Any = boto3.session.Session(region_name=REGION)
_ANSWER = re.compile(rb"(.*?)\n== (\d{3})\n", re.DOTALL)


@dataclass(frozen=True)
class Tenants:
    """The article's system on a server."""

    server: ServerProcess
    pool: str
    app_client: str

    @property
    def alb(self) -> str:
        """Return the load balancer's URL."""
        return str(self.server.endpoint("alb-listener")["url"])

    def run(self, script: str, folder: Path) -> bytes:
        """Run one of the article's scripts and return what it prints."""
        given = {"USER_POOL_ID": self.pool, "CLIENT_ID": self.app_client, "ALB": self.alb}
        return run_script(self.server, script, folder, given)

    def requests(self, folder: Path) -> list[tuple[int, bytes]]:
        """Send the article's requests as it does; return status and body of each answer."""
        printed = self.run("requests.sh", folder)
        return [(int(status), body) for body, status in _ANSWER.findall(printed)]

    def token(self, username: str, kind: str = "AccessToken") -> str:
        """Sign in with boto3."""
        answer = client_of(self.server, "cognito-idp").initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.app_client,
            AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD},
        )
        return str(answer["AuthenticationResult"][kind])

    def get(self, path: str, token: str | None = None) -> tuple[int, bytes]:
        """Send one request."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        with self.server.http() as http:
            answer = http.get(f"{self.alb}{path}", headers=headers)
        return answer.status_code, answer.content


def run_script(server: ServerProcess, script: str, folder: Path, given: dict[str, str]) -> bytes:
    """Run a script of the article's commands; answers of curl end with a line ``== <status>``.

    The commands find the server by ``AWS_ENDPOINT_URL`` only.
    """
    (folder / ".curlrc").write_text('silent\nwrite-out = "\\n== %{http_code}\\n"\n')
    environment = inherited_environment()
    environment = {name: value for name, value in environment.items() if not name.lower().endswith("_proxy")}
    environment |= CREDENTIALS | given
    environment |= {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_PAGER": "",
        "AWS_CONFIG_FILE": str(folder / "none"),
        "CURL_HOME": str(folder),
        "PATH": f"{SCRIPTS}{os.pathsep}{environment['PATH']}",
    }
    done = subprocess.run(
        ["bash", str(_SCRIPTS / script)],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def client_of(server: ServerProcess, service: str) -> Any:
    """Return a boto3 client of the article's region; it keeps no connection, so nothing is left to close."""
    with _LOCK:  # sessions are not safe to use from several threads
        client = _SESSION.client(
            service,
            endpoint_url=server.url,
            aws_access_key_id="any",
            aws_secret_access_key="any",
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )
    client.meta.events.register("before-send", _ask_to_close)
    return client


def _ask_to_close(request: Any, **_event: Any) -> None:
    request.headers["Connection"] = "close"


def archive(node: bool) -> bytes:
    """Return a zip archive with the example's handler."""
    file = EXAMPLE / "handler" / ("node/index.mjs" if node else "python/index.py")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        opened.write(file, file.name)
    return buffer.getvalue()


def from_console(server: ServerProcess, folder: Path) -> Tenants:
    """Build the system with the AWS command line; the functions run in Node.js where that is here."""
    (folder / "function.zip").write_bytes(archive(HAS_NODE))
    runtime = "nodejs22.x" if HAS_NODE else "python3.13"
    given = {"ARCHIVE": str(folder / "function.zip"), "RUNTIME": runtime}
    pool, app_client = run_script(server, "console.sh", folder, given).split()[-2:]
    return Tenants(server, pool.decode(), app_client.decode())


def from_stack(server: ServerProcess) -> Tenants:
    """Return the system that ``sekisho up`` has deployed."""
    (stack,) = server.said["stacks"]
    return Tenants(server, stack["outputs"]["UserPoolId"], stack["outputs"]["UserPoolClientId"])


def from_boto3(server: ServerProcess) -> Tenants:
    """Build the system with boto3; the functions are written in Python."""
    cognito, elbv2 = client_of(server, "cognito-idp"), client_of(server, "elbv2")
    pool = cognito.create_user_pool(PoolName="tenants")["UserPool"]["Id"]
    app_client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="spa",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    balancer = elbv2.create_load_balancer(Name="tenants", Subnets=["subnet-0a1b2c3d", "subnet-1a2b3c4d"])
    listener = elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": f"arn:aws:acm:{REGION}:123456789012:certificate/x"}],
        DefaultActions=[
            {
                "Type": "fixed-response",
                "FixedResponseConfig": {
                    "StatusCode": "403",
                    "ContentType": "text/plain",
                    "MessageBody": "Forbidden",
                },
            }
        ],
    )["Listeners"][0]["ListenerArn"]
    for priority, group in ((10, "tenant-A"), (20, "tenant-B")):
        cognito.create_group(UserPoolId=pool, GroupName=group)
        target_group = make_function_target(server, group, archive(node=False), "python3.13")
        add_rule(elbv2, listener, priority, group, pool, target_group)
    return Tenants(server, pool, app_client)


def make_function_target(server: ServerProcess, name: str, code: bytes, runtime: str, **settings: Any) -> str:
    """Make a function and a target group with it in, both of that name; return the target group's ARN."""
    functions, elbv2 = client_of(server, "lambda"), client_of(server, "elbv2")
    function = functions.create_function(
        FunctionName=name,
        Runtime=runtime,
        Handler="index.handler",
        Role="arn:aws:iam::123456789012:role/tenant",
        Code={"ZipFile": code},
        Environment={"Variables": {"TENANT_ID": name}},
        **settings,
    )["FunctionArn"]
    made = elbv2.create_target_group(Name=name, TargetType="lambda")
    group = str(made["TargetGroups"][0]["TargetGroupArn"])
    functions.add_permission(
        FunctionName=name,
        StatementId="load-balancer",
        Action="lambda:InvokeFunction",
        Principal="elasticloadbalancing.amazonaws.com",
        SourceArn=group,
    )
    elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": function}])
    return group


def add_rule(elbv2: Any, listener: str, priority: int, group: str, pool: str, target_group: str) -> None:
    """Send a path to a target group, for users of a group only."""
    issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{pool}"
    claim = {"Format": "string-array", "Name": "cognito:groups", "Values": [group]}
    config = {
        "Issuer": issuer,
        "JwksEndpoint": f"{issuer}/.well-known/jwks.json",
        "AdditionalClaims": [claim],
    }
    rewrite = {"Regex": f"^/{group}/(.*)$", "Replace": "/$1"}
    elbv2.create_rule(
        ListenerArn=listener,
        Priority=priority,
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": [f"/{group}/*"]}}],
        Actions=[
            {"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": config},
            {"Type": "forward", "Order": 2, "TargetGroupArn": target_group},
        ],
        Transforms=[{"Type": "url-rewrite", "UrlRewriteConfig": {"Rewrites": [rewrite]}}],
    )


def make_users(tenants: Tenants) -> None:
    """Make the article's users with boto3."""
    cognito = client_of(tenants.server, "cognito-idp")
    for tenant in "AB":
        user = {"UserPoolId": tenants.pool, "Username": f"user{tenant}"}
        email = {"Name": "email", "Value": f"user{tenant}@example.com"}
        cognito.admin_create_user(**user, UserAttributes=[email], MessageAction="SUPPRESS")
        cognito.admin_add_user_to_group(**user, GroupName=f"tenant-{tenant}")
        cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)


def message(tenant: str) -> bytes:
    """Return what a tenant's function answers, byte by byte as in the article."""
    text = {"message": "Hello from Hono on Lambda!", "tenantId": f"tenant-{tenant}"}
    return json.dumps(text, separators=(",", ":")).encode()
