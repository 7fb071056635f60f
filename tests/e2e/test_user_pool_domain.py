"""A pool's domain as OpenID Connect clients use it: authorization code with PKCE, renewal, revocation, logout."""

import base64
import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from joserfc import jwt
from joserfc.jwk import KeySet
from oauthlib.oauth2 import InvalidGrantError
from requests_oauthlib import OAuth2Session
from tests.support.domain import hidden
from tests.support.node import installed, run_script
from tests.support.pools import PASSWORD, Pool, make_pool
from tests.support.process import SEKISHO, running
from tests.support.tenants import REGION

pytestmark = pytest.mark.slow

CALLBACK, GOODBYE = "http://localhost:3000/cb", "http://localhost:3000/bye"
OPENID_CLIENT = "openid-client@6.8.9"


class Site:
    """A pool whose issuer is the server's own URL, its domain, and a user."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        pool.cognito.create_user_pool_domain(UserPoolId=pool.id, Domain="site")
        self.issuer = f"{pool.server.url}/{pool.id}"
        self.metadata = pool.server.get(f"/{pool.id}/.well-known/openid-configuration")
        self.username = pool.make_user()
        changes = [
            {"Name": "email", "Value": "ada@example.com"},
            {"Name": "email_verified", "Value": "true"},
        ]
        user = {"UserPoolId": pool.id, "Username": self.username}
        pool.cognito.admin_update_user_attributes(**user, UserAttributes=changes)

    def make_client(self, **settings: Any) -> dict[str, Any]:
        """Make an app client with the authorization code flow."""
        return self.pool.make_client(
            **{
                "AllowedOAuthFlows": ["code"],
                "AllowedOAuthScopes": ["openid", "email"],
                "AllowedOAuthFlowsUserPoolClient": True,
                "CallbackURLs": [CALLBACK],
                "LogoutURLs": [GOODBYE],
                **settings,
            }
        )

    def sign_in(self, authorization_url: str) -> str:
        """Do what a browser does at the login page; return where the app gets it back."""
        with httpx.Client(trust_env=False, timeout=20) as browser:
            start = browser.get(authorization_url)
            login = urljoin(authorization_url, start.headers["location"])
            form = {"username": self.username, "password": PASSWORD}
            csrf = hidden(browser.get(login), "_csrf")
            done = browser.post(login, data={**form, "_csrf": csrf})
        return str(done.headers["location"])


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running("serve", "--ephemeral", "--port", "0", SEKISHO_COGNITO_ISSUER="local") as server:
        yield Site(make_pool(server))


def test_the_discovery_document_leads_to_every_endpoint(site: Site) -> None:
    base = f"{site.pool.server.url}/_sekisho/domains/site"
    assert site.metadata["issuer"] == site.issuer
    assert {name: url for name, url in site.metadata.items() if name.endswith("endpoint")} == {
        "authorization_endpoint": f"{base}/oauth2/authorize",
        "end_session_endpoint": f"{base}/logout",
        "revocation_endpoint": f"{base}/oauth2/revoke",
        "token_endpoint": f"{base}/oauth2/token",
        "userinfo_endpoint": f"{base}/oauth2/userInfo",
    }


@pytest.mark.parametrize("method", ["none", "client_secret_basic", "client_secret_post"])
def test_authlib_signs_in_renews_and_revokes(site: Site, method: str) -> None:
    client, metadata = site.make_client(GenerateSecret=method != "none"), site.metadata
    with AuthlibSession(
        client["ClientId"],
        client.get("ClientSecret"),
        scope="openid email",
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint=metadata["token_endpoint"],
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
    ) as app:
        app.trust_env = False
        verifier = "v" * 64
        url, state = app.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier, nonce="n-1"
        )
        back = site.sign_in(url)
        token = app.fetch_token(authorization_response=back, state=state, code_verifier=verifier)
        keys = KeySet.import_key_set(httpx.get(metadata["jwks_uri"], trust_env=False).json())
        identity = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": site.issuer},
            aud={"essential": True, "value": client["ClientId"]},
            nonce={"essential": True, "value": "n-1"},
        ).validate(identity)
        digest = hashlib.sha256(token["access_token"].encode()).digest()[:16]
        assert identity["at_hash"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        found = app.get(metadata["userinfo_endpoint"]).json()
        assert (found["username"], found["email_verified"]) == (site.username, "true")
        renewed = app.refresh_token(metadata["token_endpoint"])
        assert renewed["access_token"] != token["access_token"]
        done = app.revoke_token(metadata["revocation_endpoint"], token["refresh_token"])
        assert done.status_code == 200
        assert app.get(metadata["userinfo_endpoint"]).status_code == 401


def test_requests_oauthlib_signs_in_and_renews(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # it knows no loopback
    client, metadata = site.make_client(GenerateSecret=True), site.metadata
    secret = {"client_secret": client["ClientSecret"]}
    scope = ["openid", "email"]
    with OAuth2Session(client["ClientId"], redirect_uri=CALLBACK, scope=scope, pkce="S256") as app:
        app.trust_env = False
        url, _state = app.authorization_url(metadata["authorization_endpoint"])
        back = site.sign_in(url)
        token = app.fetch_token(metadata["token_endpoint"], authorization_response=back, **secret)
        assert app.get(metadata["userinfo_endpoint"]).json()["email"] == "ada@example.com"
        renewed = app.refresh_token(metadata["token_endpoint"], client_id=client["ClientId"], **secret)
        assert renewed["access_token"] != token["access_token"]
        with pytest.raises(InvalidGrantError):
            app.fetch_token(metadata["token_endpoint"], authorization_response=back, **secret)
        with pytest.raises(InvalidGrantError):  # a code that is used twice ends what it was used for
            app.refresh_token(metadata["token_endpoint"], client_id=client["ClientId"], **secret)


@pytest.mark.parametrize("has_secret", [False, True])
def test_openid_client_signs_in_renews_and_revokes(
    site: Site, pytestconfig: pytest.Config, has_secret: bool
) -> None:
    folder = installed(pytestconfig, OPENID_CLIENT)
    client = site.make_client(GenerateSecret=has_secret)
    said = run_script(
        folder,
        Path(__file__).parent / "user_pools" / "openid_client.mjs",
        {
            "issuer": site.issuer,
            "clientId": client["ClientId"],
            "clientSecret": client.get("ClientSecret"),
            "redirectUri": CALLBACK,
            "logoutUri": GOODBYE,
            "username": site.username,
            "password": PASSWORD,
        },
    )
    logout = said.pop("logout")
    assert said == {
        "claims": {"username": site.username, "email": "ada@example.com", "emailVerified": True},
        "info": {"username": site.username, "emailVerified": "true"},
        "renewedSub": True,
        "refusals": {"refresh": "invalid_grant", "userInfo": "refused", "codeAgain": "invalid_grant"},
    }
    assert httpx.get(logout, trust_env=False).headers["location"] == GOODBYE


@pytest.mark.semantics("COGNITO-05")
def test_the_domains_host_names_lead_to_it(site: Site) -> None:
    client = site.make_client(GenerateSecret=True)
    form = {"grant_type": "refresh_token", "refresh_token": "unknown"}
    basic = httpx.BasicAuth(client["ClientId"], client["ClientSecret"])
    for host, status in (
        ("site.auth.localhost", 400),
        (f"site.auth.{REGION}.amazoncognito.com", 400),
        ("nobody.auth.localhost", 404),
        ("site.auth.eu-central-1.amazoncognito.com", 404),
    ):
        answer = httpx.post(
            f"{site.pool.server.url}/oauth2/token",
            data=form,
            auth=basic,
            headers={"host": host},
            trust_env=False,
        )
        assert answer.status_code == status, host
        assert answer.headers["x-amz-cognito-request-id"]


def test_the_outbox_shows_the_code_that_confirms_a_sign_up(site: Site) -> None:
    pool = make_pool(site.pool.server, AutoVerifiedAttributes=["email"])
    client_id = pool.make_client()["ClientId"]
    mail = [{"Name": "email", "Value": "eve@example.com"}]
    pool.cognito.sign_up(ClientId=client_id, Username="eve", Password=PASSWORD, UserAttributes=mail)

    def outbox(*options: str) -> str:
        command = [SEKISHO, "outbox", "--url", pool.server.url, "--pool", pool.id, *options]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    (message,) = json.loads(outbox("--json"))
    assert (message["username"], message["destination"]) == ("eve", "eve@example.com")
    assert message["code"] in outbox()
    pool.cognito.confirm_sign_up(ClientId=client_id, Username="eve", ConfirmationCode=message["code"])
    assert outbox().strip() == "no messages"
