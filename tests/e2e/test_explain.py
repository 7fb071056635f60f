"""``explain`` names the check that decided, for every reason code of an ALB, and agrees with the edge."""

import asyncio
import time
from typing import Any

import pytest
from tests.support.scene import AUDIENCE, DOMAIN, Scene, scene

UNREACHABLE = "http://127.0.0.1:9/jwks"


async def explain(here: Scene, path: str, headers: dict[str, str]) -> dict[str, Any]:
    body = {"url": f"{here.listener}{path}", "headers": headers}
    answer = await here.http.post(f"{here.server.url}/_sekisho/explain", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def guard_paths(here: Scene) -> None:
    """Make a path for each claim that the scene's tokens lack or carry otherwise."""
    jwks = f"https://{DOMAIN}/.well-known/jwks.json"

    def claim(name: str, kind: str, value: str) -> dict[str, Any]:
        return {"AdditionalClaims": [{"Name": name, "Format": kind, "Values": [value]}]}

    await here.add_rule("/missing", jwks, 1, **claim("tenant", "single-string", "a"))
    await here.add_rule("/format", jwks, 2, **claim("aud", "string-array", AUDIENCE))
    await here.add_rule("/value", jwks, 3, **claim("aud", "single-string", "https://other.example.com/"))
    await here.add_rule("/keys", UNREACHABLE, 4)
    # A busy machine may not have asked yet when the operation returns; until then the keys are pending.
    await here.server.broker.settled([UNREACHABLE], 10)
    await here.server.control.reconcile()


@pytest.mark.slow
def test_the_deciding_check_is_named_for_each_reason() -> None:
    async def scenario() -> None:
        async with scene() as here:
            await guard_paths(here)
            token = await here.token()
            bearer = {"authorization": f"Bearer {token}"}
            head, payload, signature = token.split(".")
            forged = f"Bearer {head}.{payload}.{signature[:-8]}AAAAAAAA"
            cases: dict[str, tuple[str, dict[str, str], str]] = {
                "JWTHeaderNotPresent": ("/", {}, "ALB-JWT-01"),
                "JWTRequestFormatInvalid": ("/", {"authorization": f"Basic {token}"}, "ALB-JWT-03"),
                "JWTSignatureValidationError": ("/", {"authorization": forged}, "ALB-JWT-14"),
                "JWTClaimNotPresent": ("/missing", bearer, "ALB-JWT-21"),
                "JWTClaimFormatInvalid": ("/format", bearer, "ALB-JWT-26"),
                "JWTClaimValueInvalid": ("/value", bearer, "ALB-JWT-22"),
                "JWKSRequestTimeout": ("/keys", bearer, "ALB-JWT-06"),
            }
            for reason, (path, headers, check) in cases.items():
                answer = await here.http.get(f"{here.listener}{path}", headers=headers)
                explained = await explain(here, path, headers)
                assert (explained["reason"], explained["checks"][-1]["id"]) == (reason, check)
                assert explained["status"] == answer.status_code
                assert explained["why"].startswith(f"Refused with {answer.status_code} ({reason})")
                assert explained["checks"][-1]["source"].startswith("https://")
                assert explained["edge"] == {"status": answer.status_code, "reason": reason, "agrees": True}
                assert token not in str(explained)
            allowed = await explain(here, "/", bearer)
            assert (allowed["decision"], allowed["status"], allowed["reason"]) == ("allow", 200, "")
            assert allowed["edge"] == {"status": 200, "reason": "", "agrees": True}

    asyncio.run(scenario())


@pytest.mark.slow
def test_every_refusal_is_decided_again_and_agrees() -> None:
    async def scenario() -> None:
        async with scene() as here:
            token = await here.token()
            for value in ("", "Bearer x", f"bearer {token}", f"Bearer {token}x"):
                await here.http.get(f"{here.listener}/", headers={"authorization": value} if value else {})
            deadline = time.monotonic() + 10
            while here.server.envoy.audit.checked < 4:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)
            assert here.server.envoy.audit.disagreements == 0
            told = (await here.http.get(f"{here.server.url}/_sekisho/decisions")).json()
            assert [one["reason"] for one in told][:2] == ["JWTHeaderNotPresent", "JWTRequestFormatInvalid"]
            assert token not in str(told)
            health = await here.http.get(f"{here.server.url}/_sekisho/health")
            assert (health.status_code, health.json()["parts"]["audit"]) == (200, "ok")

    asyncio.run(scenario())


def test_a_question_about_nothing_that_listens_is_refused() -> None:
    async def scenario() -> None:
        async with scene() as here:
            url = f"{here.server.url}/_sekisho/explain"
            unknown = await here.http.post(url, json={"url": "https://127.0.0.1:1/"})
            assert unknown.status_code == 400
            assert "nothing listens at 127.0.0.1:1" in unknown.json()["message"]
            wrong = await here.http.post(url, json={"uri": "https://127.0.0.1:1/"})
            assert wrong.status_code == 400
            assert "uri" in wrong.json()["message"]

    asyncio.run(scenario())
