"""Users of a tenant reach the tenant's function and no other: the article's commands and answers."""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.process import SEKISHO, ServerProcess, running, until
from tests.support.tenants import (
    EXAMPLE,
    HAS_NODE,
    PASSWORD,
    REGION,
    Tenants,
    from_boto3,
    from_console,
    from_stack,
    make_users,
    message,
)

from sekisho.app import Server
from sekisho.cli.progress import DeploymentProgress
from sekisho.kernel.settings import Settings
from sekisho.serve.sources import load_source

pytestmark = pytest.mark.slow

needs_curl = pytest.mark.skipif(
    shutil.which("curl") is None, reason="the article uses curl, which is not here"
)

PAGE_401 = (
    b"<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n"
    b"<center><h1>401 Authorization Required</h1></center>\r\n</body>\r\n</html>\r\n"
)
ARTICLE = [(401, PAGE_401), (200, message("A")), (200, message("B")), (401, PAGE_401)]
"""No header; user A at home; user B at home; user B on tenant A's path."""


def play(tenants: Tenants) -> list[tuple[int, bytes]]:
    """Send the article's requests with tokens that boto3 gets."""
    return [
        tenants.get("/tenant-A/"),
        tenants.get("/tenant-A/", tenants.token("userA")),
        tenants.get("/tenant-B/", tenants.token("userB")),
        tenants.get("/tenant-A/", tenants.token("userB")),
    ]


@needs_curl
def test_the_articles_commands_on_an_empty_server(sekisho_server: ServerProcess, tmp_path: Path) -> None:
    tenants = from_console(sekisho_server, tmp_path)
    tenants.run("users.sh", tmp_path)
    assert tenants.requests(tmp_path) == ARTICLE
    assert tenants.get("/") == (403, b"Forbidden")


def test_the_same_with_boto3() -> None:
    with running("serve", "--ephemeral", "--port", "0") as server:
        tenants = from_boto3(server)
        make_users(tenants)
        assert play(tenants) == ARTICLE
        assert tenants.get("/tenant-A/", tenants.token("userA", "IdToken")) == (200, message("A"))


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenants]:
    """The committed template, as the example's README runs it, with the article's users."""
    with running("up", str(EXAMPLE), "--ephemeral", "--port", "0") as server:
        tenants = from_stack(server)
        tenants.run("users.sh", tmp_path_factory.mktemp("users"))
        yield tenants


@needs_curl
def test_the_articles_commands_on_the_template(deployed: Tenants, tmp_path: Path) -> None:
    assert deployed.requests(tmp_path) == ARTICLE
    assert deployed.get("/") == (403, b"Forbidden")
    assert deployed.server.said["diagnostics"] == []


@pytest.mark.skipif(not HAS_NODE, reason="the article's handler needs Node.js, which is not here")
def test_the_articles_own_handler(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "example")
    project = tmp_path / "example" / "sekisho.yaml"
    text = project.read_text()
    project.write_text(text.replace("stack: TenantRouting ", "stack: TenantRoutingNode "))
    assert project.read_text() != text
    with running("up", str(tmp_path / "example"), "--ephemeral", "--port", "0") as server:
        tenants = from_stack(server)
        make_users(tenants)
        assert play(tenants) == ARTICLE


