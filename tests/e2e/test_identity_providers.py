"""What a request meets when the keys behind its guard cannot be had, over a real endpoint and a real Envoy."""

import asyncio
import json

import pytest
from tests.support.scene import Scene, scene

SIZE_LIMIT = 150_000


async def serve_bodies(answers: dict[str, tuple[int, bytes]]) -> asyncio.Server:
    """Serve each body under its path, over plain HTTP on loopback."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        status, body = answers[head.split()[1].decode()]
        writer.write(
            b"HTTP/1.1 %d X\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b" % (status, len(body), body)
        )
        await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", 0)


async def ask(here: Scene, path: str, token: str) -> tuple[int, str]:
    """Return what the edge answers, and what explain says of the same request."""
    url = f"{here.listener}{path}"
    answer = await here.http.get(url, headers={"authorization": f"Bearer {token}"})
    explained = await here.http.post(f"{here.server.url}/_sekisho/explain", json={"url": url, "token": token})
    explanation = explained.json()
    assert explanation["status"] == answer.status_code, explanation["why"]
    return answer.status_code, explanation["reason"]


@pytest.mark.slow
def test_every_state_of_a_key_set_has_its_documented_answer() -> None:
    async def scenario() -> None:
        async with scene() as here:
            token = await here.token()
            jwks = (await here.http.get(f"{here.tenant}/.well-known/jwks.json")).json()
            keys = jwks["keys"]
            eleven = [{**keys[0], "kid": f"{keys[0]['kid']}-{number}"} for number in range(11)]
            provider = await serve_bodies(
                {
                    "/good": (200, json.dumps(jwks).encode()),
                    "/unavailable": (503, b"{}"),
                    "/large": (200, json.dumps(jwks).encode() + b" " * SIZE_LIMIT),
                    "/eleven": (200, json.dumps({"keys": eleven}).encode()),
                    "/html": (200, b"<html></html>"),
                    "/moved": (302, b""),
                }
            )
            async with provider:
                base = f"http://127.0.0.1:{provider.sockets[0].getsockname()[1]}"
                expected = {
                    "/good": (200, ""),
                    "/unavailable": (562, "JWKSRequestFailed"),
                    "/large": (500, "JWKSResponseSizeExceeded"),
                    "/eleven": (500, "JWKSResponseSizeExceeded"),
                    "/html": (562, "JWKSResponseInvalid"),
                    "/moved": (562, "JWKSRequestFailed"),
                    "/never": (500, "JWKSRequestTimeout"),
                }
                for priority, path in enumerate(expected, 1):
                    # Port 9 is discard, which nothing here serves: the connection is refused.
                    endpoint = "http://127.0.0.1:9/jwks" if path == "/never" else f"{base}{path}"
                    await here.add_rule(path, endpoint, priority)
                found = {path: await ask(here, path, token) for path in expected}
                assert found == expected
                told = {one.code: one.message for one in here.server.diagnostics()}
                assert "127.0.0.1:9" in told["jwks-unreachable"]

            # The provider is gone now; its keys are known.
            assert await ask(here, "/good", token) == (200, "")

    asyncio.run(scenario())
