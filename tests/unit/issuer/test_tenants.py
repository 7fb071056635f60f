import copy
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from sekisho.issuer.context import IssuerContext
from sekisho.issuer.local import local_key_set
from sekisho.issuer.tenants.apply import AppliedTenant, apply_tenants
from sekisho.issuer.tenants.discovery import discovery_document
from sekisho.issuer.tenants.resources import (
    SYSTEM_PERMISSIONS,
    check_domain,
    create_tenant,
    delete_tenant,
    find_api,
    find_grant,
)
from sekisho.issuer.tenants.spec import load_tenant_specs
from sekisho.kernel.clock import ManualClock
from sekisho.kernel.errors import UsageError
from sekisho.model.keys import SigningKey
from sekisho.model.tenants import ClientGrant, Tenant, TenantApi, TenantClient, TokenDialect
from sekisho.store.api import Store

Contexts = Callable[[], AbstractContextManager[IssuerContext]]
DOMAIN = "dev-abc123.us.auth0.com"
SYSTEM = f"https://{DOMAIN}/api/v2/"
MINIMAL: dict[str, Any] = {
    "domain": DOMAIN,
    "apis": [{"identifier": "https://a/", "scopes": ["read"]}, {"identifier": "https://b/"}],
    "applications": [{"name": "m2m", "apis": ["https://a/", "https://b/"]}],
}


def apply(context: Contexts, *tenants: dict[str, Any]) -> AppliedTenant:
    with context() as ctx:
        return apply_tenants(ctx, load_tenant_specs(list(tenants)))[0]


def version(store: Store) -> int:
    with store.read() as state:
        return state.version


def test_a_second_run_changes_nothing(store: Store, context: Contexts) -> None:
    first = apply(context, MINIMAL)
    before = version(store)
    second = apply(context, MINIMAL)
    assert version(store) == before
    assert second == first
    application = first.applications[0]
    assert (len(application.client_id), len(application.client_secret.reveal())) == (32, 64)
    assert application.client_id.isalnum()
    assert first.issuer == f"https://{DOMAIN}/"


def test_what_changed_in_the_file_changes(store: Store, context: Contexts) -> None:
    credentials = apply(context, MINIMAL).applications[0]
    changed = copy.deepcopy(MINIMAL)
    changed["apis"][0] |= {"profile": "rfc9068", "token_lifetime": 60, "scopes": ["read", "write"]}
    changed["applications"][0]["apis"] = [{"identifier": "https://a/", "scopes": ["write"]}]
    assert apply(context, changed).applications[0] == credentials
    with store.read() as state:
        api = find_api(state, DOMAIN, "https://a/")
        assert api is not None
        assert (api.token_dialect, api.token_lifetime) == (TokenDialect.RFC9068, 60)
        assert [scope.value for scope in api.scopes] == ["read", "write"]
        grant = find_grant(state, DOMAIN, credentials.client_id, "https://a/")
        assert grant is not None
        assert (grant.permissions, grant.allow_all_scopes) == (("write",), False)
        assert find_grant(state, DOMAIN, credentials.client_id, "https://b/") is None


def test_given_credentials_are_kept_and_followed(store: Store, context: Contexts) -> None:
    given = copy.deepcopy(MINIMAL)
    given["applications"][0] |= {"client_id": "abc123", "client_secret": "one"}
    apply(context, given)
    given["applications"][0]["client_secret"] = "two"
    apply(context, given)
    with store.read() as state:
        clients = state.list(TenantClient, DOMAIN)
    assert [(client.client_id, client.client_secret) for client in clients] == [("abc123", "two")]
    assert "two" not in repr(clients)


def test_two_applications_with_one_name_are_told_apart_by_id(store: Store, context: Contexts) -> None:
    given = copy.deepcopy(MINIMAL)
    given["applications"] = [{"name": "given", "client_id": "abc123"}]
    apply(context, given)
    given["applications"] = [{"name": "x", "client_id": "abc123"}, {"name": "given"}]
    apply(context, given)
    with store.read() as state:
        assert [client.name for client in state.list(TenantClient, DOMAIN)] == ["x", "given"]


