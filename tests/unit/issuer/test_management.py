from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from sekisho.issuer.context import IssuerContext
from sekisho.issuer.keys import current_key
from sekisho.issuer.management.errors import ManagementError
from sekisho.issuer.management.router import ENDPOINTS, ManagementRequest, answer_management_request
from sekisho.issuer.signing import sign
from sekisho.issuer.tenants.resources import SYSTEM_PERMISSIONS
from sekisho.kernel.clock import ManualClock
from sekisho.model.tenants import Tenant
from sekisho.store.api import Store

Contexts = Callable[[], AbstractContextManager[IssuerContext]]
DOMAIN = "dev-abc123.us.auth0.com"
CLIENT_ID = "client0000000000000000000000000a"
ALB = "https://alb.example.com/"


class Api:
    """Calls the Management API of the tenant."""

    def __init__(self, store: Store, context: Contexts, clock: ManualClock) -> None:
        self.store = store
        self._context = context
        self._clock = clock

    def __call__(self, method: str, *path: str, body: Any = None, **options: Any) -> Any:
        return self.answer(method, *path, body=body, **options)[1]

    def answer(
        self,
        method: str,
        *path: str,
        body: Any = None,
        query: dict[str, str] | None = None,
        token: str | None = None,
        is_local: bool = True,
    ) -> tuple[int, Any]:
        authorization = None if token is None else f"Bearer {token}"
        request = ManagementRequest(method, path, query or {}, body, authorization, is_local)
        with self._context() as ctx:
            answer = answer_management_request(ctx, ctx.state.get(Tenant, DOMAIN), request)
        return answer.status, answer.body

    def refusal(self, method: str, *path: str, **options: Any) -> tuple[int, str | None, str]:
        """Return how a call is refused, having seen that it changed nothing."""
        before = self.version()
        with pytest.raises(ManagementError) as refused:
            self.answer(method, *path, **options)
        assert self.version() == before
        return refused.value.status, refused.value.code, refused.value.message

    def version(self) -> int:
        with self.store.read() as state:
            return state.version

    def token(self, scope: str, **changes: Any) -> str:
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": f"https://{DOMAIN}/",
            "aud": f"https://{DOMAIN}/api/v2/",
            "iat": now,
            "exp": now + 60,
            "scope": scope,
            **changes,
        }
        with self.store.read() as state:
            return sign(current_key(state, f"https://{DOMAIN}/"), claims, "JWT")


@pytest.fixture
def api(tenant_store: Store, context: Contexts, clock: ManualClock) -> Api:
    return Api(tenant_store, context, clock)


# --- resource servers ----------------------------------------------------------------------------------------


def test_an_api_from_birth_to_death(api: Api) -> None:
    body = {
        "identifier": "https://new/",
        "name": "New",
        "token_dialect": "rfc9068_profile",
        "scopes": [{"value": "r"}],
    }
    status, made = api.answer("POST", "resource-servers", body=body)
    assert status == 201
    assert (
        made.items() >= {**body, "token_lifetime": 86400, "signing_alg": "RS256", "is_system": False}.items()
    )
    assert len(made["id"]) == 24
    assert api("GET", "resource-servers", made["id"]) == made
    assert api("GET", "resource-servers", "https://new/") == made
    patched = api(
        "PATCH", "resource-servers", "https://new/", body={"token_lifetime": 60, "enforce_policies": True}
    )
    assert patched == {**made, "token_lifetime": 60, "enforce_policies": True}
    assert api.answer("DELETE", "resource-servers", made["id"]) == (204, None)
    assert api.refusal("GET", "resource-servers", made["id"])[:2] == (404, "inexistent_resource_server")


