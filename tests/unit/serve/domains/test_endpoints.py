"""The endpoints of a pool's domain that apps call: tokens, user information, revocation."""

import httpx
import pytest
from tests.support.domain import PASSWORD, Run, Site


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
        for path in ("/nothing", "/oauth2/nothing", "/oauth2/authorize/"):
            assert (await browser.get(path)).status_code == 404
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


@pytest.mark.semantics("COGNITO-05")
@pytest.mark.parametrize(
    "host",
    ["nobody.auth.localhost", "shop.auth.us-east-1.amazoncognito.com", "shop.auth.amazoncognito.com"],
)
def test_a_host_name_that_no_domain_has(site: Site, run: Run, host: str) -> None:
    async def visit(browser: httpx.AsyncClient) -> None:
        answer = await browser.post("/oauth2/token", data=site.query(), headers={"host": host})
        assert (answer.status_code, answer.json()) == (404, {"message": "there is no such domain"})

    run(visit)
