"""Signing keys change while requests flow: no valid token is refused, and a withdrawn key stops at once."""

import asyncio
import base64
import json
import time

import pytest
from tests.support.scene import scene


def kid_of(token: str) -> str:
    head = token.partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


@pytest.mark.slow
def test_no_valid_token_is_refused_while_keys_rotate_and_a_withdrawn_key_is() -> None:
    async def scenario() -> None:
        async with scene() as here:
            first = await here.token()
            assert await here.status(first) == 200
            statuses: list[int] = []
            tokens = [first]
            stop = asyncio.Event()

            async def load() -> None:
                while not stop.is_set():
                    statuses.extend([await here.status(token) for token in list(tokens)])

            async def more() -> None:
                seen = len(statuses)
                while len(statuses) < seen + 20:  # noqa: ASYNC110 - the load itself is what is waited for
                    await asyncio.sleep(0)

            running = asyncio.create_task(load())
            for _ in range(3):
                # The key before the previous one leaves the set with a rotation, as at Auth0.
                tokens[:] = tokens[-1:]
                await more()
                await here.manage("keys/signing/rotate", {})
                tokens.append(await here.token())
                await more()
            old, new = tokens
            assert kid_of(old) != kid_of(new)
            stop.set()
            await running
            assert set(statuses) == {200}
            kid = kid_of(old)
            begun = time.monotonic()
            answer = await here.http.put(f"{here.tenant}/api/v2/keys/signing/{kid}/revoke")
            assert answer.status_code == 201, answer.text
            assert await here.status(old) == 401
            assert time.monotonic() - begun < 1
            assert await here.status(new) == 200

    asyncio.run(scenario())
