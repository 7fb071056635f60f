import base64
import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from sekisho.issuer.cognito.claims import membership
from sekisho.issuer.cognito.discovery import discovery_document
from sekisho.issuer.cognito.urls import PoolUrls, find_domain
from sekisho.issuer.jwks import key_set
from sekisho.issuer.local import local_discovery, local_key_set
from sekisho.kernel.errors import ServiceError, TokenRefusedError
from sekisho.model.cognito import Group, UserPoolDomain, Validity
from sekisho.model.user_tokens import SignIn, UserTokens

ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc123def"


def issue(endpoint: Any, samples: Any, **changes: Any) -> UserTokens:
    with endpoint.store.read() as state:
        pool = state.get(type(samples["pool"]), samples["pool"].id)
    given = {"source": "TokenGeneration_Authentication", "auth_time": endpoint.clock.now(), **changes}
    tokens: UserTokens = endpoint.tokens.issue(
        endpoint.store, SignIn(pool, samples["browser"], samples["user"], **given)
    )
    return tokens


def with_trigger(endpoint: Any, samples: Any, version: str, answer: dict[str, Any]) -> None:
    endpoint.put(replace(samples["pool"], triggers={"PreTokenGeneration": "arn"}, pre_token_version=version))
    endpoint.triggers.answer = lambda _event: answer


@pytest.mark.semantics("COGNITO-02")
def test_each_kind_of_token_is_signed_by_a_key_of_its_own(endpoint: Any, samples: Any) -> None:
    tokens = issue(endpoint, samples)
    with endpoint.store.read() as state:
        published = key_set(state, samples["pool"].issuer)
    assert len(published["keys"]) == 2
    for key in published["keys"]:
        assert list(key) == ["alg", "e", "kid", "kty", "n", "use"]
        assert (key["alg"], key["e"], key["kty"], key["use"]) == ("RS256", "AQAB", "RSA", "sig")
        assert len(key["kid"]) == 44
        assert key["kid"].endswith("=")
    keys = KeySet.import_key_set(json.loads(json.dumps(published)))
    kids = set()
    for token in (tokens.access_token, tokens.id_token):
        decoded = jwt.decode(str(token), keys, algorithms=["RS256"])
        assert decoded.header.keys() == {"kid", "alg"}
        kids.add(decoded.header["kid"])
    assert len(kids) == 2


def test_attributes_have_the_types_of_openid(endpoint: Any, samples: Any) -> None:
    identity = samples["decode"](issue(endpoint, samples).id_token)
    assert identity["email_verified"] is True
    assert identity["address"] == {"formatted": "London"}
    assert identity["updated_at"] == 1795219200
    assert "custom:tenant" not in identity
    assert identity["cognito:username"] == "ada"
    assert identity["cognito:roles"] == ["arn:role/a"]
    assert identity["cognito:preferred_role"] == "arn:role/a"


@pytest.mark.semantics("COGNITO-06")
def test_roles_of_equal_rank_prefer_none() -> None:
    def group(name: str, role: str | None, precedence: int | None) -> Group:
        return Group("p", name, None, None, role_arn=role, precedence=precedence)  # type: ignore[arg-type]

    found = membership(
        [group("x", "r1", 5), group("y", "r2", 5), group("z", None, 0), group("w", None, None)]
    )
    assert found.groups == ("z", "x", "y", "w")
    assert found.preferred_role is None
    assert membership([group("x", "r1", 5), group("y", "r1", 5)]).preferred_role == "r1"
    assert membership([group("x", "r1", None)]).preferred_role == "r1"
    assert membership([group("x", "r1", None), group("y", "r2", 9)]).preferred_role == "r2"
    assert membership([group("x", "r1", None), group("y", "r2", None)]).preferred_role is None
    assert membership([group("x", None, None)]).preferred_role is None


@pytest.mark.semantics("COGNITO-11")
def test_the_first_version_of_the_trigger_changes_the_id_token(endpoint: Any, samples: Any) -> None:
    details = {
        "claimsToAddOrOverride": {"tenant": "a", "sub": "x", "email": "other@example.com", "aud": "x"},
        "claimsToSuppress": ["name", "iss"],
        "groupOverrideDetails": {"groupsToOverride": ["c"], "iamRolesToOverride": [], "preferredRole": ""},
    }
    with_trigger(endpoint, samples, "V1_0", {"claimsOverrideDetails": details})
    tokens = issue(endpoint, samples, metadata={"k": "v"})
    access, identity = samples["decode"](tokens.access_token), samples["decode"](tokens.id_token)
    assert (identity["tenant"], identity["email"]) == ("a", "other@example.com")
    assert (identity["sub"], identity["iss"]) == (samples["user"].sub, ISSUER)
    assert identity["aud"] == samples["browser"].client_id
    assert "name" not in identity
    assert "tenant" not in access
    assert access["cognito:groups"] == identity["cognito:groups"] == ["c"]
    assert "cognito:roles" not in identity
    (event,) = endpoint.triggers.events
    assert event["version"] == "1"
    assert event["response"] == {"claimsOverrideDetails": None}
    assert event["request"]["groupConfiguration"] == {
        "groupsToOverride": ["a", "b"],
        "iamRolesToOverride": ["arn:role/a"],
        "preferredRole": "arn:role/a",
    }
    assert event["request"]["userAttributes"]["cognito:user_status"] == "CONFIRMED"
    assert event["request"]["clientMetadata"] == {"k": "v"}
    assert "scopes" not in event["request"]