def test_listing_apis(api: Api) -> None:
    names = [one["identifier"] for one in api("GET", "resource-servers")]
    assert names[:2] == [f"https://{DOMAIN}/api/v2/", ALB]
    page = api("GET", "resource-servers", query={"page": "1", "per_page": "2", "include_totals": "true"})
    assert page.items() >= {"start": 2, "limit": 2, "length": 2, "total": 5}.items()
    assert [one["identifier"] for one in page["resource_servers"]] == names[2:4]
    assert len(api("GET", "resource-servers", query={"identifiers": f"{ALB},x"})) == 1
    assert api("GET", "resource-servers", ALB, query={"fields": "identifier"}) == {"identifier": ALB}
    assert "id" not in api("GET", "resource-servers", ALB, query={"fields": "id", "include_fields": "false"})


def test_an_identifier_is_taken_once(api: Api) -> None:
    refusal = api.refusal("POST", "resource-servers", body={"identifier": ALB})
    assert refusal[:2] == (409, "resource_server_conflict")


@pytest.mark.semantics("AUTH0-26")
def test_the_system_api_stays(api: Api) -> None:
    system = f"https://{DOMAIN}/api/v2/"
    assert api.refusal("DELETE", "resource-servers", system)[:2] == (400, "operation_not_supported")
    refusal = api.refusal("PATCH", "resource-servers", system, body={"scopes": []})
    assert refusal[:2] == (400, "operation_not_supported")
    assert api("PATCH", "resource-servers", system, body={"token_lifetime": 60})["token_lifetime"] == 60


def test_deleting_an_api_deletes_its_grants(api: Api) -> None:
    api("DELETE", "resource-servers", ALB)
    assert ALB not in [grant["audience"] for grant in api("GET", "client-grants")]


# --- clients -------------------------------------------------------------------------------------------------


@pytest.mark.semantics("AUTH0-29")
def test_a_client_from_birth_to_death(api: Api) -> None:
    status, made = api.answer("POST", "clients", body={"name": "robot", "app_type": "non_interactive"})
    assert status == 201
    assert (len(made["client_id"]), len(made["client_secret"])) == (32, 64)
    assert made["grant_types"] == ["client_credentials"]
    path = ("clients", made["client_id"])
    assert api("GET", *path) == made
    shown = api("GET", *path, token=api.token("read:clients"))
    assert "client_secret" not in shown
    assert api("GET", *path, token=api.token("read:client_keys"))["client_secret"] == made["client_secret"]
    assert api("PATCH", *path, body={"description": "d", "name": "r2"})["description"] == "d"
    rotated = api("POST", *path, "rotate-secret", token=api.token("update:client_keys"))
    assert rotated["client_secret"] != made["client_secret"]
    assert rotated["name"] == "r2"
    assert api.answer("DELETE", *path) == (204, None)
    assert api.answer("DELETE", *path) == (204, None)
    assert api.refusal("GET", *path)[:2] == (404, "inexistent_client")
    assert api.refusal("POST", *path, "rotate-secret")[:2] == (404, "inexistent_client")


def test_a_creator_is_told_the_secret(api: Api) -> None:
    made = api("POST", "clients", body={"name": "robot"}, token=api.token("create:clients"))
    assert len(made["client_secret"]) == 64
    assert made["grant_types"] == ["authorization_code", "implicit", "refresh_token", "client_credentials"]


def test_a_public_client_has_no_client_credentials(api: Api) -> None:
    made = api("POST", "clients", body={"name": "spa", "token_endpoint_auth_method": "none"})
    assert "client_credentials" not in made["grant_types"]


def test_listing_clients(api: Api) -> None:
    api("POST", "clients", body={"name": "robot", "app_type": "non_interactive", "is_first_party": False})
    assert [one["name"] for one in api("GET", "clients", query={"app_type": "non_interactive"})] == ["robot"]
    assert [one["name"] for one in api("GET", "clients", query={"is_first_party": "true"})] == ["m2m"]


def test_unknown_grant_types_are_refused(api: Api) -> None:
    refusal = api.refusal("POST", "clients", body={"name": "x", "grant_types": ["telepathy"]})
    assert refusal == (400, "invalid_body", "Invalid grant types: telepathy")


def test_deleting_a_client_deletes_its_grants(api: Api) -> None:
    api("DELETE", "clients", CLIENT_ID)
    assert api("GET", "client-grants") == []


