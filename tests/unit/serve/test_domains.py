"""The pages and endpoints of a pool's domain, over HTTP as a browser asks them."""

import asyncio
import html
import itertools
import re
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from sekisho.issuer.cognito.user_tokens import PoolTokens
from sekisho.issuer.keys import generate_private_key
from sekisho.kernel.clock import ManualClock
from sekisho.kernel.functions import NoFunctions
from sekisho.kernel.ids import RandomIds
from sekisho.serve.domains.common import DomainDeps
from sekisho.serve.user_pools import user_pool_routes
from sekisho.services.cognito_idp import SERVICE
from sekisho.services.cognito_idp.triggers import PoolTriggers
from sekisho.services.registry import Dispatcher
from sekisho.store.sql import open_sqlite

PASSWORD = "Correct-Horse-7"
CALLBACK = "https://app.example.com/cb"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636 appendix B


class Site:
    """A pool with a domain and a browser app, and a browser."""

    def __init__(self, app: Starlette, dispatcher: Dispatcher, clock: ManualClock) -> None:
        self.clock, self._dispatcher = clock, dispatcher
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


@pytest.fixture(scope="module")
def private_keys() -> tuple[str, ...]:
    return tuple(generate_private_key() for _ in range(2))


@pytest.fixture
def site(tmp_path: Path, private_keys: tuple[str, ...]) -> Iterator[Site]:
    clock, ids, keys = ManualClock(), RandomIds(), itertools.cycle(private_keys)
    store = open_sqlite(tmp_path / "state.db")
    tokens = PoolTokens(clock, ids, PoolTriggers(NoFunctions()), new_key=lambda: next(keys))
    runtime: Any = None
    dispatcher = Dispatcher((SERVICE,), store, clock, ids, "000000000000", runtime, tokens=tokens)
    deps = DomainDeps(store, tokens, dispatcher.long_context)
    yield Site(Starlette(routes=user_pool_routes(deps)), dispatcher, clock)
    store.close()


@pytest.fixture
def run(site: Site) -> Run:
    def with_browser(visit: Callable[[httpx.AsyncClient], Coroutine[Any, Any, None]]) -> None:
        async def play() -> None:
            async with site.browser() as browser:
                await visit(browser)

        asyncio.run(play())

    return with_browser


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', page.text)
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


