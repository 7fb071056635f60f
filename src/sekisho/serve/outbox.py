"""``GET /_sekisho/outbox``: the messages that user pools would have sent, for whoever runs this machine."""

from datetime import UTC
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sekisho.model.cognito import UserPool
from sekisho.model.sign_ins import OutboxMessage
from sekisho.serve.hosts import is_local
from sekisho.store.api import Store

OUTBOX_PATH = "/_sekisho/outbox"


def outbox_route(store: Store) -> Route:
    """Return the route; ``?userPoolId=`` asks for the messages of one pool."""

    async def handle(request: Request) -> Response:
        """List the messages that user pools would have sent, newest last; of one pool with ``?userPoolId=``."""
        # The messages hold codes and temporary passwords.
        if not is_local(request):
            message = "the outbox is shown on this machine only"
            return JSONResponse({"error": "access_denied", "message": message}, 403)
        pool_id = request.query_params.get("userPoolId")
        found = await anyio.to_thread.run_sync(_read, store, pool_id)
        return JSONResponse(found, headers={"cache-control": "no-store"})

    return Route(OUTBOX_PATH, handle, methods=["GET"])


def _read(store: Store, pool_id: str | None) -> list[dict[str, Any]]:
    with store.read() as state:
        names = {pool.id: pool.name for pool in state.list(UserPool)}
        return [_encode(message, names[message.pool_id]) for message in state.list(OutboxMessage, pool_id)]


def _encode(message: OutboxMessage, pool_name: str) -> dict[str, Any]:
    return {
        "id": message.id,
        "userPoolId": message.pool_id,
        "userPoolName": pool_name,
        "username": message.username,
        "medium": message.medium,
        "destination": message.destination,
        "reason": message.reason,
        "subject": message.subject,
        "body": message.body,
        "code": message.code,
        "created": message.created.astimezone(UTC).isoformat(timespec="seconds"),
    }
