"""A pool with a domain and a browser app, and what a browser does there."""

import html
import re
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
from starlette.applications import Starlette

from sekisho.kernel.clock import ManualClock
from sekisho.model.cognito import UserPool
from sekisho.services.registry import Dispatcher
from sekisho.store.api import Store

PASSWORD = "Correct-Horse-7"
CALLBACK = "https://app.example.com/cb"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636 appendix B


class Site:
    """A pool with a domain and a browser app, and a browser."""

    def __init__(self, app: Starlette, dispatcher: Dispatcher, clock: ManualClock, store: Store) -> None:
        self.clock, self._dispatcher, self._store = clock, dispatcher, store
        self._app = app
        made = self.idp("CreateUserPool", PoolName="My shop")
        self.pool_id = str(made["UserPool"]["Id"])
        client = self.idp(
            "CreateUserPoolClient",
            UserPoolId=self.pool_id,
            ClientName="app",
            AllowedOAuthFlows=["code", "implicit"],
            AllowedOAuthScopes=["openid", "email", "aws.cognito.signin.user.admin"],
            AllowedOAuthFlowsUserPoolClient=True,
            CallbackURLs=[CALLBACK],
            LogoutURLs=["https://app.example.com/bye"],
        )
        self.client_id = str(client["UserPoolClient"]["ClientId"])
        self.idp("CreateUserPoolDomain", UserPoolId=self.pool_id, Domain="shop")
        self.idp("AdminCreateUser", UserPoolId=self.pool_id, Username="ada", MessageAction="SUPPRESS")
        self.set_password(PASSWORD, permanent=True)

    def idp(self, operation: str, **params: Any) -> dict[str, Any]:
        return self._dispatcher.call("cognito-idp", operation, params, "eu-west-1")

    def set_password(self, password: str, *, permanent: bool) -> None:
        key = {"UserPoolId": self.pool_id, "Username": "ada"}
        self.idp("AdminSetUserPassword", **key, Password=password, Permanent=permanent)

    def require(self, *names: str) -> None:
        """Have the pool require attributes, as one that was made so does."""
        schema = (
            replace(one, required=one.required or one.name in names) for one in self._find_pool().schema
        )
        self._put_pool(schema=tuple(schema))

    def sign_in_with(self, *attributes: str) -> None:
        """Have the users of the pool sign in with attributes, as those of one that was made so do."""
        self._put_pool(username_attributes=attributes)

    def _find_pool(self) -> UserPool:
        with self._store.read() as state:
            return state.get(UserPool, self.pool_id)

    def _put_pool(self, **changes: Any) -> None:
        changed = replace(self._find_pool(), **changes)
        with self._store.write() as state:
            state.put(changed)

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self._app)
        return httpx.AsyncClient(transport=transport, base_url="http://shop.auth.localhost")

    def query(self, **changes: str) -> dict[str, str]:
        given = {
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid email",
            "state": "xyz",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in given.items() if value}


Run = Callable[[Callable[[httpx.AsyncClient], Coroutine[Any, Any, None]]], None]


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(f'name="{name}"[^>]* value="([^"]*)"', page.text)
    assert found is not None, page.text
    return html.unescape(found[1])


async def open_login(browser: httpx.AsyncClient, site: Site, **changes: str) -> httpx.Response:
    start = await browser.get("/oauth2/authorize", params=site.query(**changes))
    assert start.status_code == 302
    assert urlsplit(start.headers["location"]).path == "/login"
    return await browser.get(start.headers["location"])


async def sign_in(
    browser: httpx.AsyncClient, page: httpx.Response, username: str = "ada", password: str = PASSWORD
) -> httpx.Response:
    form = {"_csrf": hidden(page, "_csrf"), "username": username, "password": password}
    return await browser.post(page.url, data=form)