@pytest.mark.semantics("AUTH0-26")
def test_a_new_tenant_has_keys_and_the_system_api(store: Store, context: Contexts) -> None:
    with context() as ctx:
        tenant = create_tenant(ctx)
    assert tenant.domain.startswith("dev-")
    assert tenant.domain.endswith(".us.auth0.com")
    with store.read() as state:
        api = find_api(state, tenant.domain, f"https://{tenant.domain}/api/v2/")
        assert len(state.list(SigningKey, tenant.issuer)) == 2
    assert api is not None
    assert api.is_system
    assert len(api.id) == 24
    assert [scope.value for scope in api.scopes] == list(SYSTEM_PERMISSIONS)


def test_a_tenant_cannot_be_made_twice(store: Store, context: Contexts) -> None:
    with context() as ctx:
        create_tenant(ctx, DOMAIN)
    before = version(store)
    with pytest.raises(UsageError, match=r"already a tenant dev-abc123"), context() as ctx:
        create_tenant(ctx, DOMAIN.upper())
    assert version(store) == before


def test_deleting_a_tenant_leaves_nothing(store: Store, context: Contexts) -> None:
    apply(context, MINIMAL)
    with context() as ctx:
        delete_tenant(ctx, ctx.state.get(Tenant, DOMAIN))
    with store.read() as state:
        for kind in (Tenant, TenantApi, TenantClient, ClientGrant, SigningKey):
            assert state.list(kind) == []


@pytest.mark.parametrize("domain", ["dev-abc123.us.auth0.com", "Login.Example.com", "a.b", "x1.2y"])
def test_domains(domain: str) -> None:
    assert check_domain(domain) == domain.lower()


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "auth0",
        "localhost",
        "x.localhost",
        "127.0.0.1",
        "a..b",
        "-a.b",
        "a-.b",
        "a.b.",
        "a b.c",
        "a.b:443",
        "a/b.c",
        "a.b\n",
        "cognito-idp.us-east-1.amazonaws.com",
        "x.auth.us-east-1.amazoncognito.com",
        f"{'a' * 64}.com",
        ".".join(["abcdefgh"] * 29),
    ],
)
def test_not_domains(domain: str) -> None:
    with pytest.raises(UsageError):
        check_domain(domain)