def test_a_user_of_both_groups_reaches_both_tenants(deployed: Tenants) -> None:
    cognito = deployed.server.client("cognito-idp", REGION)
    user = {"UserPoolId": deployed.pool, "Username": "both"}
    cognito.admin_create_user(**user, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
    for tenant in "AB":
        assert deployed.get(f"/tenant-{tenant}/", deployed.token("both"))[0] == 401
        cognito.admin_add_user_to_group(**user, GroupName=f"tenant-{tenant}")
    token = deployed.token("both")
    assert [deployed.get(f"/tenant-{tenant}/", token) for tenant in "AB"] == [
        (200, message("A")),
        (200, message("B")),
    ]


def explain(tenants: Tenants, path: str, token: str) -> tuple[int, dict[str, Any]]:
    """Return the exit status of the command and what it says."""
    port = tenants.server.url.rpartition(":")[2]
    command = [SEKISHO, "explain", f"{tenants.alb}{path}", "--token", "-", "--port", port, "--json"]
    done = subprocess.run(
        command, input=f"{token}\n", capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.semantics("TOKEN-16")
@pytest.mark.parametrize("kind", ["AccessToken", "IdToken"])
def test_explain_says_which_check_decided(deployed: Tenants, kind: str) -> None:
    token = deployed.token("userA", kind)
    status, explained = explain(deployed, "/tenant-A/", token)
    assert (status, explained["decision"]) == (0, "allow")
    assert all(check["ok"] for check in explained["checks"])
    assert explained["edge"]["agrees"]
    status, explained = explain(deployed, "/tenant-B/", token)
    assert (status, explained["decision"], explained["reason"]) == (1, "deny", "JWTClaimValueInvalid")
    assert explained["checks"][-1]["id"] == "ALB-JWT-23"
    assert explained["checks"][-1]["detail"].endswith('found ["tenant-A"]')
    assert explained["edge"] == {"status": 401, "reason": "JWTClaimValueInvalid", "agrees": True}
    assert deployed.get("/tenant-A/", token) == (200, message("A"))
    assert deployed.get("/tenant-B/", token) == (401, PAGE_401)


def test_the_decisions_are_recorded() -> None:
    async def scenario() -> None:
        async with Server(Settings(ephemeral=True, port=0)) as server:
            deployed = await server.deployer.deploy([load_source(EXAMPLE)], DeploymentProgress())
            outputs = {output.key: output.value for output in deployed.stacks[0].outputs}
            user = {"UserPoolId": outputs["UserPoolId"], "Username": "userA"}

            async def cognito(operation: str, **params: Any) -> dict[str, Any]:
                return await server.control.call("cognito-idp", operation, params, REGION)

            await cognito("AdminCreateUser", **user, MessageAction="SUPPRESS")
            await cognito("AdminSetUserPassword", **user, Password=PASSWORD, Permanent=True)
            await cognito("AdminAddUserToGroup", **user, GroupName="tenant-A")
            answer = await cognito(
                "InitiateAuth",
                AuthFlow="USER_PASSWORD_AUTH",
                ClientId=outputs["UserPoolClientId"],
                AuthParameters={"USERNAME": "userA", "PASSWORD": PASSWORD},
            )
            token = answer["AuthenticationResult"]["IdToken"]
            (listener,) = await server.endpoints()
            headers = {"authorization": f"Bearer {token}"}
            async with httpx.AsyncClient(verify=False, trust_env=False) as http:
                for path in ("/tenant-A/", "/tenant-B/", "/elsewhere"):
                    await http.get(f"{listener.url}{path}", headers=headers)
            await asyncio.to_thread(until, lambda: len(server.envoy.decisions.recent) == 3, 10)
            at_home, abroad, elsewhere = server.envoy.decisions.recent
            assert (at_home.path, at_home.status, at_home.reason, at_home.policy_status) == (
                "/tenant-A/",
                200,
                "",
                200,
            )
            assert (abroad.status, abroad.reason, abroad.policy_status) == (401, "JWTClaimValueInvalid", 401)
            assert abroad.issuer == outputs["JwtIssuer"]
            assert abroad.subject == at_home.subject != ""
            assert at_home.rule != abroad.rule
            assert (elsewhere.status, elsewhere.reason, elsewhere.policy_status) == (403, "", 0)

    asyncio.run(scenario())


def test_the_demo_ends_with_status_0(tmp_path: Path) -> None:
    done = subprocess.run(
        [SEKISHO, "demo", "tenant-routing", "--exit"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    statuses = [int(status) for status in re.findall(r"^  HTTP (\d+)", done.stdout, re.MULTILINE)]
    assert statuses == [401, 200, 200, 401, 200, 403]
    assert done.stdout.count("✓") == 7
    assert "✗" not in done.stdout
    assert not re.search(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", done.stdout + done.stderr), "a whole token was printed"
    assert list(tmp_path.iterdir()) == []
