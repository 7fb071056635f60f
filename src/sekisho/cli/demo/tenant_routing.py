"""The requests of an article on routing tenants: an ALB whose rules ask for the tenant's Cognito group.

https://blog.serverworks.co.jp/alb-jwt-tenant-routing (in Japanese). Besides the requests that it shows, this plays the
ones that tell more about the rules: an ID token, and a path that belongs to no tenant.
"""

import asyncio
import json
import shlex
from typing import Any

from sekisho.app import Server
from sekisho.cli.console import out
from sekisho.cli.demo.aws import aws_client
from sekisho.cli.demo.stage import PAGE_401, Answer, Stage
from sekisho.serve.deployment import Deployed
from sekisho.serve.sources import Source

PASSWORD = "YourPassword123!"
"""The article's."""


class TenantRouting:
    """Plays the article on a server where its stack is deployed."""

    def __init__(self, server: Server, stage: Stage, _source: Source, deployed: Deployed) -> None:
        self._server = server
        self._stage = stage
        (stack,) = deployed.stacks
        self._region = stack.region
        outputs = {output.key: output.value for output in stack.outputs}
        self._pool = outputs["UserPoolId"]
        self._app_client = outputs["UserPoolClientId"]
        self._alb = ""

    async def play(self) -> None:
        """Play every scene."""
        (listener,) = await self._server.endpoints()
        self._alb = listener.url
        self._set_the_stage()
        cognito = await asyncio.to_thread(aws_client, "cognito-idp", self._stage.server, self._region)
        await self._make_users(cognito)
        await self._without_token()
        await self._at_home(cognito, 3, "A")
        token = await self._at_home(cognito, 4, "B")
        await self._abroad(token)
        await self._id_token(cognito)
        await self._elsewhere()

    def _set_the_stage(self) -> None:
        stage = self._stage
        stage.scene(0, "What the commands below use; paste it into a shell to repeat them")
        stage.define("ALB", self._alb)
        stage.define("CA", str(self._server.ca_path))
        stage.define("USER_POOL_ID", self._pool)
        stage.define("CLIENT_ID", self._app_client)
        stage.command(f"export AWS_ENDPOINT_URL={stage.server} AWS_DEFAULT_REGION={self._region}")
        stage.command("export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any")

    def tell_more(self) -> None:
        """Say what can be tried now."""
        stage = self._stage
        out.print("\n[bold]It keeps running. Try more: let user A into tenant B too, and sign in again[/]")
        stage.command(
            "aws cognito-idp admin-add-user-to-group --user-pool-id $USER_POOL_ID --username userA"
            " --group-name tenant-B"
        )
        stage.command(f"sekisho status --url {stage.server}")
        out.print("Ctrl-C stops it and removes what it made.")

    # ------------------------------------------------------------ what the article shows

    async def _make_users(self, cognito: Any) -> None:
        self._stage.scene(1, "A user for each tenant, in the tenant's group")
        for tenant in "AB":
            await self._make_user(cognito, tenant)

    async def _make_user(self, cognito: Any, tenant: str) -> None:
        user = {"UserPoolId": self._pool, "Username": f"user{tenant}"}
        who = f"--user-pool-id {self._pool} --username user{tenant}"
        email = f"user{tenant}@example.com"
        await self._stage.call_aws(
            cognito,
            f"cognito-idp admin-create-user {who} --message-action SUPPRESS --user-attributes"
            f" Name=email,Value={email} Name=email_verified,Value=true",
            "admin_create_user",
            **user,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": email},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
        await self._stage.call_aws(
            cognito,
            f"cognito-idp admin-add-user-to-group {who} --group-name tenant-{tenant}",
            "admin_add_user_to_group",
            **user,
            GroupName=f"tenant-{tenant}",
        )
        await self._stage.call_aws(
            cognito,
            f"cognito-idp admin-set-user-password {who} --password {shlex.quote(PASSWORD)} --permanent",
            "admin_set_user_password",
            **user,
            Password=PASSWORD,
            Permanent=True,
        )

    async def _without_token(self) -> None:
        stage = self._stage
        stage.scene(2, "A request without a token")
        answer = await stage.get(f"{self._alb}/tenant-A/")
        stage.check(
            f"401 with the load balancer's own page, {len(answer.body)} bytes; no function was called",
            is_so=_is_refused(answer),
            otherwise=f"expected 401 and the {len(PAGE_401)} bytes of the article's page",
        )

    async def _at_home(self, cognito: Any, number: int, tenant: str) -> str:
        stage = self._stage
        stage.scene(number, f"The access token of tenant {tenant}'s user, on tenant {tenant}'s path")
        token = await self._sign_in(cognito, tenant, "AccessToken")
        answer = await stage.get(f"{self._alb}/tenant-{tenant}/", token=token)
        stage.check(
            f"200: cognito:groups names tenant-{tenant}, and tenant {tenant}'s function answers for the path /",
            is_so=_is_from(answer, tenant),
            otherwise=f"expected 200 and the JSON of tenant {tenant}'s function",
        )
        return token

    async def _abroad(self, token: str) -> None:
        stage = self._stage
        stage.scene(5, "The same token, on tenant A's path")
        url = f"{self._alb}/tenant-A/"
        answer = await stage.get(url, token=token)
        stage.check(
            "401: the token is genuine, and its groups are not the one that this rule asks for",
            is_so=_is_refused(answer),
            otherwise="expected 401 and the article's page",
        )
        why = await stage.explain(url, token)
        stage.check(
            "and this is the check that decided",
            is_so="JWTClaimValueInvalid" in why and "cognito:groups" in why,
            otherwise="expected the check of cognito:groups to have decided",
        )

    # ------------------------------------------------------------ what tells more about the rules

    async def _id_token(self, cognito: Any) -> None:
        stage = self._stage
        stage.scene(6, "The ID token of tenant A's user, on tenant A's path")
        token = await self._sign_in(cognito, "A", "IdToken")
        answer = await stage.get(f"{self._alb}/tenant-A/", token=token)
        stage.check(
            "200: the rule looks at claims, and nothing in it asks for token_use access",
            is_so=_is_from(answer, "A"),
            otherwise="expected 200 and the JSON of tenant A's function",
        )
        stage.note("The article uses access tokens only. To demand them, add a claim token_use to the rules.")

    async def _elsewhere(self) -> None:
        stage = self._stage
        stage.scene(7, "A path of no tenant")
        answer = await stage.get(f"{self._alb}/")
        stage.check(
            "403 from the default action: no rule has this path",
            is_so=(answer.status, answer.body) == (403, b"Forbidden"),
            otherwise="expected 403 Forbidden",
        )

    async def _sign_in(self, cognito: Any, tenant: str, token: str) -> str:
        return await self._stage.sign_in(cognito, self._app_client, f"user{tenant}", PASSWORD, token)


def _is_refused(answer: Answer) -> bool:
    return (answer.status, answer.body) == (401, PAGE_401)


def _is_from(answer: Answer, tenant: str) -> bool:
    return answer.status == 200 and json.loads(answer.body)["tenantId"] == f"tenant-{tenant}"