@pytest.mark.semantics("COGNITO-11", "COGNITO-12")
def test_the_second_version_changes_both_tokens(endpoint: Any, samples: Any) -> None:
    client_id = samples["browser"].client_id
    access_change = {
        "claimsToAddOrOverride": {"tenant": "a", "list": [1, True, None], "aud": client_id, "iss": "x"},
        "claimsToSuppress": ["cognito:groups", "event_id", "username"],
        "scopesToAdd": ["items/read"],
        "scopesToSuppress": ["aws.cognito.signin.user.admin"],
    }
    details = {
        "idTokenGeneration": {"claimsToAddOrOverride": {"level": 9}},
        "accessTokenGeneration": access_change,
    }
    with_trigger(endpoint, samples, "V2_0", {"claimsAndScopeOverrideDetails": details})
    tokens = issue(endpoint, samples)
    access, identity = samples["decode"](tokens.access_token), samples["decode"](tokens.id_token)
    assert access["tenant"] == "a"
    assert access["list"] == [1, True, None]
    assert access["aud"] == client_id
    assert access["iss"] == ISSUER
    assert "cognito:groups" not in access
    assert {"event_id", "username"} <= access.keys()
    assert access["scope"] == "items/read"
    assert identity["level"] == 9
    assert identity["cognito:groups"] == ["a", "b"]
    (event,) = endpoint.triggers.events
    assert event["version"] == "2"
    assert event["request"]["scopes"] == ["aws.cognito.signin.user.admin"]


@pytest.mark.parametrize(
    ("version", "answer"),
    [
        ("V1_0", {"claimsOverrideDetails": {"claimsToAddOrOverride": {"n": 1}}}),
        ("V1_0", {"claimsOverrideDetails": []}),
        ("V1_0", {"claimsOverrideDetails": {"claimsToSuppress": "name"}}),
        ("V1_0", {"claimsOverrideDetails": {"groupOverrideDetails": {"groupsToOverride": [1]}}}),
        ("V1_0", {"claimsOverrideDetails": {"groupOverrideDetails": {"preferredRole": 1}}}),
        (
            "V2_0",
            {"claimsAndScopeOverrideDetails": {"accessTokenGeneration": {"scopesToAdd": ["a b"]}}},
        ),
        (
            "V2_0",
            {
                "claimsAndScopeOverrideDetails": {
                    "accessTokenGeneration": {"claimsToAddOrOverride": {"aud": "another"}}
                }
            },
        ),
    ],
)
def test_what_cannot_be_put_into_a_token_is_refused(
    endpoint: Any, samples: Any, version: str, answer: dict[str, Any]
) -> None:
    with_trigger(endpoint, samples, version, answer)
    with pytest.raises(ServiceError) as caught:
        issue(endpoint, samples)
    assert caught.value.code == "InvalidLambdaResponseException"


def test_a_trigger_that_changes_nothing_changes_nothing(endpoint: Any, samples: Any) -> None:
    plain = samples["decode"](issue(endpoint, samples).access_token)
    for version, answer in (
        ("V1_0", {"claimsOverrideDetails": None}),
        ("V2_0", {"claimsAndScopeOverrideDetails": None}),
        ("V2_0", {}),
    ):
        with_trigger(endpoint, samples, version, answer)
        assert samples["decode"](issue(endpoint, samples).access_token).keys() == plain.keys()


def test_refresh_tokens_are_kept_as_hashes(endpoint: Any, samples: Any) -> None:
    token = str(issue(endpoint, samples).refresh_token)
    with endpoint.store.read() as state:
        rows = state._connection.exec_driver_sql("SELECT body FROM resources").scalars().all()
    text = b"".join(rows).decode()
    assert token not in text
    assert hashlib.sha256(token.encode()).hexdigest() in text


@pytest.mark.semantics("COGNITO-01")
def test_pools_can_issue_from_this_server(endpoint: Any, samples: Any) -> None:
    urls = PoolUrls(lambda: "http://127.0.0.1:4566")
    tokens = replace(endpoint.tokens, urls=urls)
    issued = tokens.issue(
        endpoint.store,
        SignIn(samples["pool"], samples["browser"], samples["user"], "x", endpoint.clock.now()),
    )
    own = "http://127.0.0.1:4566/eu-west-1_Abc123def"
    assert samples["decode"](issued.access_token)["iss"] == own
    with endpoint.store.read() as state:
        assert tokens.read_access_token(state, issued.access_token).sub == samples["user"].sub
        document = discovery_document(state, samples["pool"], urls)
    assert document["jwks_uri"] == f"{own}/.well-known/jwks.json"
    assert document["token_endpoint"] == "http://127.0.0.1:4566/_sekisho/domains/shop/oauth2/token"


