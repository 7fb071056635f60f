"""What a scenario plays on: it shows each command as a person would type it, runs it, and shows the answer."""

import asyncio
import json
import re
import shlex
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.markup import escape

from sekisho.cli.console import out

PAGE_401 = (
    b"<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n"
    b"<center><h1>401 Authorization Required</h1></center>\r\n</body>\r\n</html>\r\n"
)
"""The page that the articles show, with the line ends that a load balancer sends: 144 bytes."""

_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
_SHOWN_OF_TOKEN = 12
_LONGEST_ROW = 240


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, its body byte by byte."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a machine client proves itself with."""

    client_id: str
    client_secret: str = field(repr=False)

    def as_request(self) -> dict[str, str]:
        """Return the members of a token request that prove who asks."""
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "grant_type": "client_credentials",
        }


class Stage:
    """Shows and runs commands; remembers whether every answer was the expected one."""

    def __init__(self, server: str, ca: Path) -> None:
        """``server`` is the base URL of the AWS API; ``ca`` is trusted for TLS."""
        self.server = server
        self.failures = 0
        self._ca = ca
        self._variables: dict[str, str] = {}
        # Requests go to this machine; a proxy of the environment must not see them.
        self._http = httpx.AsyncClient(verify=ssl.create_default_context(cafile=str(ca)), trust_env=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def scene(self, number: int, title: str) -> None:
        """Begin a part of the scenario."""
        out.print(f"\n[bold]{number}. {escape(title)}[/]")

    def note(self, text: str) -> None:
        """Say something between two commands."""
        out.print(f"  {escape(text)}", style="dim")

    def command(self, line: str) -> None:
        """Show a command as it would be typed."""
        out.print(f"[green]$ {escape(line)}[/]")

    def define(self, name: str, value: str) -> None:
        """Show the assignment of a shell variable; commands show it instead of its value from now on."""
        self.command(f"{name}={shlex.quote(value)}")
        self._variables[value] = f"${name}"

    def shown(self, text: str) -> str:
        """Return a text as commands show it: variables for the values that they were defined with."""
        for value, variable in self._variables.items():
            text = text.replace(value, variable)
        return text

    async def get(
        self, url: str, *, token: str | None = None, variable: str = "TOKEN", scheme: str = "Bearer "
    ) -> Answer:
        """Send GET, with a token that the line shows as that shell variable, and show the answer."""
        trust = f"--cacert {self._ca} " if url.startswith("https:") else ""
        line = self.shown(f"curl -i {trust}{url}")
        headers = {}
        if token is not None:
            line += f' -H "authorization: {scheme}${variable}"'
            headers["authorization"] = f"{scheme}{token}"
        self.command(line)
        answer = _to_answer(await self._http.get(url, headers=headers))
        self._show(answer)
        return answer

    def define_token_command(self, token_url: str, client: Credentials) -> None:
        """Show a shell function ``token AUDIENCE`` that asks for a token with the client credentials grant."""
        body = json.dumps({**client.as_request(), "audience": "$1"}).replace("$1", "'$1'")
        self.command("token() {")
        request = self.shown(token_url)
        out.print(f"    curl -s {request} -H 'content-type: application/json' -d '{body}' |", markup=False)
        out.print(
            """      python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])'\n}""",
            markup=False,
        )

    async def fetch_token(
        self, token_url: str, client: Credentials, audience: str, variable: str = "TOKEN"
    ) -> str:
        """Ask for a token with the client credentials grant, and show the answer with the token cut short."""
        self.command(f"{variable}=$(token {audience})")
        body = {**client.as_request(), "audience": audience}
        answer = _to_answer(await self._http.post(token_url, json=body))
        self._show(answer)
        return str(json.loads(answer.body).get("access_token", ""))

    def define_basic_token_command(self, token_url: str, pool_id: str) -> None:
        """Show a shell function ``token CLIENT_ID`` that proves itself with HTTP Basic, as Cognito expects it."""
        self.command("token() {")
        out.print(
            "    SECRET=$(aws cognito-idp describe-user-pool-client --client-id $1"
            f" --user-pool-id {self.shown(pool_id)} --query UserPoolClient.ClientSecret --output text)\n"
            f'    curl -s {self.shown(token_url)} -u "$1:$SECRET" -d grant_type=client_credentials |\n'
            """      python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])'\n}""",
            markup=False,
        )

    async def fetch_basic_token(self, token_url: str, client: Credentials, variable: str = "TOKEN") -> str:
        """Ask for a token with HTTP Basic, and show the answer with the token cut short."""
        self.command(f"{variable}=$(token {self.shown(client.client_id)})")
        answer = _to_answer(
            await self._http.post(
                token_url,
                data={"grant_type": "client_credentials"},
                auth=(client.client_id, client.client_secret),
            )
        )
        self._show(answer)
        return str(json.loads(answer.body).get("access_token", ""))

    async def call_aws(self, client: Any, line: str, operation: str, **params: Any) -> None:
        """Show an ``aws`` command and send what it would send, through botocore."""
        self.command(f"aws {self.shown(line)}")
        await asyncio.to_thread(getattr(client, operation), **params)

    async def sign_in(self, client: Any, app_client: str, username: str, password: str, token: str) -> str:
        """Sign a user in and return the token that is called so; its shell variable is ``TOKEN``."""
        self.command(
            self.shown(
                "TOKEN=$(aws cognito-idp initiate-auth --auth-flow USER_PASSWORD_AUTH"
                f" --client-id {app_client} --auth-parameters USERNAME={username},PASSWORD={password}"
                f" --query AuthenticationResult.{token} --output text)"
            )
        )
        answer = await asyncio.to_thread(
            client.initiate_auth,
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=app_client,
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )
        return str(answer["AuthenticationResult"][token])

    async def explain(self, url: str, token: str) -> str:
        """Ask why the request would be answered as it is, show the sentence and return it."""
        port = self.server.rpartition(":")[2]
        self.command(self.shown(f'sekisho explain {url} --token "$TOKEN" --port {port} | head -1'))
        answer = await self._http.post(f"{self.server}/_sekisho/explain", json={"url": url, "token": token})
        why = str(answer.json()["why"])
        self.note(why)
        return why

    def check(self, shows: str, *, is_so: bool, otherwise: str) -> None:
        """Say what the last answer shows, or that it was another one than expected."""
        if is_so:
            out.print(f"[bold green]✓[/] {escape(shows)}")
        else:
            self.failures += 1
            out.print(f"[bold red]✗ {escape(otherwise)}[/]")

    def _show(self, answer: Answer) -> None:
        out.print(f"  HTTP {answer.status} {answer.reason}", style="bold")
        text = _TOKEN.sub(
            lambda found: found[0][:_SHOWN_OF_TOKEN] + "…", answer.body.decode(errors="replace")
        )
        for row in text.splitlines():
            shown = row if len(row) <= _LONGEST_ROW else f"{row[:_LONGEST_ROW]}… ({len(row):,} characters)"
            out.print(f"  {shown}", markup=False)


def _to_answer(response: httpx.Response) -> Answer:
    return Answer(response.status_code, response.reason_phrase, response.headers, response.content)
