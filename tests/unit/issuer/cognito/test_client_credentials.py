from dataclasses import replace
from typing import Any

import pytest

from sekisho.kernel.errors import ServiceError

GRANT = {"grant_type": "client_credentials"}


@pytest.mark.semantics("COGNITO-09")
def test_a_machine_gets_an_access_token_and_nothing_else(endpoint: Any, samples: Any) -> None:
    answer = endpoint.ask(**GRANT)
    assert list(answer) == ["access_token", "expires_in", "token_type"]
    assert (answer["expires_in"], answer["token_type"]) == (3600, "Bearer")
    claims = samples["decode"](answer["access_token"])
    client_id = samples["machine"].client_id
    assert list(claims) == [
        "sub",
        "token_use",
        "scope",
        "auth_time",
        "iss",
        "exp",
        "iat",
        "version",
        "jti",
        "client_id",
    ]
    assert claims["sub"] == claims["client_id"] == client_id
    assert claims["iss"] == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc123def"
    assert claims["version"] == 2
    assert claims["exp"] - claims["iat"] == 3600
    assert samples["decode"](answer["access_token"], 0).keys() == {"kid", "alg"}


@pytest.mark.semantics("COGNITO-62", "COGNITO-63")
def test_scopes_are_all_those_asked_for_or_refused(endpoint: Any, samples: Any) -> None:
    def scope(**params: str) -> str:
        return str(samples["decode"](endpoint.ask(**GRANT, **params)["access_token"])["scope"])

    assert scope() == "items/read items/write"
    assert scope(scope="items/write items/write") == "items/write"
    assert endpoint.refused(**GRANT, scope="items/none") == {"error": "invalid_scope"}
    assert endpoint.refused(**GRANT, scope="openid") == {"error": "invalid_scope"}
    assert endpoint.refused(**GRANT, scope="https://api.example.com//read") == {"error": "invalid_grant"}
    endpoint.put(replace(samples["machine"], allowed_oauth_scopes=("gone/read",)))
    assert endpoint.refused(**GRANT) == {"error": "invalid_grant"}


@pytest.mark.semantics("COGNITO-60")
def test_the_client_proves_who_it_is(endpoint: Any, samples: Any) -> None:
    wrong = {"error": "invalid_client"}
    assert endpoint.refused(secret="other", **GRANT) == wrong
    assert endpoint.refused(secret="", **GRANT) == wrong
    unknown = replace(samples["machine"], client_id="unknown")
    assert endpoint.refused(unknown, **GRANT) == wrong
    public = samples["browser"]
    assert endpoint.refused(public, secret="made-up", **GRANT) == wrong


@pytest.mark.semantics("COGNITO-61")
def test_the_client_may_use_the_grant(endpoint: Any, samples: Any) -> None:
    assert endpoint.refused(samples["browser"], **GRANT) == {"error": "unauthorized_client"}
    endpoint.put(replace(samples["machine"], oauth_enabled=False))
    assert endpoint.refused(**GRANT) == {"error": "invalid_grant"}
    assert endpoint.refused(grant_type="password") == {"error": "unsupported_grant_type"}
    assert endpoint.refused() == {"error": "invalid_request"}


def test_only_the_third_version_of_the_trigger_hears_of_machines(endpoint: Any, samples: Any) -> None:
    pool = replace(samples["pool"], triggers={"PreTokenGeneration": "arn"}, pre_token_version="V2_0")
    endpoint.put(pool)
    endpoint.ask(**GRANT)
    assert endpoint.triggers.events == []
    endpoint.put(replace(pool, pre_token_version="V3_0"))
    change = {
        "claimsToAddOrOverride": {"tenant": {"id": 1}, "sub": "x", "client_id": "x"},
        "scopesToAdd": ["items/extra"],
        "scopesToSuppress": ["items/write"],
    }
    endpoint.triggers.answer = lambda _event: {
        "claimsAndScopeOverrideDetails": {"accessTokenGeneration": change}
    }
    metadata = '{"environment": "dev"}'
    claims = samples["decode"](endpoint.ask(**GRANT, aws_client_metadata=metadata)["access_token"])
    assert claims["tenant"] == {"id": 1}
    assert claims["scope"] == "items/read items/extra"
    assert claims["sub"] == claims["client_id"] == samples["machine"].client_id
    (event,) = endpoint.triggers.events
    assert event["source"] == "TokenGeneration_ClientCredentials"
    assert event["user_name"] == "ClientCredentials"
    assert event["version"] == "3"
    assert event["request"] == {
        "userAttributes": {},
        "groupConfiguration": None,
        "scopes": ["items/read", "items/write"],
        "clientMetadata": {"environment": "dev"},
    }


@pytest.mark.parametrize("text", ["not json", "[]", '{"a": 1}', "[" * 100_000])
def test_metadata_that_is_no_object_of_strings_is_refused(endpoint: Any, text: str) -> None:
    assert endpoint.refused(**GRANT, aws_client_metadata=text) == {"error": "invalid_request"}


@pytest.mark.semantics("COGNITO-64")
def test_a_trigger_that_fails_refuses_the_request(endpoint: Any, samples: Any) -> None:
    pool = replace(samples["pool"], triggers={"PreTokenGeneration": "arn"}, pre_token_version="V3_0")
    endpoint.put(pool)

    def fail(_event: dict[str, Any]) -> dict[str, Any]:
        raise ServiceError("UserLambdaValidationException", "PreTokenGeneration failed with error x.")

    endpoint.triggers.answer = fail
    assert endpoint.refused(**GRANT) == {
        "error": "invalid_request",
        "error_description": "PreTokenGeneration failed with error x.",
    }
