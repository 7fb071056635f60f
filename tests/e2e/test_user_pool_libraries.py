"""Libraries that are written for Cognito sign in and accept the tokens."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from joserfc import jwt
from joserfc.jwk import KeySet
from pycognito import Cognito
from pycognito.exceptions import ForceChangePasswordException
from tests.support.node import installed, run_script
from tests.support.pools import PASSWORD, Pool, make_pool
from tests.support.process import ServerProcess, running
from tests.support.tenants import REGION

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),  # in pycognito
]

VERIFIER = "aws-jwt-verify@5.2.1"
IDENTITY_JS = "amazon-cognito-identity-js@6.3.21"
Issued = tuple[dict[str, Any], dict[str, str]]
SCRIPTS = Path(__file__).parent


@pytest.fixture(scope="module")
def pool(sekisho_server: ServerProcess) -> Pool:
    """A pool whose issuer is the one that AWS would write."""
    return make_pool(sekisho_server)


@pytest.fixture(scope="module")
def local_pool() -> Iterator[Pool]:
    """A pool whose issuer is this server's own URL, for libraries that compare it with their endpoint."""
    with running("serve", "--ephemeral", "--port", "0", SEKISHO_COGNITO_ISSUER="local") as server:
        yield make_pool(server)


def pycognito(pool: Pool, client: dict[str, Any], username: str) -> Any:
    return Cognito(
        pool.id,
        client["ClientId"],
        username=username,
        client_secret=client.get("ClientSecret"),
        access_key="any",
        secret_key="any",
        boto3_client_kwargs={"endpoint_url": pool.server.url},
    )


@pytest.mark.parametrize("has_secret", [False, True])
def test_pycognito_changes_the_password_at_the_first_sign_in(local_pool: Pool, has_secret: bool) -> None:
    pool = local_pool
    client = pool.make_client(GenerateSecret=has_secret)
    username = pool.make_user("Temporary1!", permanent=False)
    with pytest.raises(ForceChangePasswordException):
        pycognito(pool, client, username).authenticate("Temporary1!")
    first = pycognito(pool, client, username)
    first.new_password_challenge("Temporary1!", PASSWORD)
    assert first.access_claims["username"] == username
    assert first.access_claims["iss"] == f"{pool.server.url}/{pool.id}"
    status = pool.cognito.admin_get_user(UserPoolId=pool.id, Username=username)["UserStatus"]
    assert status == "CONFIRMED"
    for old in ("Temporary1!", "Another123!"):
        with pytest.raises(ClientError, match="Incorrect username or password"):
            pycognito(pool, client, username).authenticate(old)
    again = pycognito(pool, client, username)
    again.authenticate(PASSWORD)
    assert again.id_claims["cognito:username"] == username
    assert again.id_claims["aud"] == client["ClientId"]


def test_pycognito_renews_changes_and_signs_out(local_pool: Pool) -> None:
    pool = local_pool
    client = pool.make_client()
    user = pycognito(pool, client, pool.make_user())
    user.authenticate(PASSWORD)
    before = user.access_token
    user.renew_access_token()
    assert user.access_token != before
    assert user.get_user().username == user.username
    user.change_password(PASSWORD, "Another123!")
    user.authenticate("Another123!")
    user.logout()
    assert user.access_token is None


@pytest.fixture(scope="module")
def issued(pool: Pool) -> Issued:
    """An app client, and the tokens of a user of tenant A."""
    client = pool.make_client()
    username = pool.make_user()
    verified = {"email": "someone@example.com", "email_verified": "true"}
    attributes = [{"Name": name, "Value": value} for name, value in verified.items()]
    pool.cognito.admin_update_user_attributes(
        UserPoolId=pool.id, Username=username, UserAttributes=attributes
    )
    pool.cognito.create_group(UserPoolId=pool.id, GroupName="tenant-A")
    pool.cognito.admin_add_user_to_group(UserPoolId=pool.id, Username=username, GroupName="tenant-A")
    return client, pool.sign_in(client["ClientId"], username)["AuthenticationResult"]


def test_joserfc_accepts_the_tokens(pool: Pool, issued: Issued) -> None:
    client, tokens = issued
    url = f"{pool.server.url}/{pool.id}/.well-known/jwks.json"
    keys = KeySet.import_key_set(httpx.get(url, trust_env=False).json())
    access = jwt.decode(tokens["AccessToken"], keys, algorithms=["RS256"])
    identity = jwt.decode(tokens["IdToken"], keys, algorithms=["RS256"])
    for token in (access, identity):
        assert token.header.keys() == {"kid", "alg"}
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": f"https://cognito-idp.{REGION}.amazonaws.com/{pool.id}"},
            exp={"essential": True},
        ).validate(token.claims)
        assert token.claims["cognito:groups"] == ["tenant-A"]
    assert (access.claims["token_use"], access.claims["client_id"]) == ("access", client["ClientId"])
    assert (identity.claims["token_use"], identity.claims["aud"]) == ("id", client["ClientId"])
    assert (identity.claims["email"], identity.claims["email_verified"]) == ("someone@example.com", True)
    assert access.header["kid"] != identity.header["kid"]
    assert {key.kid for key in keys.keys} == {access.header["kid"], identity.header["kid"]}


def test_aws_jwt_verify_accepts_the_tokens(pool: Pool, issued: Issued, pytestconfig: pytest.Config) -> None:
    folder = installed(pytestconfig, VERIFIER)
    client, tokens = issued
    access, identity = tokens["AccessToken"], tokens["IdToken"]
    head, payload, signature = access.split(".")
    asked = {
        "server": pool.server.url,
        "userPoolId": pool.id,
        "clientId": client["ClientId"],
        "group": "tenant-A",
        "tokens": {
            "access": ["access", access],
            "id": ["id", identity],
            "access as id": ["id", access],
            "forged": ["access", f"{head}.{payload}.{signature[:-8]}AAAAAAAA"],
        },
    }
    said = run_script(folder, SCRIPTS / "tenant_routing" / "verify.mjs", asked)
    assert said["results"] == {
        "access": "access",
        "id": "id",
        "access as id": "CognitoJwtInvalidTokenUseError",
        "forged": "JwtInvalidSignatureError",
    }
    assert said["asked"] == [f"https://cognito-idp.{REGION}.amazonaws.com/{pool.id}/.well-known/jwks.json"]


def test_amazon_cognito_identity_js_signs_in_over_srp(pool: Pool, pytestconfig: pytest.Config) -> None:
    folder = installed(pytestconfig, IDENTITY_JS)
    username = pool.make_user("Temporary1!", permanent=False)
    said = run_script(
        folder,
        SCRIPTS / "user_pools" / "identity_js.mjs",
        {
            "endpoint": pool.server.url,
            "userPoolId": pool.id,
            "clientId": pool.make_client()["ClientId"],
            "username": username,
            "temporary": "Temporary1!",
            "password": PASSWORD,
        },
    )
    assert said == {
        "username": username,
        "renewed": True,
        "events": [
            "new password required, with nothing",
            "NotAuthorizedException",
            "SUCCESS",
            "NotAuthorizedException",
        ],
    }