@pytest.mark.semantics("COGNITO-04")
def test_discovery_names_the_endpoints_of_the_domain(endpoint: Any, samples: Any) -> None:
    with endpoint.store.write() as state:
        document = discovery_document(state, samples["pool"], PoolUrls())
        state.delete(UserPoolDomain, "shop")
        without = discovery_document(state, samples["pool"], PoolUrls())
    base = "https://shop.auth.eu-west-1.amazoncognito.com"
    assert document == {
        "authorization_endpoint": f"{base}/oauth2/authorize",
        "end_session_endpoint": f"{base}/logout",
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": ISSUER,
        "jwks_uri": f"{ISSUER}/.well-known/jwks.json",
        "response_types_supported": ["code", "token"],
        "revocation_endpoint": f"{base}/oauth2/revoke",
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint": f"{base}/oauth2/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "userinfo_endpoint": f"{base}/oauth2/userInfo",
    }
    assert not any(name.endswith("_endpoint") for name in without)


@pytest.mark.semantics("COGNITO-03")
def test_the_pools_urls_are_answered_here_and_others_are_not(endpoint: Any) -> None:
    with endpoint.store.read() as state:
        assert len(local_key_set(state, f"{ISSUER}/.well-known/jwks.json") or ()) == 2
        assert local_key_set(state, f"{ISSUER}/.well-known/other") == []
        assert local_key_set(state, ISSUER.replace("Abc", "Xyz") + "/.well-known/jwks.json") is None
        assert (
            local_key_set(state, ISSUER.replace("eu-west-1.", "us-east-1.") + "/.well-known/jwks.json")
            is None
        )
        assert local_key_set(state, ISSUER.replace("https", "http") + "/.well-known/jwks.json") is None
        found = local_discovery(state, f"{ISSUER}/.well-known/openid-configuration")
        assert found is not None
        assert found["issuer"] == ISSUER
        assert local_discovery(state, f"{ISSUER}/.well-known/jwks.json") == {}
        assert local_discovery(state, "https://example.com/.well-known/openid-configuration") is None


@pytest.mark.semantics("COGNITO-05")
@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("shop.auth.eu-west-1.amazoncognito.com", "shop"),
        ("shop.auth.us-east-1.amazoncognito.com", None),
        ("shop.auth.localhost", "shop"),
        ("shop.auth.eu-west-1.localhost", "shop"),
        ("shop.auth.amazoncognito.com", None),
        ("other.auth.localhost", None),
        ("shop", None),
        ("login.example.com", "login.example.com"),
        ("login.example.com.localhost", "login.example.com"),
    ],
)
def test_domains_are_found_by_host_name(endpoint: Any, samples: Any, host: str, found: str | None) -> None:
    endpoint.put(UserPoolDomain("login.example.com", samples["pool"].id, "arn:certificate"))
    with endpoint.store.read() as state:
        domain = find_domain(state, host)
    assert (None if domain is None else domain.domain) == found


@pytest.mark.parametrize(
    "payload",
    [b'{"client_id":["x"]}', b'{"client_id":{}}', b'{"aud":1}', b"null", b"[" * 20_000, b'{"aud":"\\ud800"}'],
)
def test_rubbish_is_an_invalid_access_token(endpoint: Any, payload: bytes) -> None:
    parts = (
        base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (b'{"alg":"RS256"}', payload, b"x")
    )
    with endpoint.store.read() as state, pytest.raises(TokenRefusedError, match="Invalid Access Token"):
        endpoint.tokens.read_access_token(state, ".".join(parts))


@pytest.mark.semantics("COGNITO-08")
def test_a_refresh_token_lives_from_when_it_was_given(endpoint: Any, samples: Any) -> None:
    client = replace(samples["browser"], refresh_validity=Validity(60, "minutes", given_unit=True))
    endpoint.put(client)
    with endpoint.store.read() as state:
        pool = state.get(type(samples["pool"]), samples["pool"].id)
    long_ago = endpoint.clock.now() - timedelta(minutes=59)
    sign_in = SignIn(pool, client, samples["user"], "TokenGeneration_HostedAuth", long_ago, ("openid",))
    token = endpoint.tokens.issue(endpoint.store, sign_in).refresh_token
    endpoint.clock.advance(minutes=59)
    assert endpoint.tokens.refresh(endpoint.store, client, token, {}).access_token
    endpoint.clock.advance(minutes=1)
    with pytest.raises(TokenRefusedError, match="Refresh Token has expired"):
        endpoint.tokens.refresh(endpoint.store, client, token, {})
