"""What the tests of HTTP APIs work with: a server, an issuer of the tests' own, and a backend that shows requests."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from tests.support.process import ServerProcess

AUDIENCE = "the-client"


class Quiet(BaseHTTPRequestHandler):
    """A handler that keeps its connections and logs nothing."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: Any) -> None:
        pass

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # the gateway has given up waiting
            super().handle()

    def answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response_only(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """Serve until the block ends; yields the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Issuer:
    """An issuer on a port of this machine; ``pages`` are what it answers, by path."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: _rsa_key("first"))
    pages: dict[str, Any] = field(default_factory=dict)

    def publish(self) -> None:
        keys = {"keys": [self.key.as_dict(private=False, alg="RS256", use="sig")]}
        self.pages["/.well-known/openid-configuration"] = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
        }
        self.pages["/jwks"] = keys

    def token(self, *, key: Any = None, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        """Return a good token, but for what is said; a claim of None is left out."""
        now = int(time.time())
        given = {"iss": self.url, "aud": AUDIENCE, "sub": "me", "iat": now, "exp": now + 600, **claims}
        payload = {name: value for name, value in given.items() if value is not None}
        wanted = {"alg": "RS256", "kid": "first", **(header or {})}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        return jwt.encode(wanted, payload, key or self.key, algorithms=[wanted.get("alg", "RS256")])


def _rsa_key(kid: str) -> RSAKey:
    return RSAKey.import_key(rsa.generate_private_key(65537, 2048), {"kid": kid})


def other_key(kid: str = "first") -> RSAKey:
    """Return a key that no issuer has."""
    return _rsa_key(kid)


def ec_key(kid: str = "first") -> ECKey:
    return ECKey.import_key(ec.generate_private_key(ec.SECP256R1()), {"kid": kid})


@contextmanager
def issuing() -> Iterator[Issuer]:
    """Run an issuer until the block ends."""
    issuer = Issuer()

    class Handler(Quiet):
        def do_GET(self) -> None:
            page = issuer.pages.get(self.path)
            self.answer(200 if page is not None else 404, json.dumps(page).encode())

    with serving(Handler) as port:
        issuer.url = f"http://127.0.0.1:{port}"
        issuer.publish()
        yield issuer


class Backend(Quiet):
    """Answers with the request that it received; a path below ``/status/`` chooses the status, ``?size=`` a size."""

    slow = threading.Event()

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        path = self.path.partition("?")[0]
        if path == "/slow":
            self.slow.wait(5)
        seen: dict[str, Any] = {
            "method": self.command,
            "target": self.path,
            "headers": [[name.lower(), value] for name, value in self.headers.items()],
            "body": body.decode("latin-1"),
        }
        padding = self.path.partition("?size=")[2]
        seen["body"] += "x" * int(padding or 0)
        status = int(path.removeprefix("/status/")) if path.startswith("/status/") else 200
        own = {
            "content-type": "application/json",
            "server": "backend/1",
            "www-authenticate": "Basic",
            "access-control-allow-origin": "https://backend.example",
        }
        self.answer(status, json.dumps(seen).encode(), own)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_GET  # noqa: N815 - the names that are called


@dataclass
class Gateway:
    """A server, with short cuts to make APIs in it."""

    server: ServerProcess
    backend: str
    api: Any = None

    def __post_init__(self) -> None:
        self.api = self.api or self.server.client("apigatewayv2")

    def create(self, **params: Any) -> str:
        made = self.api.create_api(Name="test", ProtocolType="HTTP", **params)
        return str(made["ApiId"])

    def url(self, api_id: str) -> str:
        arn = f"arn:aws:apigateway:us-east-1::/apis/{api_id}"
        found = [each for each in self.server.get("/_sekisho/endpoints") if each["arn"] == arn]
        return str(found[0]["url"])

    def proxy(self, api_id: str, path: str = "/", **params: Any) -> str:
        """Return the target of a new integration with the backend."""
        given = {"IntegrationMethod": "ANY", "IntegrationUri": f"{self.backend}{path}", **params}
        made = self.api.create_integration(ApiId=api_id, IntegrationType="HTTP_PROXY", **given)
        return f"integrations/{made['IntegrationId']}"

    def function(self, api_id: str, arn: str, version: str = "2.0", **params: Any) -> str:
        """Return the target of a new integration with a function."""
        made = self.api.create_integration(
            ApiId=api_id,
            IntegrationType="AWS_PROXY",
            IntegrationUri=arn,
            PayloadFormatVersion=version,
            **params,
        )
        return f"integrations/{made['IntegrationId']}"

    def route(self, api_id: str, key: str, target: str, **params: Any) -> str:
        return str(self.api.create_route(ApiId=api_id, RouteKey=key, Target=target, **params)["RouteId"])

    def stage(self, api_id: str, name: str = "$default", **params: Any) -> None:
        self.api.create_stage(ApiId=api_id, StageName=name, **{"AutoDeploy": True, **params})

    def jwt(self, api_id: str, issuer: str, source: str = "$request.header.Authorization") -> str:
        made = self.api.create_authorizer(
            ApiId=api_id,
            Name=f"jwt-{source.lower().rpartition('.')[2]}",
            AuthorizerType="JWT",
            IdentitySource=[source],
            JwtConfiguration={"Issuer": issuer, "Audience": [AUDIENCE]},
        )
        return str(made["AuthorizerId"])


Ask = Callable[..., httpx.Response]


@contextmanager
def asking(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, trust_env=False, timeout=20) as client:
        yield client