# --- client grants -------------------------------------------------------------------------------------------


def test_a_grant_from_birth_to_death(api: Api) -> None:
    api(
        "POST",
        "resource-servers",
        body={"identifier": "https://new/", "scopes": [{"value": "r"}, {"value": "w"}]},
    )
    body = {"client_id": CLIENT_ID, "audience": "https://new/", "scope": ["r"]}
    status, made = api.answer("POST", "client-grants", body=body)
    assert status == 201
    assert made == {**body, "id": made["id"], "subject_type": "client"}
    assert made["id"].startswith("cgr_")
    assert api("GET", "client-grants", made["id"]) == made
    assert api("GET", "client-grants", query={"audience": "https://new/", "client_id": CLIENT_ID}) == [made]
    assert api("PATCH", "client-grants", made["id"], body={"scope": ["w"]})["scope"] == ["w"]
    assert api.refusal("POST", "client-grants", body=body)[:2] == (409, "client_grant_conflict")
    assert api.answer("DELETE", "client-grants", made["id"]) == (204, None)
    assert api.refusal("DELETE", "client-grants", made["id"])[:2] == (404, "inexistent_client_grant")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"client_id": "nobody"}, (404, "inexistent_client", "Client not found")),
        ({"audience": "x"}, (404, "inexistent_resource_server", "No resource with identifier x")),
        (
            {"scope": ["r"]},
            (400, "invalid_body", "The following scopes are not defined in the resource server: r"),
        ),
    ],
)
def test_a_grant_is_for_what_exists(api: Api, change: dict[str, Any], expected: tuple[int, str, str]) -> None:
    body = {"client_id": CLIENT_ID, "audience": "https://ungranted.example.com/", "scope": [], **change}
    assert api.refusal("POST", "client-grants", body=body) == expected


# --- signing keys --------------------------------------------------------------------------------------------


@pytest.mark.semantics("AUTH0-21")
def test_rotating_and_revoking(api: Api) -> None:
    first, second = api("GET", "keys", "signing")
    assert (first["current"], second["next"]) == (True, True)
    assert first["cert"].startswith("-----BEGIN CERTIFICATE-----\r\n")
    status, following = api.answer("POST", "keys", "signing", "rotate")
    assert status == 201
    assert api("GET", "keys", "signing", following["kid"])["next"] is True
    assert api("GET", "keys", "signing", second["kid"])["current"] is True
    assert api.refusal("PUT", "keys", "signing", second["kid"], "revoke")[:2] == (
        400,
        "operation_not_supported",
    )
    assert api.answer("PUT", "keys", "signing", first["kid"], "revoke")[0] == 201
    assert api("GET", "keys", "signing", first["kid"])["revoked"] is True
    assert api.refusal("GET", "keys", "signing", "x")[:2] == (404, "inexistent_signing_key")


# --- bodies and queries --------------------------------------------------------------------------------------


@pytest.mark.semantics("AUTH0-27")
@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (None, "'Expected type object but found type null'"),
        ([], "'Expected type object but found type array'"),
        ({}, "'Missing required property: identifier'"),
        ({"identifier": None}, "'Missing required property: identifier'"),
        ({"identifier": "i", "colour": 1}, "'Additional properties not allowed: colour'"),
        ({"identifier": ""}, "'String is too short (0 chars), minimum 1' on property identifier"),
        ({"identifier": "x" * 601}, "'String is too long (601 chars), maximum 600' on property identifier"),
        ({"identifier": 7}, "'Expected type string but found type integer' on property identifier"),
        ({"identifier": "i", "name": "<"}, "'String does not match pattern ^[^<>]+$: <' on property name"),
        (
            {"identifier": "i", "signing_alg": "HS256"},
            "'No enum match for: HS256 (Sekisho signs with RS256 only)' on property signing_alg",
        ),
        ({"identifier": "i", "token_dialect": "x"}, "'No enum match for: x' on property token_dialect"),
        (
            {"identifier": "i", "token_lifetime": 2592001},
            "'Value 2592001 is greater than maximum 2592000' on property token_lifetime",
        ),
        (
            {"identifier": "i", "token_lifetime": -1},
            "'Value -1 is less than minimum 0' on property token_lifetime",
        ),
        (
            {"identifier": "i", "token_lifetime": True},
            "'Expected type integer but found type boolean' on property token_lifetime",
        ),
        ({"identifier": "i", "scopes": [{}]}, "'Missing required property: value' on property scopes[0]"),
        (
            {"identifier": "i", "scopes": [{"value": "a"}, {"value": "a"}]},
            "'Array items are not unique' on property scopes",
        ),
        (
            {"identifier": "i", "token_encryption": {"format": "x"}},
            "'Sekisho does not support this property' on property token_encryption",
        ),
    ],
)
def test_wrong_bodies(api: Api, body: Any, problem: str) -> None:
    refusal = api.refusal("POST", "resource-servers", body=body)
    assert refusal == (400, "invalid_body", f"Payload validation error: {problem}.")


