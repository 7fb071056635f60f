"""The HTTP side of the tenants: token endpoint, keys, discovery, Management API, and making tenants without a file.

A tenant is reached by its host name, ``dev-abc.us.auth0.com`` or ``dev-abc.us.auth0.com.localhost``, and below
``/_sekisho/tenants/{domain}``. This is the second of the two places that catch everything.
"""

import ipaddress
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote

import anyio.to_thread
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route, Router
from starlette.types import Receive, Scope, Send

from sekisho.issuer.context import IssuerContext, NewKey
from sekisho.issuer.jwks import CACHE_CONTROL, key_set
from sekisho.issuer.keys import generate_private_key
from sekisho.issuer.management.call import Answer
from sekisho.issuer.management.errors import ManagementError, invalid_body
from sekisho.issuer.management.router import ManagementRequest, answer_management_request
from sekisho.issuer.request import decode_token_request
from sekisho.issuer.tenants.discovery import discovery_document
from sekisho.issuer.tenants.issuer import TenantIssuer
from sekisho.issuer.tenants.resources import create_tenant, delete_tenant
from sekisho.issuer.token import answer_token_request, render_error
from sekisho.kernel.clock import Clock
from sekisho.kernel.errors import OAuthError, UsageError
from sekisho.kernel.ids import Ids
from sekisho.model.tenants import Tenant
from sekisho.store.api import Store

log = structlog.get_logger(__name__)

TENANTS_PATH = "/_sekisho/tenants"
BODY_LIMIT = 1_000_000
"""Most bytes of a request body."""

_LOCAL_SUFFIXES = (".localhost", ".auth0.localhost")
_NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}  # AUTH0-30
_BY_HOST = "sekisho.tenant_host"
T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class IssuerDeps:
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


class _UnknownTenantError(Exception):
    """There is no tenant with the domain that was asked for."""


class _BodyTooLargeError(Exception):
    """A request body has more than :data:`BODY_LIMIT` bytes."""


def tenant_routes(deps: IssuerDeps) -> list[BaseRoute]:
    """Return the routes of every tenant: by host name, by path, and those that make tenants.

    The first route claims host names of tenants only; put the list before routes that match every host.
    """
    endpoints = _Endpoints(deps)
    inner = [
        Route("/oauth/token", _guarded(endpoints.token), methods=["POST"]),
        Route("/.well-known/jwks.json", _guarded(endpoints.jwks), methods=["GET"]),
        Route("/.well-known/openid-configuration", _guarded(endpoints.discovery), methods=["GET"]),
        Route(
            "/api/v2/{rest:path}",
            _guarded(endpoints.management),
            methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
        ),
    ]
    return [
        _TenantHost(deps.store, Router(inner)),
        Route(TENANTS_PATH, _guarded(endpoints.list_tenants), methods=["GET"]),
        Route(TENANTS_PATH, _guarded(endpoints.create_tenant), methods=["POST"]),
        Route(f"{TENANTS_PATH}/{{domain}}", _guarded(endpoints.delete_tenant), methods=["DELETE"]),
        Mount(f"{TENANTS_PATH}/{{domain}}", routes=inner),
    ]


def tenant_url(base: str, domain: str) -> str:
    """Return the base URL of a tenant, to which ``/oauth/token`` is appended; ``base`` is the server's own."""
    return f"{base.rstrip('/')}{TENANTS_PATH}/{domain}"


