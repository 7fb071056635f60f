"""The pages of a pool's domain, over HTTP as a browser asks for them."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.support.domain import CALLBACK, PASSWORD, VERIFIER, Run, Site, hidden, open_login, sign_in


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


@pytest.mark.semantics("COGNITO-87")
@pytest.mark.parametrize("how", ["expiry", "disabled", "disabled for a while"])
def test_a_browser_session_ends(site: Site, run: Run, how: str) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        await sign_in(browser, await open_login(browser, site))
        key = {"UserPoolId": site.pool_id, "Username": "ada"}
        if how == "expiry":
            site.clock.advance(hours=1)
        else:
            site.idp("AdminDisableUser", **key)
            if how == "disabled for a while":
                site.idp("AdminEnableUser", **key)
        none = await browser.get("/oauth2/authorize", params=site.query(prompt="none"))
        assert "error=login_required" in none.headers["location"]

    run(visit)


@pytest.mark.semantics("COGNITO-87")
def test_signing_out_everywhere_leaves_the_browser_signed_in(site: Site, run: Run) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        async def tokens(back: httpx.Response) -> httpx.Response:
            code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
            form = {"grant_type": "authorization_code", "client_id": site.client_id, "code": code}
            more = {"redirect_uri": CALLBACK, "code_verifier": VERIFIER}
            return await browser.post("/oauth2/token", data={**form, **more})

        async def refresh(given: httpx.Response) -> int:
            form = {"grant_type": "refresh_token", "client_id": site.client_id}
            token = given.json()["refresh_token"]
            return (await browser.post("/oauth2/token", data={**form, "refresh_token": token})).status_code

        first = await tokens(await sign_in(browser, await open_login(browser, site)))
        unused = await browser.get("/oauth2/authorize", params=site.query(prompt="none"))
        site.clock.advance(minutes=1)
        site.idp("AdminUserGlobalSignOut", UserPoolId=site.pool_id, Username="ada")
        assert await refresh(first) == 400
        assert (await tokens(unused)).json() == {"error": "invalid_grant"}
        site.clock.advance(minutes=1)
        second = await tokens(await browser.get("/oauth2/authorize", params=site.query(prompt="none")))
        bearer = {"authorization": f"Bearer {second.json()['access_token']}"}
        assert (await browser.get("/oauth2/userInfo", headers=bearer)).status_code == 200
        assert await refresh(second) == 200

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
        told = {"sec-fetch-site": "cross-site"}
        right = {**form, "_csrf": hidden(page, "_csrf")}
        assert (await browser.post(page.url, data=right, headers=told)).status_code == 403
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


def test_what_the_pool_requires_is_asked_for_with_the_first_password(site: Site, run: Run) -> None:
    site.set_password("Temporary-1", permanent=False)
    site.require("email", "family_name")

    async def visit(browser: httpx.AsyncClient) -> None:
        page = await sign_in(browser, await open_login(browser, site), password="Temporary-1")
        assert '<label for="userAttributes.family_name">Family name</label>' in page.text
        assert "At least 8 characters" in page.text
        form = {name: hidden(page, name) for name in ("_csrf", "session", "username")}
        filled = {**form, "new_password": "My-Own-Pass-1", "userAttributes.family_name": '"Lovelace"'}
        wrong = await browser.post(page.url, data={**filled, "userAttributes.email": "nowhere"})
        assert "Invalid email address format." in wrong.text
        assert hidden(wrong, "userAttributes.family_name") == '"Lovelace"'
        done = await browser.post(page.url, data={**filled, "userAttributes.email": "ada@example.com"})
        assert done.headers["location"].startswith(f"{CALLBACK}?code=")

    run(visit)
    found = site.idp("AdminGetUser", UserPoolId=site.pool_id, Username="ada")["UserAttributes"]
    assert {"Name": "family_name", "Value": '"Lovelace"'} in found


def test_a_first_password_that_comes_too_late_leads_back_to_the_login(site: Site, run: Run) -> None:
    site.set_password("Temporary-1", permanent=False)

    async def visit(browser: httpx.AsyncClient) -> None:
        page = await sign_in(browser, await open_login(browser, site), password="Temporary-1")
        form = {name: hidden(page, name) for name in ("_csrf", "session", "username")}
        site.clock.advance(minutes=4)
        late = await browser.post(page.url, data={**form, "new_password": "My-Own-Pass-1"})
        assert "session is expired" in late.text
        again = await sign_in(browser, late, password="Temporary-1")
        assert hidden(again, "session") != form["session"]

    run(visit)


def test_a_user_whom_the_page_cannot_help_is_told_who_can(site: Site, run: Run) -> None:
    key = {"UserPoolId": site.pool_id, "Username": "ada"}
    verified = {"email": "ada@example.com", "email_verified": "true"}
    changes = [{"Name": name, "Value": value} for name, value in verified.items()]
    site.idp("AdminUpdateUserAttributes", **key, UserAttributes=changes)
    site.idp("AdminResetUserPassword", **key)

    async def visit(browser: httpx.AsyncClient) -> None:
        refused = await sign_in(browser, await open_login(browser, site))
        assert "Password reset required for the user" in refused.text
        assert "an app calls ConfirmForgotPassword" in refused.text

    run(visit)


@pytest.mark.parametrize("path", ["/signup", "/forgotPassword", "/oauth2/idpresponse"])
def test_a_page_that_is_missing_says_so(site: Site, run: Run, path: str) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        answer = await browser.get(path, params=site.query())
        assert answer.status_code == 501
        assert "There is no page here to " in answer.text
        below = await browser.get(f"http://localhost/_sekisho/domains/shop{path}")
        assert below.text == answer.text

    run(visit)


def test_errors_are_told_to_assistive_technology(site: Site, run: Run) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        refused = await sign_in(browser, await open_login(browser, site), password="wrong")
        assert '<p role="alert" id="alert">Incorrect username or password.</p>' in refused.text
        field = re.search('<input id="password"[^>]*>', refused.text)
        assert field is not None
        assert 'aria-invalid="true"' in field[0]
        assert 'aria-describedby="alert"' in field[0]
        assert "autofocus" in field[0]

    run(visit)


@pytest.mark.parametrize(
    ("attributes", "label"),
    [
        ((), "Username"),
        (("email",), "Email"),
        (("phone_number",), "Phone number"),
        (("email", "phone_number"), "Email or phone number"),
    ],
)
def test_the_page_asks_for_what_users_sign_in_with(
    site: Site, run: Run, attributes: tuple[str, ...], label: str
) -> None:
    site.sign_in_with(*attributes)

    async def visit(browser: httpx.AsyncClient) -> None:
        page = await open_login(browser, site)
        assert f'<label for="username">{label}</label>' in page.text

    run(visit)
