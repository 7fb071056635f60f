import base64
import hashlib
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sekisho.issuer.cognito.authorize import (
    RedirectError,
    RequestPageError,
    check_authorization_request,
    new_authorization_code,
)
from sekisho.kernel.errors import TokenRefusedError
from sekisho.model.sign_ins import RefreshGrant

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
# RFC 7636 appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def params(samples: Any, **changes: str | None) -> dict[str, str]:
    given = {
        "client_id": samples["browser"].client_id,
        "redirect_uri": samples["callback"],
        "response_type": "code",
        "scope": "openid email",
        "state": "s t",
        "nonce": "n",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


@pytest.fixture
def code(endpoint: Any, samples: Any) -> str:
    return make(endpoint, samples)


def make(endpoint: Any, samples: Any, **changes: str | None) -> str:
    with endpoint.store.write() as state:
        request = check_authorization_request(state, samples["pool"], params(samples, **changes))
        now = endpoint.clock.now()
        text, kept = new_authorization_code(request, samples["user"].key, now, endpoint.tokens.ids, now)
        state.put(kept)
    return text


def exchange(endpoint: Any, samples: Any, code: str, **changes: str) -> dict[str, Any]:
    given = {"code": code, "redirect_uri": samples["callback"], "code_verifier": VERIFIER, **changes}
    kept = {name: value for name, value in given.items() if value}
    answer: dict[str, Any] = endpoint.ask(samples["browser"], grant_type="authorization_code", **kept)
    return answer


def refused(endpoint: Any, samples: Any, code: str, **changes: str) -> dict[str, str]:
    given = {"code": code, "redirect_uri": samples["callback"], "code_verifier": VERIFIER, **changes}
    kept = {name: value for name, value in given.items() if value}
    answer: dict[str, str] = endpoint.refused(samples["browser"], grant_type="authorization_code", **kept)
    return answer


@pytest.mark.semantics("COGNITO-07", "COGNITO-10")
def test_a_code_gets_the_tokens_of_a_hosted_sign_in(endpoint: Any, samples: Any, code: str) -> None:
    answer = exchange(endpoint, samples, code)
    assert list(answer) == ["id_token", "access_token", "refresh_token", "expires_in", "token_type"]
    access, identity = (samples["decode"](answer[name]) for name in ("access_token", "id_token"))
    assert access["version"] == 2
    assert access["scope"] == "openid email"
    assert access["cognito:groups"] == ["a", "b"]
    assert identity["nonce"] == "n"
    digest = hashlib.sha256(answer["access_token"].encode()).digest()[:16]
    assert identity["at_hash"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert (identity["email"], identity["email_verified"]) == ("ada@example.com", True)
    assert "name" not in identity
    renewed = endpoint.ask(
        samples["browser"], grant_type="refresh_token", refresh_token=answer["refresh_token"]
    )
    assert list(renewed) == ["id_token", "access_token", "expires_in", "token_type"]
    assert samples["decode"](renewed["access_token"])["scope"] == "openid email"


@pytest.mark.semantics("COGNITO-65")
def test_a_code_is_good_once_and_a_second_use_revokes_the_first(
    endpoint: Any, samples: Any, code: str
) -> None:
    tokens = exchange(endpoint, samples, code)
    assert refused(endpoint, samples, code) == {"error": "invalid_grant"}
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert endpoint.refused(samples["browser"], **refresh) == {"error": "invalid_grant"}
    with endpoint.store.read() as state, pytest.raises(TokenRefusedError, match="revoked"):
        endpoint.tokens.read_access_token(state, tokens["access_token"])


@pytest.mark.semantics("COGNITO-65")
def test_a_code_that_is_used_while_its_tokens_are_signed_gives_none(
    endpoint: Any, samples: Any, code: str
) -> None:
    endpoint.put(replace(samples["pool"], triggers={"PreTokenGeneration": "arn"}))

    def use_again(event: dict[str, Any]) -> dict[str, Any]:
        assert refused(endpoint, samples, code) == {"error": "invalid_grant"}
        return dict(event["response"])

    endpoint.triggers.answer = use_again
    assert refused(endpoint, samples, code) == {"error": "invalid_grant"}
    with endpoint.store.read() as state:
        (grant,) = state.list(RefreshGrant)
    assert grant.revoked


@pytest.mark.semantics("COGNITO-65")
def test_a_code_ends_after_five_minutes(endpoint: Any, samples: Any, code: str) -> None:
    endpoint.clock.advance(minutes=5)
    assert refused(endpoint, samples, code) == {"error": "invalid_grant"}


@pytest.mark.semantics("COGNITO-66")
@pytest.mark.parametrize("verifier", ["", "x" * 43, VERIFIER[:-1], VERIFIER + "x" * 90])
def test_the_verifier_proves_the_challenge(endpoint: Any, samples: Any, code: str, verifier: str) -> None:
    assert refused(endpoint, samples, code, code_verifier=verifier) == {"error": "invalid_grant"}
    assert exchange(endpoint, samples, code)


@pytest.mark.semantics("COGNITO-66")
def test_a_verifier_for_no_challenge_is_refused(endpoint: Any, samples: Any) -> None:
    code = make(endpoint, samples, code_challenge=None, code_challenge_method=None)
    assert refused(endpoint, samples, code) == {"error": "invalid_grant"}
    assert exchange(endpoint, samples, code, code_verifier="")


def test_what_a_code_is_bound_to(endpoint: Any, samples: Any, code: str) -> None:
    assert refused(endpoint, samples, code, redirect_uri="https://app.example.com/cb") == {
        "error": "unauthorized_client",
        "error_description": "invalid_redirect",
    }
    assert refused(endpoint, samples, code, redirect_uri="") == {"error": "invalid_request"}
    assert refused(endpoint, samples, "unknown") == {"error": "invalid_grant"}
    other = replace(samples["browser"], client_id="another0000000000000000000")
    endpoint.put(other)
    given = {"code": code, "redirect_uri": samples["callback"], "code_verifier": VERIFIER}
    assert endpoint.refused(other, grant_type="authorization_code", **given) == {"error": "invalid_grant"}
    endpoint.put(replace(samples["user"], enabled=False))
    assert refused(endpoint, samples, code) == {"error": "invalid_grant"}


@pytest.mark.semantics("COGNITO-80")
@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": "unknown"},
        {"redirect_uri": None},
        {"redirect_uri": "https://app.example.com/cb"},
        {"redirect_uri": "https://evil.example.com/"},
    ],
)
def test_nobody_is_sent_to_an_unknown_place(endpoint: Any, samples: Any, changes: Any) -> None:
    with endpoint.store.read() as state, pytest.raises(RequestPageError):
        check_authorization_request(state, samples["pool"], params(samples, **changes))