def test_an_identifier_cannot_be_patched(api: Api) -> None:
    refusal = api.refusal("PATCH", "resource-servers", ALB, body={"identifier": "i"})
    assert refusal[2] == "Payload validation error: 'Additional properties not allowed: identifier'."


@pytest.mark.parametrize(
    "query", [{"take": "5"}, {"page": "x"}, {"page": "-1"}, {"per_page": "101"}, {"include_totals": "yes"}]
)
def test_wrong_queries(api: Api, query: dict[str, str]) -> None:
    assert api.refusal("GET", "clients", query=query)[:2] == (400, "invalid_query_string")


# --- who may -------------------------------------------------------------------------------------------------


@pytest.mark.semantics("AUTH0-24")
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_every_endpoint_needs_one_of_its_permissions(api: Api, endpoint: Any) -> None:
    assert set(endpoint.permissions) <= set(SYSTEM_PERMISSIONS)
    path = endpoint.path.replace("{id}", "x").split("/")
    others = " ".join(set(SYSTEM_PERMISSIONS) - set(endpoint.permissions))
    wanted = ", ".join(endpoint.permissions)
    assert api.refusal(endpoint.method, *path, token=api.token(others)) == (
        403,
        "insufficient_scope",
        f"Insufficient scope, expected any of: {wanted}",
    )


@pytest.mark.semantics("AUTH0-24")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exp": 0}, "Expired token received for JSON Web Token validation"),
        ({"exp": None}, "Invalid token"),
        ({"aud": ALB}, "Invalid token"),
        ({"iss": "https://dev-other.us.auth0.com/"}, "Invalid token"),
    ],
)
def test_tokens_for_something_else(api: Api, changes: dict[str, Any], message: str) -> None:
    token = api.token("read:clients", **changes)
    assert api.refusal("GET", "clients", token=token) == (401, None, message)


def test_tokens_that_are_none(api: Api) -> None:
    assert api.refusal("GET", "clients", token="a.b.c") == (401, None, "Invalid token")
    forged = api.token("read:clients")
    forged = forged[:-8] + ("AAAAAAAA" if forged[-8:] != "AAAAAAAA" else "BBBBBBBB")
    message = "Invalid signature received for JSON Web Token validation"
    assert api.refusal("GET", "clients", token=forged) == (401, None, message)


@pytest.mark.semantics("AUTH0-25")
def test_without_a_token_only_the_operator_may(api: Api) -> None:
    assert api.answer("GET", "clients")[0] == 200
    assert api.refusal("GET", "clients", is_local=False) == (401, None, "Missing authentication")


def test_unknown_endpoints(api: Api) -> None:
    assert api.refusal("GET", "users")[0] == 404
    assert api.refusal("DELETE", "clients")[0] == 405


def test_errors_have_auth0_s_shape() -> None:
    assert ManagementError(403, "m", "c").render() == {
        "statusCode": 403,
        "error": "Forbidden",
        "message": "m",
        "errorCode": "c",
    }
    assert "errorCode" not in ManagementError(401, "m").render()
