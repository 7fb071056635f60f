import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from sekisho.model.cognito import UserPool
from sekisho.model.sign_ins import OutboxMessage
from sekisho.serve.outbox import outbox_route
from sekisho.store.sql import open_sqlite

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def ask(app: Starlette, url: str, peer: str = "127.0.0.1", **headers: str) -> httpx.Response:
    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, client=(peer, 1))
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.get(url, headers=headers)

    return asyncio.run(get())


def test_codes_are_shown_to_who_runs_the_machine_and_to_nobody_else(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "state.db")
    values: dict[str, Any] = {
        "username": "eve",
        "medium": "EMAIL",
        "destination": "eve@example.com",
        "reason": "CustomMessage_SignUp",
        "subject": "Your code",
        "body": "It is 123456",
        "code": "123456",
        "created": NOW,
    }
    with store.write() as state:
        for name in ("a", "b"):
            state.put(UserPool(name, f"pool {name}", "0", "us-east-1", "arn", NOW, NOW))
            state.put(OutboxMessage(id=f"message {name}", pool_id=name, **values))
    app = Starlette(routes=[outbox_route(store)])
    url = "http://localhost:4566/_sekisho/outbox"
    everything = ask(app, url)
    assert [message["id"] for message in everything.json()] == ["message a", "message b"]
    (message,) = ask(app, f"{url}?userPoolId=b").json()
    assert message["userPoolName"] == "pool b"
    assert message["code"] == "123456"
    assert message["created"] == "2026-11-21T00:00:00+00:00"
    for refused in (
        ask(app, url, peer="192.0.2.7"),
        ask(app, "http://rebound.example.com/_sekisho/outbox"),
        ask(app, url, origin="https://evil.example.com"),
    ):
        assert refused.status_code == 403
        assert "123456" not in refused.text
    store.close()