class _TenantHost(BaseRoute):
    """Sends requests for the host name of a tenant to the tenant's routes."""

    def __init__(self, store: Store, app: Router) -> None:
        self._store = store
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match HTTP requests whose host is a tenant's domain."""
        if scope["type"] != "http":
            return Match.NONE, {}
        candidates = _candidate_domains(_host_of(scope))
        if not candidates:
            return Match.NONE, {}
        with self._store.read() as state:
            domain = next((one for one in candidates if state.find(Tenant, one) is not None), None)
        if domain is None:
            # A domain of Auth0's is a tenant's whether it exists or not; others may be anybody's.
            if not candidates[-1].endswith(".auth0.com"):
                return Match.NONE, {}
            domain = candidates[-1]
        return Match.FULL, {"path_params": {"domain": domain}, _BY_HOST: True}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request."""
        await self._app(scope, receive, send)


class _Endpoints:
    """The endpoints of the tenants."""

    def __init__(self, deps: IssuerDeps) -> None:
        self._deps = deps

    async def token(self, request: Request) -> Response:
        domain = request.path_params["domain"]
        body = await _read_body(request)
        headers = request.headers

        def answer() -> dict[str, Any]:
            decoded = decode_token_request(
                headers.get("content-type", ""), headers.get("authorization"), body
            )
            with self._deps.store.read() as state:
                tenant = _require(state.find(Tenant, domain))
                issuer = TenantIssuer(state, tenant, self._deps.clock, self._deps.ids)
                return answer_token_request(issuer, decoded)

        try:
            return JSONResponse(await anyio.to_thread.run_sync(answer), headers=_NO_STORE)
        except OAuthError as error:
            log.info("token request refused", tenant=domain, error=error.error, hint=error.hint)
            return JSONResponse(render_error(error), error.status, headers=_NO_STORE)

    async def jwks(self, request: Request) -> Response:
        tenant = await self._find_tenant(request)
        with self._deps.store.read() as state:
            return JSONResponse(key_set(state, tenant.issuer), headers={"cache-control": CACHE_CONTROL})

    async def discovery(self, request: Request) -> Response:
        tenant = await self._find_tenant(request)
        return JSONResponse(discovery_document(tenant), headers={"cache-control": CACHE_CONTROL})

    async def management(self, request: Request) -> Response:
        domain = request.path_params["domain"]
        try:
            asked = await _decode_management(request)
            answer = await self._write(
                lambda ctx: answer_management_request(ctx, _require(ctx.state.find(Tenant, domain)), asked),
                changes=request.method != "GET",
            )
        except ManagementError as error:
            return JSONResponse(error.render(), error.status)
        return _render_answer(answer)

    async def list_tenants(self, request: Request) -> Response:
        if not is_local(request):
            return _forbidden()
        with self._deps.store.read() as state:
            return JSONResponse([_render_tenant(tenant, request) for tenant in state.list(Tenant)])

    async def create_tenant(self, request: Request) -> Response:
        if not is_local(request):
            return _forbidden()
        try:
            domain = _asked_domain(await _read_json(request))
            tenant = await self._write(lambda ctx: create_tenant(ctx, domain), changes=True)
        except (UsageError, ManagementError) as error:
            return JSONResponse({"error": "invalid_request", "message": error.message}, 400)
        return JSONResponse(_render_tenant(tenant, request), 201)

    async def delete_tenant(self, request: Request) -> Response:
        if not is_local(request):
            return _forbidden()
        domain = request.path_params["domain"]
        await self._write(
            lambda ctx: delete_tenant(ctx, _require(ctx.state.find(Tenant, domain))), changes=True
        )
        return Response(status_code=204)

    async def _find_tenant(self, request: Request) -> Tenant:
        with self._deps.store.read() as state:
            return _require(state.find(Tenant, request.path_params["domain"]))

    async def _write(self, change: Callable[[IssuerContext], T], *, changes: bool) -> T:
        deps = self._deps

        def run() -> T:
            with deps.store.write() as state:
                return change(IssuerContext(state, deps.clock, deps.ids, deps.new_key))

        result = await anyio.to_thread.run_sync(run)
        if changes:
            await deps.changed()
        return result


def is_local(request: Request) -> bool:
    """Tell whether the operator of this machine is asking, not a page in a browser of this machine.

    The peer is a loopback address; the host name is local or a tenant's, not one that a page's owner points here
    (DNS rebinding); and a page that another site served is known by its ``Origin``.
    """
    if request.client is None or not _is_loopback(request.client.host):
        return False
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        return False
    host = _host_of(request.scope)
    local_name = host == "localhost" or host.endswith(".localhost") or _is_loopback(host)
    return local_name or request.scope.get(_BY_HOST, False)


def _guarded(handler: Handler) -> Handler:
    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except _UnknownTenantError:
            return JSONResponse({"error": "not_found", "message": "there is no such tenant"}, 404)
        except _BodyTooLargeError:
            return JSONResponse({"error": "invalid_request", "message": "the body is too large"}, 413)
        except Exception:
            log.exception("an issuer failed", path=request.url.path)
            return JSONResponse({"error": "server_error"}, 500, headers=_NO_STORE)

    return guarded


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise _BodyTooLargeError
    return bytes(body)


async def _read_json(request: Request) -> Any:
    body = await _read_body(request)
    if not body:
        return None
    # A page of another site can send other types without asking first.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ManagementError(415, "Content-Type must be application/json", "invalid_content_type")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise invalid_body("The body is not JSON") from None


async def _decode_management(request: Request) -> ManagementRequest:
    raw = request.scope["raw_path"].decode("ascii", "replace")
    query: dict[str, str] = {}
    for name, value in parse_qsl(request.url.query, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    return ManagementRequest(
        method=request.method,
        path=[unquote(segment) for segment in raw.partition("/api/v2/")[2].split("/")],
        query=query,
        body=await _read_json(request),
        authorization=request.headers.get("authorization"),
        is_local=is_local(request),
    )


def _render_answer(answer: Answer) -> Response:
    return (
        Response(status_code=answer.status)
        if answer.body is None
        else JSONResponse(answer.body, answer.status)
    )


def _render_tenant(tenant: Tenant, request: Request) -> dict[str, str]:
    base = f"{request.url.scheme}://{request.headers.get('host', '')}"
    return {
        "domain": tenant.domain,
        "issuer": tenant.issuer,
        "jwks_uri": f"{tenant.issuer}.well-known/jwks.json",
        "url": tenant_url(base, tenant.domain),
    }


def _asked_domain(body: Any) -> str | None:
    domain = body.get("domain") if isinstance(body, dict) else None
    if body is not None and (not isinstance(body, dict) or set(body) - {"domain"}):
        raise UsageError("the body is a JSON object with the member domain, or empty")
    if domain is not None and not isinstance(domain, str):
        raise UsageError("domain must be a string")
    return domain


def _forbidden() -> Response:
    message = "tenants are made and deleted from this machine only"
    return JSONResponse({"error": "access_denied", "message": message}, 403)


def _require(tenant: Tenant | None) -> Tenant:
    if tenant is None:
        raise _UnknownTenantError
    return tenant


def _host_of(scope: Scope) -> str:
    """Return the host name of the request in lower case, without port and brackets; empty where there is none."""
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "").lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _candidate_domains(host: str) -> Sequence[str]:
    """Return the domains that a tenant with this host name may have."""
    if "." not in host or _is_address(host):
        return ()
    return [host, *(host.removesuffix(suffix) for suffix in _LOCAL_SUFFIXES if host.endswith(suffix))]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return _is_address(host) and ipaddress.ip_address(host).is_loopback
