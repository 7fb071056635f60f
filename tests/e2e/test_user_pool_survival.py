"""What a user pool acknowledged outlives the server, which is killed while hundreds sign in."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from tests.support.process import ServerProcess, start

pytestmark = pytest.mark.slow

USERS, SIGN_INS = 20, 200
FIRST, SECOND = "First-Pass-1", "Second-Pass-2"


class Acknowledged:
    """What the server has said yes to, by user; read by the test when the server is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.users: set[str] = set()
        self.members: set[str] = set()
        self.passwords: dict[str, str] = {}
        self.asked: dict[str, str] = {}
        self.tokens: list[str] = []
        self.sign_ins = 0
        self.enough = threading.Event()

    def note(self, change: Callable[[], Any], *, sign_in: bool = False) -> None:
        """Keep a change; say when half of the sign-ins are done."""
        with self._lock:
            change()
            self.sign_ins += sign_in
            if self.sign_ins >= SIGN_INS // 2:
                self.enough.set()


def live(server: ServerProcess, pool_id: str, client_id: str, name: str, said: Acknowledged) -> None:
    """One user's life: created, put into a group, signed in and refreshed again and again, password changed."""
    idp = server.client("cognito-idp")
    key = {"UserPoolId": pool_id, "Username": name}
    try:
        idp.admin_create_user(**key, MessageAction="SUPPRESS")
        said.note(lambda: said.users.add(name))
        idp.admin_set_user_password(**key, Password=FIRST, Permanent=True)
        said.note(lambda: said.passwords.update({name: FIRST}))
        idp.admin_add_user_to_group(**key, GroupName="all")
        said.note(lambda: said.members.add(name))
        for _ in range(SIGN_INS // USERS):
            tokens = sign_in(idp, client_id, name, said.passwords[name])
            idp.initiate_auth(
                ClientId=client_id,
                AuthFlow="REFRESH_TOKEN_AUTH",
                AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
            )
            said.note(partial(said.tokens.append, tokens["RefreshToken"]), sign_in=True)
            said.asked[name] = SECOND
            idp.change_password(
                AccessToken=tokens["AccessToken"],
                PreviousPassword=said.passwords[name],
                ProposedPassword=SECOND,
            )
            said.note(lambda: said.passwords.update({name: SECOND}))
    except (BotoCoreError, ClientError):
        # The server was killed under it; a refusal of a living server would show as a lost acknowledgement.
        return


def sign_in(idp: Any, client_id: str, name: str, password: str) -> dict[str, str]:
    output: dict[str, dict[str, str]] = idp.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password},
    )
    return output["AuthenticationResult"]


def test_no_acknowledged_user_group_or_password_is_lost(tmp_path: Path) -> None:
    arguments = ("serve", "--port", "0", "--data", str(tmp_path / "data"))
    server = start(*arguments)
    idp = server.client("cognito-idp")
    pool_id = idp.create_user_pool(PoolName="many")["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client_id = idp.create_user_pool_client(UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=flows)[
        "UserPoolClient"
    ]["ClientId"]
    idp.create_group(UserPoolId=pool_id, GroupName="all")
    said = Acknowledged()
    with ThreadPoolExecutor(USERS) as threads:
        for number in range(USERS):
            threads.submit(live, server, pool_id, client_id, f"user{number}", said)
        assert said.enough.wait(120)
        server.kill()
    server = start(*arguments)
    idp = server.client("cognito-idp")
    users = idp.list_users(UserPoolId=pool_id)["Users"]
    assert said.users <= {user["Username"] for user in users}
    members = idp.list_users_in_group(UserPoolId=pool_id, GroupName="all")["Users"]
    assert said.members <= {user["Username"] for user in members}
    for name, password in said.passwords.items():
        try:
            sign_in(idp, client_id, name, password)
        except ClientError:
            # The change that was cut short may have been made all the same; nothing else may.
            assert password != said.asked.get(name), f"the password of {name} is lost"
            sign_in(idp, client_id, name, said.asked[name])
    for token in said.tokens:
        parameters = {"REFRESH_TOKEN": token}
        idp.initiate_auth(ClientId=client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters)
    assert server.stop() == 0
