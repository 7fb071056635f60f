"""One fetch of one key set over HTTP, with the limits of the edge that asked.

Only HTTPS with a verified certificate, or plain HTTP to this machine; no redirects; a limit on size while reading
and one on the whole time. The URLs come from whoever may configure a listener, the answers from anybody.
"""

import asyncio
import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sekisho import __version__
from sekisho.kernel.addresses import is_localhost, is_loopback
from sekisho.kernel.errors import UsageError
from sekisho.model.ir import Flavour, KeySet, KeySetState, key_set_name
from sekisho.verify.key_sets import SIZE_LIMIT, is_jwks, parse_jwks

if TYPE_CHECKING:
    import httpx

DISCOVERY_PATH = "/.well-known/openid-configuration"
"""Where an issuer describes itself (OpenID Connect Discovery 1.0 section 4)."""

_HEADERS = {
    "accept": "application/json, application/jwk-set+json",
    "accept-encoding": "identity",  # a compressed body can be small on the wire and endless in memory
    "user-agent": f"sekisho/{__version__}",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a fetch. ``is_final`` is true where the endpoint itself said what its keys are, even if none."""

    key_set: KeySet
    is_final: bool


class _FetchError(Exception):
    def __init__(self, state: KeySetState, detail: str) -> None:
        super().__init__(detail)
        self.state = state
        self.detail = detail


class KeyFetcher:
    """Fetches key sets.

    Args:
        ca_bundle: PEM files whose roots are trusted besides the system's.
        proxy_for: the URL of the proxy for a host elsewhere, or None.

    Raises:
        UsageError: a file of the bundle cannot be used.
    """

    def __init__(
        self, ca_bundle: tuple[Path, ...] = (), proxy_for: Callable[[str], str | None] = lambda _host: None
    ) -> None:
        self._ca_bundle = ca_bundle
        self._proxy_for = proxy_for
        self._clients: dict[str | None, httpx.AsyncClient] = {}
        self._opening = asyncio.Lock()
        if ca_bundle:
            _trust(ca_bundle)

    async def fetch(self, url: str, edge: Flavour, seconds: float) -> Answer:
        """Return what is behind a JWKS endpoint (ALB) or an issuer (HTTP API); never raises for what it finds.

        ``seconds`` limits each request.
        """
        name = key_set_name(url, edge)
        try:
            jwks_url = url if edge is Flavour.ALB else await self._discover(url, seconds)
        except _FetchError as error:
            failed = KeySet(name, discovery_url(url), error.state, detail=error.detail, undiscovered=True)
            return Answer(failed, is_final=False)
        try:
            body = await self._get(jwks_url, seconds)
        except _FetchError as error:
            return Answer(KeySet(name, jwks_url, error.state, detail=error.detail), is_final=False)
        key_set = parse_jwks(jwks_url, body, edge, name)
        is_empty = key_set.state is KeySetState.INVALID and is_jwks(body)
        return Answer(key_set, is_final=is_empty or key_set.state is KeySetState.READY)

    async def is_issuer(self, issuer: str, seconds: float) -> bool:
        """Tell whether an issuer answers with a discovery document that names it, in at most ``seconds``."""
        try:
            await self._discover(issuer, seconds)
        except _FetchError:
            return False
        return True

    async def close(self) -> None:
        """Close what is open."""
        for client in self._clients.values():
            await client.aclose()

    async def _discover(self, issuer: str, seconds: float) -> str:
        body = await self._get(discovery_url(issuer), seconds)
        try:
            document = json.loads(body.decode())
        except (ValueError, RecursionError):
            raise _FetchError(KeySetState.INVALID, "The discovery document is not JSON.") from None
        if not isinstance(document, dict) or not isinstance(document.get("jwks_uri"), str):
            raise _FetchError(KeySetState.INVALID, "The discovery document names no jwks_uri.")
        # FETCH-10; OpenID Connect Discovery 1.0 section 4.3: the issuer "MUST be identical".
        if document.get("issuer") != issuer:
            raise _FetchError(KeySetState.INVALID, "The discovery document is one of another issuer.")
        return str(document["jwks_uri"])  # FETCH-11

    async def _get(self, url: str, seconds: float) -> bytes:
        proxy = self._find_proxy(url)
        client = await self._ready_client(proxy)
        import httpx

        try:
            async with asyncio.timeout(seconds):
                return await _get_from_any(client, httpx.URL(url), looks_up=proxy is None)
        except TimeoutError:
            detail = f"There was no complete answer within {seconds:g} s."
            raise _FetchError(KeySetState.UNREACHABLE, detail) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, UnicodeError) as error:
            raise _FetchError(KeySetState.UNREACHABLE, _why(error)) from None

    def _find_proxy(self, url: str) -> str | None:  # FETCH-13
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            return None
        return None if is_loopback(host) else self._proxy_for(host)

    async def _ready_client(self, proxy: str | None) -> "httpx.AsyncClient":
        async with self._opening:
            if proxy not in self._clients:
                # Importing the client and reading the system's roots take 0.2 s: not on the event loop.
                self._clients[proxy] = await asyncio.to_thread(_open_client, self._ca_bundle, proxy)
            return self._clients[proxy]


def discovery_url(issuer: str) -> str:
    """Return the address of an issuer's discovery document (OpenID Connect Discovery 1.0 section 4.1)."""
    return issuer.removesuffix("/") + DISCOVERY_PATH


# ---------------------------------------------------------------- trust


def _trust(ca_bundle: tuple[Path, ...]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"] and ssl.get_default_verify_paths().capath is None:
        import certifi

        context.load_verify_locations(certifi.where())
    for path in ca_bundle:
        try:
            context.load_verify_locations(path)
        except OSError as error:  # ssl.SSLError is one
            raise UsageError(f"{path}: is not a PEM file with CA certificates ({error.strerror})") from None
    return context


def _open_client(ca_bundle: tuple[Path, ...], proxy: str | None) -> "httpx.AsyncClient":
    import httpx

    return httpx.AsyncClient(
        verify=_trust(ca_bundle),
        proxy=proxy,
        trust_env=False,
        follow_redirects=False,
        timeout=None,  # noqa: S113 - _get limits the whole request
        limits=httpx.Limits(max_keepalive_connections=0),
        headers=_HEADERS,
    )


# ---------------------------------------------------------------- one request


async def _get_from_any(client: "httpx.AsyncClient", url: "httpx.URL", *, looks_up: bool) -> bytes:
    """Return what is behind a URL; a proxy looks its name up itself."""
    import httpx

    requests = list(_build_requests(client, url))
    if looks_up:
        await _look_up(requests[0].url.host)
    for request in requests[:-1]:
        try:
            return await _read(client, request)
        except httpx.ConnectError as error:
            if not any(isinstance(cause, ConnectionRefusedError) for cause in _causes(error)):
                raise
    return await _read(client, requests[-1])


def _build_requests(client: "httpx.AsyncClient", url: "httpx.URL") -> Iterator["httpx.Request"]:
    """Yield the request for each address to try.

    Names under localhost mean this machine (RFC 6761 section 6.3), so they are never looked up: a resolver that says
    otherwise could point plain HTTP anywhere.
    """
    if url.scheme not in {"https", "http"} or not url.host or url.userinfo:
        raise _FetchError(KeySetState.UNREACHABLE, "The URL is not one of a JWKS endpoint.")
    if url.scheme == "http" and not is_loopback(url.host):  # FETCH-04
        raise _FetchError(KeySetState.UNREACHABLE, "Keys are fetched by https, or by http from this machine.")
    if not is_localhost(url.host):
        yield client.build_request("GET", url)
        return
    for address in ("127.0.0.1", "::1"):
        host = {"host": url.netloc.decode("ascii")}
        extensions = {"sni_hostname": url.host}
        yield client.build_request("GET", url.copy_with(host=address), headers=host, extensions=extensions)


async def _look_up(host: str) -> None:
    """Check that a name resolves, in a thread of its own.

    A resolver that gets no answer blocks its thread for half a minute. That must neither use up the threads that the
    control plane shares nor keep the server from ending.
    """
    loop = asyncio.get_running_loop()
    answered = loop.create_future()

    def tell(error: Exception | None) -> None:
        if answered.done():
            return
        if error is None:
            answered.set_result(None)
        else:
            answered.set_exception(error)

    def look_up() -> None:
        error: Exception | None = None
        try:
            socket.getaddrinfo(host, None)
        except (OSError, UnicodeError) as caught:
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(tell, error)

    threading.Thread(target=look_up, name="look up a JWKS host", daemon=True).start()
    await answered


async def _read(client: "httpx.AsyncClient", request: "httpx.Request") -> bytes:
    response = await client.send(request, stream=True)
    try:
        if response.is_redirect:  # FETCH-03
            raise _FetchError(KeySetState.REFUSED, _redirect_detail(response.status_code))
        if not response.is_success:
            raise _FetchError(KeySetState.REFUSED, f"The endpoint answered {response.status_code}.")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise _FetchError(KeySetState.INVALID, "The body is compressed, which was not asked for.")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > SIZE_LIMIT:  # KEYS-01
                raise _FetchError(KeySetState.TOO_LARGE, f"The body has more than {SIZE_LIMIT} bytes.")
        return bytes(body)
    finally:
        await response.aclose()


def _redirect_detail(status: int) -> str:
    return f"The endpoint answered {status}, and redirects are not followed."


def _why(error: BaseException) -> str:
    """Return a sentence on what went wrong; nothing of the URL or of the answer is in it."""
    for cause in _causes(error):
        match cause:
            case socket.gaierror() | UnicodeError():
                return "The host's name does not resolve."
            case ssl.SSLCertVerificationError():
                return f"The endpoint's certificate is not trusted: {cause.verify_message}."
            case ssl.SSLError():
                return "The TLS handshake failed."
            case ConnectionRefusedError():
                return "The connection was refused."
    if type(error).__name__ == "ProxyError":
        return "The proxy that HTTPS_PROXY names did not connect."
    return f"The connection failed ({type(error).__name__})."


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
