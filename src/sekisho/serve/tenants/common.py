"""What the endpoints of tenants share. This is one of the two places that catch everything."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import anyio.to_thread
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sekisho.issuer.context import IssuerContext, NewKey
from sekisho.issuer.keys import generate_private_key
from sekisho.issuer.management.errors import ManagementError, invalid_body
from sekisho.kernel.clock import Clock
from sekisho.kernel.ids import Ids
from sekisho.model.tenants import Tenant
from sekisho.serve.bodies import BodyTooLargeError, read_body
from sekisho.store.api import Store

log = structlog.get_logger(__name__)

BODY_LIMIT = 1_000_000
"""Most bytes of a request body."""

NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}  # AUTH0-30

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class TenantDeps:
    """What the issuers need.

    Attributes:
        store: the state.
        clock: the time.
        ids: identifiers and secrets.
        changed: awaited after every change, so that the edge knows it before the answer is sent.
        new_key: makes private keys.
    """

    store: Store
    clock: Clock
    ids: Ids
    changed: Callable[[], Awaitable[None]]
    new_key: NewKey = generate_private_key


class UnknownTenantError(Exception):
    """There is no tenant with the domain that was asked for."""


def guarded(handler: Handler) -> Handler:
    """Return the handler with every failure answered as an issuer answers it."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except UnknownTenantError:
            return JSONResponse({"error": "not_found", "message": "there is no such tenant"}, 404)
        except BodyTooLargeError:
            return JSONResponse({"error": "invalid_request", "message": "the body is too large"}, 413)
        except Exception:
            log.exception("an issuer failed", path=request.url.path)
            return JSONResponse({"error": "server_error"}, 500, headers=NO_STORE)

    return answer


async def read_json(request: Request) -> Any:
    """Return the value that the body is as JSON; None where it is empty.

    Raises:
        BodyTooLargeError: it has more than :data:`BODY_LIMIT` bytes.
        ManagementError: it is not JSON, or not said to be.
    """
    body = await read_body(request, BODY_LIMIT)
    if not body:
        return None
    # A page of another site can send other types without asking first.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ManagementError(415, "Content-Type must be application/json", "invalid_content_type")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise invalid_body("The body is not JSON") from None


def require_tenant(tenant: Tenant | None) -> Tenant:
    """Return the tenant.

    Raises:
        UnknownTenantError: there is none.
    """
    if tenant is None:
        raise UnknownTenantError
    return tenant


async def write(deps: TenantDeps, change: Callable[[IssuerContext], T], *, changes: bool) -> T:
    """Make a change in a transaction of its own; where it ``changes`` anything, return when the edge knows."""

    def run() -> T:
        with deps.store.write() as state:
            return change(IssuerContext(state, deps.clock, deps.ids, deps.new_key))

    result = await anyio.to_thread.run_sync(run)
    if changes:
        await deps.changed()
    return result