@pytest.mark.semantics("COGNITO-66", "COGNITO-81")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "id_token"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"identity_provider": "Google"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"resource": "items"}, "invalid_request"),
        ({"resource": "http://api.example.com"}, "invalid_request"),
        ({"resource": "https://[api"}, "invalid_request"),
        ({"resource": "https://api.example.com/#part"}, "invalid_request"),
        ({"scope": "items/write"}, "invalid_scope"),
        ({"scope": "email"}, "invalid_scope"),
    ],
)
def test_other_mistakes_go_back_to_the_client(endpoint: Any, samples: Any, changes: Any, error: str) -> None:
    with endpoint.store.read() as state, pytest.raises(RedirectError) as caught:
        check_authorization_request(state, samples["pool"], params(samples, **changes))
    query = parse_qs(urlsplit(caught.value.location).query)
    assert caught.value.location.startswith(f"{samples['callback']}&")
    assert query["error"] == [error]
    assert query["state"] == ["s t"]


def test_a_flow_that_the_client_does_not_have_is_unauthorized(endpoint: Any, samples: Any) -> None:
    endpoint.put(replace(samples["browser"], allowed_oauth_flows=("code",)))
    with endpoint.store.read() as state, pytest.raises(RedirectError) as caught:
        check_authorization_request(state, samples["pool"], params(samples, response_type="token"))
    assert urlsplit(caught.value.location).fragment.startswith("error=unauthorized_client")


@pytest.mark.semantics("COGNITO-81")
def test_without_a_scope_all_of_the_client_are_taken(endpoint: Any, samples: Any) -> None:
    with endpoint.store.read() as state:
        request = check_authorization_request(state, samples["pool"], params(samples, scope=None))
    assert request.scopes == samples["browser"].allowed_oauth_scopes


@pytest.mark.semantics("COGNITO-85")
@pytest.mark.parametrize("scope", ["items/read", "aws.cognito.signin.user.admin"])
def test_without_openid_there_is_no_id_token(endpoint: Any, samples: Any, scope: str) -> None:
    browser = samples["browser"]
    endpoint.put(replace(browser, allowed_oauth_scopes=(*browser.allowed_oauth_scopes, scope)))
    answer = exchange(endpoint, samples, make(endpoint, samples, scope=scope))
    assert answer.keys() == {"access_token", "refresh_token", "expires_in", "token_type"}
    again = endpoint.ask(browser, grant_type="refresh_token", refresh_token=answer["refresh_token"])
    assert "id_token" not in again


@pytest.mark.semantics("COGNITO-86")
@pytest.mark.parametrize("resource", ["https://api.example.com/v1", "http://localhost:8080", "myapp://api"])
def test_access_tokens_are_bound_to_the_resource_asked_for(
    endpoint: Any, samples: Any, resource: str
) -> None:
    answer = exchange(endpoint, samples, make(endpoint, samples, resource=resource))
    assert samples["decode"](answer["access_token"])["aud"] == resource
    assert samples["decode"](answer["id_token"])["aud"] == samples["browser"].client_id
    again = endpoint.ask(
        samples["browser"], grant_type="refresh_token", refresh_token=answer["refresh_token"]
    )
    assert samples["decode"](again["access_token"])["aud"] == resource


def test_a_code_ends_with_its_users_sign_ins(endpoint: Any, samples: Any, code: str) -> None:
    user = samples["user"]
    endpoint.put(replace(user, signed_out=endpoint.clock.now()))
    assert refused(endpoint, samples, code) == {"error": "invalid_grant"}


def test_a_code_is_not_good_for_a_later_user_of_that_name(endpoint: Any, samples: Any, code: str) -> None:
    endpoint.clock.advance(seconds=1)
    endpoint.put(replace(samples["user"], created=endpoint.clock.now()))
    assert refused(endpoint, samples, code) == {"error": "invalid_grant"}