def test_a_browser_signs_in_and_the_app_gets_tokens(site: Site, run: Run) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        page = await open_login(browser, site)
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "<h1>Sign in to My shop</h1>" in page.text
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "HttpOnly" in page.headers["set-cookie"]
        back = await sign_in(browser, page)
        assert back.headers["location"].startswith(f"{CALLBACK}?code=")
        answered = parse_qs(urlsplit(back.headers["location"]).query)
        assert answered["state"] == ["xyz"]
        form = {
            "grant_type": "authorization_code",
            "client_id": site.client_id,
            "code": answered["code"][0],
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        tokens = await browser.post("/oauth2/token", data=form)
        assert tokens.headers["cache-control"] == "no-cache, no-store, max-age=0, must-revalidate"
        bearer = {"authorization": f"Bearer {tokens.json()['access_token']}"}
        found = await browser.get("/oauth2/userInfo", headers=bearer)
        assert found.json()["username"] == "ada"
        revoked = await browser.post(
            "/oauth2/revoke", data={"client_id": site.client_id, "token": tokens.json()["refresh_token"]}
        )
        assert (revoked.status_code, revoked.content) == (200, b"")
        after = await browser.get("/oauth2/userInfo", headers=bearer)
        assert after.status_code == 401
        assert 'error="invalid_token"' in after.headers["www-authenticate"]

    run(visit)


def test_a_signed_in_browser_is_not_asked_again_until_it_logs_out(site: Site, run: Run) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        await sign_in(browser, await open_login(browser, site))
        again = await browser.get("/oauth2/authorize", params=site.query(prompt="none"))
        assert again.headers["location"].startswith(f"{CALLBACK}?code=")
        forced = await browser.get("/oauth2/authorize", params=site.query(prompt="login"))
        assert urlsplit(forced.headers["location"]).path == "/login"
        goodbye = {"client_id": site.client_id, "logout_uri": "https://app.example.com/bye"}
        out = await browser.get("/logout", params=goodbye)
        assert out.headers["location"] == "https://app.example.com/bye"
        none = await browser.get("/oauth2/authorize", params=site.query(prompt="none"))
        assert none.headers["location"] == f"{CALLBACK}?error=login_required&state=xyz"

    run(visit)


@pytest.mark.parametrize("how", ["expiry", "sign-out", "disabled"])
def test_a_browser_session_ends(site: Site, run: Run, how: str) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        await sign_in(browser, await open_login(browser, site))
        key = {"UserPoolId": site.pool_id, "Username": "ada"}
        if how == "expiry":
            site.clock.advance(hours=1)
        else:
            site.idp("AdminUserGlobalSignOut" if how == "sign-out" else "AdminDisableUser", **key)
        none = await browser.get("/oauth2/authorize", params=site.query(prompt="none"))
        assert "error=login_required" in none.headers["location"]

    run(visit)


def test_a_temporary_password_is_changed_at_the_page(site: Site, run: Run) -> None:
    site.set_password("Temporary-1", permanent=False)

    async def visit(browser: httpx.AsyncClient) -> None:
        page = await sign_in(browser, await open_login(browser, site), password="Temporary-1")
        form = {name: hidden(page, name) for name in ("_csrf", "session", "username")}
        weak = await browser.post(page.url, data={**form, "new_password": "weak"})
        assert "Password did not conform with policy" in weak.text
        done = await browser.post(page.url, data={**form, "new_password": "My-Own-Pass-1"})
        assert done.headers["location"].startswith(f"{CALLBACK}?code=")

    run(visit)


@pytest.mark.semantics("COGNITO-82")
def test_forms_of_other_sites_are_refused(site: Site, run: Run) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        page = await open_login(browser, site)
        form = {"username": "ada", "password": PASSWORD}
        for forged in ({}, {"_csrf": ""}, {"_csrf": "guess"}):
            answer = await browser.post(page.url, data={**form, **forged})
            assert answer.status_code == 403
        browser.cookies.clear()
        assert (
            await browser.post(page.url, data={**form, "_csrf": hidden(page, "_csrf")})
        ).status_code == 403

    run(visit)


def test_a_wrong_password_is_told_and_escaped(site: Site, run: Run) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        page = await open_login(browser, site, login_hint='"><b>')
        assert hidden(page, "_csrf")
        assert "<b>" not in page.text
        refused = await sign_in(browser, page, username='<i>"ada')
        assert refused.status_code == 200
        assert "User does not exist." in refused.text
        assert "<i>" not in refused.text

    run(visit)


@pytest.mark.semantics("COGNITO-80", "COGNITO-83")
@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("/oauth2/authorize", {"redirect_uri": "https://evil.example.com/"}),
        ("/oauth2/authorize", {"client_id": "unknown"}),
        ("/login", {"redirect_uri": "https://evil.example.com/"}),
        ("/logout", {"logout_uri": "https://evil.example.com/", "redirect_uri": ""}),
        ("/logout", {"client_id": "unknown"}),
    ],
)
def test_nobody_is_sent_to_an_unknown_place(site: Site, run: Run, path: str, changes: dict[str, str]) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        answer = await browser.get(path, params=site.query(**changes))
        assert answer.status_code == 400
        assert "location" not in answer.headers

    run(visit)


def test_a_parameter_given_twice_is_refused(site: Site, run: Run) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        twice = httpx.QueryParams(site.query()).add("redirect_uri", "https://evil.example.com/")
        answer = await browser.get("/oauth2/authorize", params=twice)
        assert answer.status_code == 400

    run(visit)


def test_logout_leads_back_to_the_login_page(site: Site, run: Run) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        answer = await browser.get("/logout", params=site.query())
        assert answer.headers["location"].startswith("/login?client_id=")
        assert (await browser.get(answer.headers["location"])).status_code == 200

    run(visit)


