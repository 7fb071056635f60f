"""200 clients sign in at once, others refresh and change users, and the server is killed: nothing is undone.

Clients go on with the server that follows it, until each of them has its answer.
"""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import BotoCoreError
from tests.support.pools import PASSWORD, Pool, make_pool
from tests.support.process import ServerProcess, start, until
from tests.support.tenants import client_of

pytestmark = pytest.mark.slow

SIGN_INS, USERS, WRITERS = 200, 10, 2
CHANGED = "Changed-Pass-2"


@dataclass
class Said:
    """What the servers have said yes to."""

    users: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    passwords: dict[str, str] = field(default_factory=dict)
    refresh_tokens: list[str] = field(default_factory=list)
    refreshed: int = 0
    sign_ins: int = 0


class Clients:
    """Everybody who talks to the server; who loses it waits for the next one."""

    def __init__(self, server: ServerProcess, pool: Pool, app_client: str, usernames: list[str]) -> None:
        self.server = server
        self.pool = pool
        self.app_client = app_client
        self.usernames = usernames
        self.said = Said()
        self.interrupted = 0
        self.done = threading.Event()
        self.under_way = asyncio.Event()
        self._followed = asyncio.Event()
        self._limits = httpx.Limits(max_connections=SIGN_INS)

    async def play(self, arguments: tuple[str, ...]) -> None:
        """Sign in, refresh and change until every sign-in was answered; kill the server in between."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(WRITERS) as threads:
            writers = [loop.run_in_executor(threads, self.write, number) for number in range(WRITERS)]
            async with httpx.AsyncClient(timeout=60, limits=self._limits, trust_env=False) as http:
                await self.sign_in(http, 0)
                tasks = [asyncio.create_task(self.refresh(http))]
                await asyncio.to_thread(until, lambda: bool(self.said.members and self.said.refreshed), 20)
                tasks += [asyncio.create_task(self.sign_in(http, number)) for number in range(1, SIGN_INS)]
                await self.under_way.wait()
                self.server.kill()
                await self._start_another(arguments)
                async with asyncio.timeout(120):
                    await asyncio.gather(*tasks)
            self.done.set()
            await asyncio.gather(*writers)

    async def _start_another(self, arguments: tuple[str, ...]) -> None:
        server = await asyncio.to_thread(start, *arguments)
        self._followed.set()
        self.server, self._followed = server, asyncio.Event()

    async def sign_in(self, http: httpx.AsyncClient, number: int) -> None:
        username = self.usernames[number % USERS]
        answer = await self._ask(http, "USER_PASSWORD_AUTH", USERNAME=username, PASSWORD=PASSWORD)
        self.said.sign_ins += 1
        self.said.refresh_tokens.append(answer["RefreshToken"])
        if self.said.sign_ins >= SIGN_INS // 4:
            self.under_way.set()

    async def refresh(self, http: httpx.AsyncClient) -> None:
        """Refresh once with every token that is handed out."""
        while self.said.refreshed < SIGN_INS:
            if self.said.refreshed == len(self.said.refresh_tokens):
                await asyncio.sleep(0.01)
                continue
            token = self.said.refresh_tokens[self.said.refreshed]
            await self._ask(http, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token)
            self.said.refreshed += 1

    async def _ask(self, http: httpx.AsyncClient, flow: str, **parameters: str) -> dict[str, str]:
        body = {"AuthFlow": flow, "ClientId": self.app_client, "AuthParameters": parameters}
        target = {"x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth"}
        while True:
            server, followed = self.server, self._followed
            try:
                answer = await http.post(server.url, json=body, headers=target)
            except httpx.TransportError:
                self.interrupted += 1
                await followed.wait()
                continue
            assert answer.status_code == 200, answer.text
            tokens: dict[str, str] = answer.json()["AuthenticationResult"]
            return tokens

    def write(self, writer: int) -> None:
        """Make users, put them into a group and change their passwords, until the sign-ins are done."""
        server = self.server
        cognito = client_of(server, "cognito-idp")
        number = 0
        while not self.done.is_set():
            number += 1
            try:
                self._write(cognito, f"writer{writer}-{number}")
            except BotoCoreError:
                while self.server is server and not self.done.is_set():
                    time.sleep(0.01)
                server = self.server
                cognito = client_of(server, "cognito-idp")

    def _write(self, cognito: Any, username: str) -> None:
        user = {"UserPoolId": self.pool.id, "Username": username}
        cognito.admin_create_user(**user, MessageAction="SUPPRESS")
        self.said.users.add(username)
        cognito.admin_add_user_to_group(**user, GroupName="all")
        self.said.members.add(username)
        for password in (PASSWORD, CHANGED):
            self.said.passwords.pop(username, None)  # until it is acknowledged either one may be in force
            cognito.admin_set_user_password(**user, Password=password, Permanent=True)
            self.said.passwords[username] = password


def test_nothing_that_was_acknowledged_is_lost(tmp_path: Path) -> None:
    arguments = ("serve", "--port", "0", "--data", str(tmp_path / "data"))
    server = start(*arguments)
    pool = make_pool(server)
    app_client = str(pool.make_client()["ClientId"])
    pool.cognito.create_group(UserPoolId=pool.id, GroupName="all")
    usernames = [pool.make_user() for _ in range(USERS)]

    async def scenario() -> Clients:
        clients = Clients(server, pool, app_client, usernames)
        await clients.play(arguments)
        return clients

    clients = asyncio.run(scenario())
    said = clients.said
    assert (said.sign_ins, said.refreshed) == (SIGN_INS, SIGN_INS)
    assert clients.interrupted > SIGN_INS // 4, "the server was killed when little was left to do"
    clients.server.kill()
    after = start(*arguments)
    check(Pool(after, client_of(after, "cognito-idp"), pool.id), app_client, said)
    assert after.stop() == 0


def check(pool: Pool, app_client: str, said: Said) -> None:
    """Check that the server knows all that was acknowledged."""
    assert said.passwords
    assert said.users <= usernames_of(pool, "list_users")
    assert said.members <= usernames_of(pool, "list_users_in_group", GroupName="all")
    for username, password in said.passwords.items():
        assert "AuthenticationResult" in pool.sign_in(app_client, username, password)


def usernames_of(pool: Pool, operation: str, **given: str) -> set[str]:
    pages = pool.cognito.get_paginator(operation).paginate(UserPoolId=pool.id, **given)
    return {user["Username"] for page in pages for user in page["Users"]}
