"""The requests of an article on the client credentials grant with an HTTP API's JWT authorizer and a user pool.

Besides the article's requests, and those of its supplement on scopes and a second client, this plays a token of a
client that is not among the audience.
"""

import asyncio
import json
from typing import Any

from sekisho.app import Server
from sekisho.cli.console import out
from sekisho.cli.demo.aws import aws_client
from sekisho.cli.demo.stage import Answer, Credentials, Stage
from sekisho.serve.deployment import Deployed
from sekisho.serve.sources import Source


class HttpApi:
    """Plays the article on a server where its stack is deployed."""

    def __init__(self, server: Server, stage: Stage, _source: Source, deployed: Deployed) -> None:
        self._server = server
        self._stage = stage
        (stack,) = deployed.stacks
        self._region = stack.region
        outputs = {output.key: output.value for output in stack.outputs}
        self._pool = outputs["UserPoolId"]
        self._reader_id = outputs["ReaderClientId"]
        self._writer_id = outputs["WriterClientId"]
        self._api = ""
        self._domain = ""

    async def play(self) -> None:
        """Play every scene."""
        urls = {endpoint.kind: endpoint.url for endpoint in await self._server.endpoints()}
        self._api, self._domain = urls["http-api"], urls["user-pool"]
        self._set_the_stage()
        cognito = await asyncio.to_thread(aws_client, "cognito-idp", self._stage.server, self._region)
        reader = await self._credentials(cognito, self._reader_id)
        writer = await self._credentials(cognito, self._writer_id)
        await self._without_token()
        reads = await self._of_a_client(2, reader, "READS", "items/read")
        writes = await self._of_a_client(3, writer, "WRITES", "items/write")
        await self._scope(reads, writes)
        await self._audience(writes)

    def _set_the_stage(self) -> None:
        stage = self._stage
        stage.scene(0, "What the commands below use; paste it into a shell to repeat them")
        stage.define("API", self._api)
        stage.define("DOMAIN", self._domain)
        stage.define("USER_POOL_ID", self._pool)
        stage.define("READER", self._reader_id)
        stage.define("WRITER", self._writer_id)
        stage.command(f"export AWS_ENDPOINT_URL={stage.server} AWS_DEFAULT_REGION={self._region}")
        stage.command("export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any")
        stage.define_basic_token_command(self._token_url, self._pool)

    def tell_more(self) -> None:
        """Say what can be tried now."""
        stage = self._stage
        out.print("\n[bold]It keeps running. Try more:[/]")
        stage.command("aws apigatewayv2 get-apis")
        stage.command(f"sekisho status --url {stage.server}")
        out.print("Ctrl-C stops it and removes what it made.")

    # ------------------------------------------------------------ what the article shows

    async def _without_token(self) -> None:
        stage = self._stage
        stage.scene(1, "A request without a token")
        answer = await stage.get(f"{self._api}/test_jwt")
        stage.check(
            "401 from the HTTP API; the function was not called",
            is_so=_is_refused(answer, 401, "Unauthorized"),
            otherwise='expected 401 and {"message":"Unauthorized"}',
        )

    async def _of_a_client(self, number: int, client: Credentials, variable: str, scope: str) -> str:
        stage = self._stage
        stage.scene(number, f"A token of the client with the scope {scope}, without the word Bearer")
        token = await stage.fetch_basic_token(self._token_url, client, variable)
        answer = await self._get("/test_jwt", token, variable)
        self._show_claims(answer)
        stage.check(
            f"200: the function answers with its event, whose claims name the client and {scope}",
            is_so=_is_event_of(answer, client.client_id, scope),
            otherwise=f"expected 200 and an event with the client's id and {scope} among the claims",
        )
        return token

    async def _scope(self, reads: str, writes: str) -> None:
        stage = self._stage
        stage.scene(4, "A route that asks for the scope items/write, with either token")
        answer = await self._get("/test_jwt/write", reads, "READS")
        stage.check(
            "403: the token is genuine, and has not the route's scope",
            is_so=_is_refused(answer, 403, "Forbidden"),
            otherwise='expected 403 and {"message":"Forbidden"}',
        )
        answer = await self._get("/test_jwt/write", writes, "WRITES")
        self._show_claims(answer)
        stage.check(
            "200: the other client has it",
            is_so=_is_event_of(answer, self._writer_id, "items/write"),
            otherwise="expected 200 and the event of the writing client",
        )

    # ------------------------------------------------------------ what tells more about authorizers

    async def _audience(self, writes: str) -> None:
        stage = self._stage
        stage.scene(5, "A route whose authorizer names the reading client only")
        answer = await self._get("/test_jwt/read", writes, "WRITES")
        challenge = answer.headers.get("www-authenticate", "")
        stage.note(f"www-authenticate: {challenge}")
        stage.check(
            "401: the client is not among the authorizer's audience, and the answer says so",
            is_so=_is_refused(answer, 401, "Unauthorized") and "valid audience" in challenge,
            otherwise="expected 401 for want of a valid audience",
        )

    def _show_claims(self, answer: Answer) -> None:
        """Show the part of the function's event that comes from the token."""
        if answer.status == 200:
            told = json.loads(answer.body)["requestContext"]["authorizer"]["jwt"]
            self._stage.note(f"requestContext.authorizer.jwt: {json.dumps(told)}")

    @property
    def _token_url(self) -> str:
        return f"{self._domain}/oauth2/token"

    async def _get(self, path: str, token: str, variable: str) -> Answer:
        return await self._stage.get(f"{self._api}{path}", token=token, variable=variable, scheme="")

    async def _credentials(self, cognito: Any, client_id: str) -> Credentials:
        answer = await asyncio.to_thread(
            cognito.describe_user_pool_client, UserPoolId=self._pool, ClientId=client_id
        )
        return Credentials(client_id, answer["UserPoolClient"]["ClientSecret"])


def _is_refused(answer: Answer, status: int, message: str) -> bool:
    return (answer.status, answer.body) == (status, b'{"message":"%s"}' % message.encode())


def _is_event_of(answer: Answer, client_id: str, scope: str) -> bool:
    if answer.status != 200:
        return False
    claims = json.loads(answer.body)["requestContext"]["authorizer"]["jwt"]["claims"]
    return (claims["client_id"], claims["scope"]) == (client_id, scope)