def test_the_implicit_flow_answers_in_the_fragment(site: Site, run: Run) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        changes = {"response_type": "token", "code_challenge": "", "code_challenge_method": ""}
        back = await sign_in(browser, await open_login(browser, site, **changes))
        answered = parse_qs(urlsplit(back.headers["location"]).fragment)
        assert answered.keys() == {"id_token", "access_token", "expires_in", "token_type", "state"}

    run(visit)


@pytest.mark.semantics("COGNITO-84")
def test_user_information_needs_a_token_with_openid(site: Site, run: Run) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        bad = await browser.get("/oauth2/userInfo")
        assert bad.status_code == 400
        assert bad.headers["www-authenticate"] == (
            'error="invalid_request", error_description="Bad OAuth2 request at UserInfo Endpoint"'
        )
        site.idp(
            "UpdateUserPoolClient",
            UserPoolId=site.pool_id,
            ClientId=site.client_id,
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        )
        parameters = {"USERNAME": "ada", "PASSWORD": PASSWORD}
        started = site.idp(
            "InitiateAuth",
            ClientId=site.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters=parameters,
        )
        token = started["AuthenticationResult"]["AccessToken"]
        without = await browser.get("/oauth2/userInfo", headers={"authorization": f"Bearer {token}"})
        assert (without.status_code, without.json()["error"]) == (401, "invalid_token")
        junk = await browser.post("/oauth2/userInfo", headers={"authorization": "Bearer junk"})
        assert junk.status_code == 401

    run(visit)


@pytest.mark.semantics("COGNITO-18")
@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"token": "a.b.c"}, 400, "unsupported_token_type"),
        ({"token": "x", "client_id": "unknown"}, 401, "invalid_client"),
        ({"token": "x", "client_secret": "made-up"}, 401, "invalid_client"),
        ({"token": "never-issued"}, 200, None),
    ],
)
def test_revocation_refuses(
    site: Site, run: Run, form: dict[str, str], status: int, error: str | None
) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        answer = await browser.post("/oauth2/revoke", data={"client_id": site.client_id, **form})
        assert answer.status_code == status
        assert (answer.json()["error"] if answer.content else None) == error

    run(visit)


@pytest.mark.semantics("COGNITO-67")
@pytest.mark.parametrize(
    ("headers", "body", "error"),
    [
        ({"authorization": "Basic ???"}, "grant_type=client_credentials", "invalid_client"),
        ({"content-type": "application/json"}, "{}", "invalid_request"),
        ({}, "grant_type=x&grant_type=y", "invalid_request"),
        ({}, "\xff", "invalid_request"),
        ({}, "", "invalid_request"),
    ],
)
def test_a_token_request_that_cannot_be_read(
    site: Site, run: Run, headers: dict[str, str], body: str, error: str
) -> None:
    assert site.client_id

    async def visit(browser: httpx.AsyncClient) -> None:
        form = {"content-type": "application/x-www-form-urlencoded"}
        answer = await browser.post(
            "/oauth2/token", content=body.encode("latin-1"), headers={**form, **headers}
        )
        assert (answer.status_code, answer.json()) == (400, {"error": error})
        assert answer.headers["x-amz-cognito-request-id"]

    run(visit)


def test_what_a_domain_does_not_have(site: Site, run: Run) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        assert (await browser.get("/oauth2/token")).status_code == 405
        assert (await browser.get("/nothing")).status_code == 404
        assert (
            await browser.get("http://localhost/_sekisho/domains/none/oauth2/authorize")
        ).status_code == 404
        large = await browser.post("/oauth2/token", content=b"x" * 100_001)
        assert large.status_code == 413
        asked = await browser.options("/oauth2/userInfo")
        assert asked.headers["access-control-allow-origin"] == "*"
        keys = await browser.get(f"http://localhost/{site.pool_id}/.well-known/jwks.json")
        assert len(keys.json()["keys"]) == 2
        missing = await browser.get("http://localhost/eu-west-1_nothing/.well-known/jwks.json")
        assert missing.status_code == 400

    run(visit)