def changed(path: str, value: Any) -> list[dict[str, Any]]:
    tenant = copy.deepcopy(MINIMAL)
    target: Any = tenant
    *steps, last = path.split(".")
    for step in steps:
        target = target[int(step) if step.isdecimal() else step]
    target[int(last) if last.isdecimal() else last] = value
    return [tenant]


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({}, "tenants: must be a list"),
        (["x"], "tenants[0]: must be a mapping with domain"),
        ([{}], "tenants[0].domain: is missing"),
        ([{"domain": 7}], "tenants[0].domain: must be a text"),
        ([{"domain": "x"}], "tenants[0].domain: 'x' is not a domain name"),
        ([{"domain": "a.b"}, {"domain": "A.b"}], "tenants[1].domain: 'a.b' stands here twice"),
        (changed("region", "us"), "tenants[0].region: is not known; known here: domain, apis, applications"),
        (changed("apis", {}), "tenants[0].apis: must be a list"),
        (changed("apis.1.identifier", ""), "tenants[0].apis[1].identifier: must be a text"),
        (changed("apis.1.identifier", "https://a/"), "tenants[0].apis[1].identifier: 'https://a/' stands"),
        (changed("apis.1.identifier", "x" * 601), "tenants[0].apis[1].identifier: must have at most 600"),
        (changed("apis.1.identifier", SYSTEM), "tenants[0].apis: every tenant has"),
        (changed("apis.0.name", "<b>"), "tenants[0].apis[0].name: must not contain < or >"),
        (changed("apis.0.profile", "jwt"), "tenants[0].apis[0].profile: must be one of auth0, rfc9068"),
        (
            changed("apis.0.token_dialect", "jwt"),
            "tenants[0].apis[0].token_dialect: must be one of access_token,",
        ),
        (
            changed("apis.0", {"identifier": "a", "profile": "auth0", "token_dialect": "access_token"}),
            "tenants[0].apis[0]: give profile or token_dialect, not both",
        ),
        (changed("apis.0.token_lifetime", 2592001), "tenants[0].apis[0].token_lifetime: must be a whole"),
        (changed("apis.0.token_lifetime", True), "tenants[0].apis[0].token_lifetime: must be a whole"),
        (changed("apis.0.scopes", ["a b"]), "tenants[0].apis[0].scopes[0]: a scope has no spaces"),
        (changed("apis.0.scopes", [{"name": "a"}]), "tenants[0].apis[0].scopes[0].name: is not known"),
        (changed("apis.0.scopes", ["a", "a"]), "tenants[0].apis[0].scopes[1].value: 'a' stands here twice"),
        (changed("applications.0.name", None), "tenants[0].applications[0].name: is missing"),
        (changed("applications.0.client_id", "a-b"), "tenants[0].applications[0].client_id: must be letters"),
        (
            changed("applications.0.client_secret", 7),
            "tenants[0].applications[0].client_secret: must be a text",
        ),
        (
            changed("applications.0.apis.1", "https://c/"),
            "tenants[0].applications[0].apis[1]: tenants[0].apis dec",
        ),
        (
            changed("applications.0.apis.0", {"identifier": "https://a/", "scopes": ["write"]}),
            "tenants[0].applications[0].apis[0].scopes: the API 'https://a/' has no scope 'write'",
        ),
        (
            changed("applications.0.apis.0", {"identifier": SYSTEM, "scopes": ["read:everything"]}),
            f"tenants[0].applications[0].apis[0].scopes: the API '{SYSTEM}' has no scope 'read:everything'",
        ),
        (
            changed("applications", [{"name": "m"}, {"name": "m"}]),
            "tenants[0].applications[1].name: 'm' stands here twice",
        ),
    ],
)
def test_mistakes_in_the_file_are_named_with_their_path(section: Any, message: str) -> None:
    with pytest.raises(UsageError) as wrong:
        load_tenant_specs(section)
    assert wrong.value.message.startswith(message)


def test_a_secret_in_the_file_stays_out_of_errors_and_reprs() -> None:
    specs = load_tenant_specs(changed("applications.0.client_secret", "geheim"))
    assert "geheim" not in repr(specs)


def test_no_section_declares_nothing() -> None:
    assert load_tenant_specs(None) == ()


@pytest.mark.semantics("AUTH0-28")
def test_urls_of_hosted_issuers_are_answered_here(store: Store, context: Contexts) -> None:
    apply(context, MINIMAL)
    with store.read() as state:
        keys = local_key_set(state, f"https://{DOMAIN}/.well-known/jwks.json")
        assert keys is not None
        assert [key["use"] for key in keys] == ["sig", "sig"]
        assert local_key_set(state, f"https://{DOMAIN.upper()}:443/.well-known/jwks.json") == keys
        assert local_key_set(state, f"https://{DOMAIN}/other") == []
        for url in (
            "https://dev-other.us.auth0.com/.well-known/jwks.json",
            f"http://{DOMAIN}/.well-known/jwks.json",
            f"https://{DOMAIN}:8443/.well-known/jwks.json",
            f"https://{DOMAIN}:x/.well-known/jwks.json",
            "https:///.well-known/jwks.json",
            "https://[/",
        ):
            assert local_key_set(state, url) is None


@pytest.mark.semantics("AUTH0-23")
def test_discovery(clock: ManualClock) -> None:
    document = discovery_document(Tenant(DOMAIN, clock.now()))
    assert document["issuer"] == f"https://{DOMAIN}/"
    urls = [value for value in document.values() if isinstance(value, str)]
    assert len(urls) == 9
    assert all(url.startswith(f"https://{DOMAIN}/") for url in urls)
    assert document["token_endpoint"] == f"https://{DOMAIN}/oauth/token"
    assert document["id_token_signing_alg_values_supported"] == ["HS256", "RS256", "PS256"]
    assert document["subject_types_supported"] == ["public"]
