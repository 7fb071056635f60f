"""A user pool with app clients and users, made over the wire."""

import base64
import hashlib
import hmac
import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.support.process import ServerProcess
from tests.support.tenants import client_of

PASSWORD = "YourPassword123!"
FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


@dataclass
class Pool:
    """A pool on a server, and the clients and users that tests make in it."""

    server: ServerProcess
    cognito: Any
    id: str
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def make_client(self, **settings: Any) -> dict[str, Any]:
        """Make an app client that may sign users in."""
        made = self.cognito.create_user_pool_client(
            UserPoolId=self.id, ClientName="c", ExplicitAuthFlows=FLOWS, **settings
        )
        return dict(made["UserPoolClient"])

    def make_user(self, password: str = PASSWORD, *, permanent: bool = True) -> str:
        """Make a user and return the username; without ``permanent`` the password is a temporary one."""
        username = f"user{next(self._numbers)}"
        user = {"UserPoolId": self.id, "Username": username}
        temporary = {} if permanent else {"TemporaryPassword": password}
        self.cognito.admin_create_user(**user, MessageAction="SUPPRESS", **temporary)
        if permanent:
            self.cognito.admin_set_user_password(**user, Password=password, Permanent=True)
        return username

    def sign_in(self, client_id: str, username: str, password: str = PASSWORD, **more: str) -> dict[str, Any]:
        """Sign in with USER_PASSWORD_AUTH and return the answer."""
        parameters = {"USERNAME": username, "PASSWORD": password, **more}
        answer = self.cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH", ClientId=client_id, AuthParameters=parameters
        )
        return dict(answer)

    def refresh(self, client_id: str, token: str) -> dict[str, Any]:
        """Get new tokens with a refresh token."""
        answer = self.cognito.initiate_auth(
            AuthFlow="REFRESH_TOKEN_AUTH", ClientId=client_id, AuthParameters={"REFRESH_TOKEN": token}
        )
        return dict(answer["AuthenticationResult"])


def make_pool(server: ServerProcess, **settings: Any) -> Pool:
    """Make a pool."""
    cognito = client_of(server, "cognito-idp")
    return Pool(server, cognito, cognito.create_user_pool(PoolName="p", **settings)["UserPool"]["Id"])


def secret_hash(username: str, client: dict[str, Any]) -> str:
    """Return SECRET_HASH as the guide computes it.

    https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
    """
    text = f"{username}{client['ClientId']}".encode()
    digest = hmac.new(client["ClientSecret"].encode(), text, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
