"""Fetches from real servers on loopback: every way an endpoint can answer, or not."""

import asyncio
import base64
import contextlib
import functools
import json
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from sekisho.kernel.clock import SystemClock
from sekisho.kernel.errors import UsageError
from sekisho.model.ir import Flavour, KeySetState
from sekisho.serve.certificates import CertificateAuthority
from sekisho.serve.key_fetcher import Answer, KeyFetcher, discovery_url
from sekisho.verify.key_sets import SIZE_LIMIT

pytestmark = pytest.mark.anyio
JWKS = "/jwks.json"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@functools.cache
def jwks(kid: str) -> bytes:
    n = rsa.generate_private_key(65537, 2048).public_key().public_numbers().n
    text = base64.urlsafe_b64encode(n.to_bytes(256, "big")).rstrip(b"=").decode()
    return json.dumps({"keys": [{"kty": "RSA", "kid": kid, "n": text, "e": "AQAB"}]}).encode()


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class Site:
    """Answers each path with the bytes it was given; None keeps silent."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes | None] = {}
        self.requests: list[str] = []
        self.port = 0
        self.is_over = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.requests.append(head)
            answer = self.answers.get(head.split()[1], http(b"", "404 Not Found"))
            if answer is None:
                await self.is_over.wait()
            else:
                writer.write(answer)
                await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def serving(
    site: Site, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Site]:
    server = await asyncio.start_server(site.serve, host, 0, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        site.is_over.set()
        server.close()
        await server.wait_closed()


@pytest.fixture
def authority(tmp_path: Path) -> CertificateAuthority:
    authority = CertificateAuthority(tmp_path, SystemClock())
    authority.prepare()
    return authority


@pytest.fixture
def tls(tmp_path: Path, authority: CertificateAuthority) -> ssl.SSLContext:
    certificate = authority.certificate_for("arn", ("idp.localhost",))
    pem = tmp_path / "pair.pem"
    pem.write_text(certificate.chain + certificate.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.fixture
async def site(tls: ssl.SSLContext) -> AsyncIterator[Site]:
    async with serving(Site(), tls) as site:
        yield site


@pytest.fixture
async def fetcher(authority: CertificateAuthority) -> AsyncIterator[KeyFetcher]:
    fetcher = KeyFetcher((authority.ca_path,))
    yield fetcher
    await fetcher.close()


async def fetch(
    fetcher: KeyFetcher, site: Site, edge: Flavour = Flavour.ALB, seconds: float = 5, path: str = JWKS
) -> Answer:
    return await fetcher.fetch(f"https://localhost:{site.port}{path}", edge, seconds)


async def test_a_key_set_is_fetched_over_verified_https(fetcher: KeyFetcher, site: Site) -> None:
    site.answers[JWKS] = http(jwks("k1"))
    answer = await fetch(fetcher, site)
    assert answer.is_final
    assert answer.key_set.state is KeySetState.READY
    assert answer.key_set.name == answer.key_set.url == f"https://localhost:{site.port}{JWKS}"
    [request] = site.requests
    assert f"host: localhost:{site.port}\r\n" in request.lower()
    assert "accept-encoding: identity\r\n" in request.lower()


async def test_a_name_under_localhost_means_this_machine(fetcher: KeyFetcher, site: Site) -> None:
    site.answers[JWKS] = http(jwks("k1"))
    answer = await fetcher.fetch(f"https://idp.localhost:{site.port}{JWKS}", Flavour.ALB, 5)
    assert answer.key_set.state is KeySetState.READY
    assert f"host: idp.localhost:{site.port}\r\n" in site.requests[0].lower()


@pytest.mark.semantics("FETCH-04")
async def test_plain_http_works_from_this_machine(fetcher: KeyFetcher) -> None:
    async with serving(Site()) as site:
        site.answers[JWKS] = http(jwks("k1"))
        for host in ("127.0.0.1", "localhost", "idp.localhost"):
            answer = await fetcher.fetch(f"http://{host}:{site.port}{JWKS}", Flavour.ALB, 5)
            assert answer.key_set.state is KeySetState.READY


async def test_localhost_may_listen_on_ipv6_only(fetcher: KeyFetcher) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    async with serving(Site(), host="::1") as site:
        site.answers[JWKS] = http(jwks("k1"))
        answer = await fetcher.fetch(f"http://localhost:{site.port}{JWKS}", Flavour.ALB, 5)
        assert answer.key_set.state is KeySetState.READY


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1/jwks.json",
        "http://localhost.example.com/jwks.json",
        "http://0.0.0.0/jwks.json",
        "ftp://localhost/jwks.json",
        "file:///etc/passwd",
        "https://user:pass@localhost/jwks.json",
        "https:///jwks.json",
        "https://[::1/jwks.json",
        "localhost/jwks.json",
        "",
    ],
)
@pytest.mark.semantics("FETCH-04")
async def test_other_urls_are_not_even_tried(fetcher: KeyFetcher, url: str) -> None:
    answer = await fetcher.fetch(url, Flavour.ALB, 5)
    assert answer.key_set.state is KeySetState.UNREACHABLE
    assert not answer.is_final
    assert "pass" not in answer.key_set.detail


@pytest.mark.semantics("FETCH-04")
async def test_a_certificate_of_somebody_else_is_refused(site: Site) -> None:
    site.answers[JWKS] = http(jwks("k1"))
    stranger = KeyFetcher()
    answer = await fetch(stranger, site)
    await stranger.close()
    assert answer.key_set.state is KeySetState.UNREACHABLE
    assert "certificate is not trusted" in answer.key_set.detail
    assert not site.requests


async def test_a_bundle_that_holds_no_certificate_is_named(tmp_path: Path) -> None:
    for name in ("missing.pem", "empty.pem"):
        (tmp_path / "empty.pem").write_text("x")
        with pytest.raises(UsageError, match=name):
            KeyFetcher((tmp_path / name,))


class Proxy:
    """Connects every host to one port of this machine, or refuses to."""

    def __init__(self, port: int, refusal: str = "") -> None:
        self.port = port
        self.refusal = refusal
        self.asked: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head.split("\r\n")[0])
        if self.refusal:
            writer.write(f"HTTP/1.1 {self.refusal}\r\n\r\n".encode())
        else:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            inward, outward = await asyncio.open_connection("127.0.0.1", self.port)
            await asyncio.gather(self.pump(reader, outward), self.pump(inward, writer))
        writer.close()

    @staticmethod
    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65536):
                writer.write(chunk)
            writer.close()


@contextlib.asynccontextmanager
async def fetching_through(proxy: Proxy, authority: CertificateAuthority) -> AsyncIterator[KeyFetcher]:
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    fetcher = KeyFetcher((authority.ca_path,), lambda host: None if host == "direct.invalid" else url)
    try:
        yield fetcher
    finally:
        await fetcher.close()
        server.close()
        await server.wait_closed()


@pytest.mark.semantics("FETCH-13")
async def test_hosts_elsewhere_are_asked_through_the_proxy(
    tmp_path: Path, authority: CertificateAuthority, site: Site, tls: ssl.SSLContext
) -> None:
    certificate = authority.certificate_for("other", ("idp.example.test",))
    (tmp_path / "other.pem").write_text(certificate.chain + certificate.key)
    tls.load_cert_chain(tmp_path / "other.pem")
    site.answers[JWKS] = http(jwks("k1"))
    proxy = Proxy(site.port)
    async with fetching_through(proxy, authority) as fetcher:
        answer = await fetcher.fetch(f"https://idp.example.test{JWKS}", Flavour.ALB, 5)
        assert answer.key_set.state is KeySetState.READY
        # The certificate is the host's own, and the proxy cannot stand in for it.
        impostor = await fetcher.fetch(f"https://other.example.test{JWKS}", Flavour.ALB, 5)
        assert "not trusted" in impostor.key_set.detail
        assert proxy.asked == [
            "CONNECT idp.example.test:443 HTTP/1.1",
            "CONNECT other.example.test:443 HTTP/1.1",
        ]
        direct = await fetcher.fetch(f"https://direct.invalid{JWKS}", Flavour.ALB, 5)
        assert "does not resolve" in direct.key_set.detail
        for host in ("localhost", "127.0.0.1"):
            await fetcher.fetch(f"https://{host}:{site.port}{JWKS}", Flavour.ALB, 5)
        assert len(proxy.asked) == 2


async def test_a_proxy_that_refuses_is_told(authority: CertificateAuthority) -> None:
    async with fetching_through(Proxy(0, "403 Forbidden"), authority) as fetcher:
        answer = await fetcher.fetch(f"https://idp.example.test{JWKS}", Flavour.ALB, 5)
    assert answer.key_set.state is KeySetState.UNREACHABLE
    assert answer.key_set.detail == "The proxy that HTTPS_PROXY names did not connect."


async def test_a_closed_port_and_an_unknown_name_are_told_apart(fetcher: KeyFetcher) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        refused = await fetcher.fetch(f"https://127.0.0.1:{port}/", Flavour.ALB, 5)
    assert refused.key_set.detail == "The connection was refused."
    unknown = await fetcher.fetch(f"https://{'a' * 64}.invalid/", Flavour.ALB, 5)
    assert unknown.key_set.state is KeySetState.UNREACHABLE
    assert "does not resolve" in unknown.key_set.detail


@pytest.mark.parametrize(
    ("answer", "state", "is_final"),
    [
        (http(b"", "503 Service Unavailable"), KeySetState.REFUSED, False),
        (http(b"", "404 Not Found"), KeySetState.REFUSED, False),
        (http(b"", "302 Found", "Location: /real"), KeySetState.REFUSED, False),
        (http(b"", "304 Not Modified"), KeySetState.REFUSED, False),
        (http(b"<html></html>", "200 OK", "Content-Type: text/html"), KeySetState.INVALID, False),
        (http(b'{"keys":[]}'), KeySetState.INVALID, True),
        (http(b"x", "200 OK", "Content-Encoding: gzip"), KeySetState.INVALID, False),
        (http(b" " * (SIZE_LIMIT + 1)), KeySetState.TOO_LARGE, False),
        (http(b"x" * 151 * 1024), KeySetState.TOO_LARGE, False),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 1_000_000, KeySetState.TOO_LARGE, False),
        (http(json.dumps({"keys": [{"kty": "EC"}] * 11}).encode()), KeySetState.TOO_LARGE, False),
        (b"nonsense\r\n\r\n", KeySetState.UNREACHABLE, False),
        (b"", KeySetState.UNREACHABLE, False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", KeySetState.UNREACHABLE, False),
    ],
    ids=lambda value: repr(value[:32]) if isinstance(value, bytes) else str(value),
)
@pytest.mark.semantics("FETCH-03")
async def test_every_bad_answer_has_its_state(
    fetcher: KeyFetcher, site: Site, answer: bytes, state: KeySetState, is_final: bool
) -> None:
    site.answers[JWKS] = answer
    site.answers["/real"] = http(jwks("k1"))
    found = await fetch(fetcher, site)
    assert found.key_set.state is state
    assert found.is_final is is_final
    assert found.key_set.detail.endswith(".")
    assert not found.key_set.undiscovered
    assert len(site.requests) == 1


async def test_a_slow_answer_is_given_up(fetcher: KeyFetcher, site: Site) -> None:
    site.answers[JWKS] = None
    found = await fetch(fetcher, site, seconds=0.2)
    assert found.key_set.state is KeySetState.UNREACHABLE
    assert found.key_set.detail == "There was no complete answer within 0.2 s."


# ---------------------------------------------------------------- discovery


def discover(site: Site, **changes: object) -> str:
    """Let the site be an issuer and return its name."""
    issuer = f"https://localhost:{site.port}/tenant/"
    document = {"issuer": issuer, "jwks_uri": f"https://localhost:{site.port}{JWKS}", **changes}
    site.answers["/tenant/.well-known/openid-configuration"] = http(json.dumps(document).encode())
    site.answers[JWKS] = http(jwks("k1"))
    return issuer


async def test_the_keys_of_an_issuer_are_discovered(fetcher: KeyFetcher, site: Site) -> None:
    issuer = discover(site)
    found = await fetcher.fetch(issuer, Flavour.HTTP_API, 5)
    assert found.key_set.state is KeySetState.READY
    assert found.key_set.url == f"https://localhost:{site.port}{JWKS}"
    assert found.key_set.name == f"http-api:{issuer}"
    assert len(site.requests) == 2


@pytest.mark.parametrize(
    "changes",
    [{"issuer": "https://other.example/"}, {"issuer": None}, {"jwks_uri": 7}, {"jwks_uri": None}],
    ids=str,
)
@pytest.mark.semantics("FETCH-10")
async def test_an_issuer_that_describes_another_is_refused(
    fetcher: KeyFetcher, site: Site, changes: dict[str, object]
) -> None:
    found = await fetcher.fetch(discover(site, **changes), Flavour.HTTP_API, 5)
    assert found.key_set.state is KeySetState.INVALID
    assert found.key_set.undiscovered
    assert len(site.requests) == 1


@pytest.mark.semantics("FETCH-10")
async def test_an_issuer_without_a_trailing_slash_is_another_one(fetcher: KeyFetcher, site: Site) -> None:
    issuer = discover(site)
    assert discovery_url(issuer) == discovery_url(issuer.removesuffix("/"))
    found = await fetcher.fetch(issuer.removesuffix("/"), Flavour.HTTP_API, 5)
    assert found.key_set.undiscovered


async def test_discovery_and_keys_fail_apart(fetcher: KeyFetcher, site: Site) -> None:
    issuer = discover(site)
    site.answers[JWKS] = None
    found = await fetcher.fetch(issuer, Flavour.HTTP_API, 0.2)
    assert (found.key_set.state, found.key_set.undiscovered) == (KeySetState.UNREACHABLE, False)
    site.answers["/tenant/.well-known/openid-configuration"] = http(b"<html>")
    found = await fetcher.fetch(issuer, Flavour.HTTP_API, 5)
    assert (found.key_set.state, found.key_set.undiscovered) == (KeySetState.INVALID, True)


@pytest.mark.semantics("FETCH-04")
async def test_discovery_cannot_point_at_plain_http_elsewhere(fetcher: KeyFetcher, site: Site) -> None:
    found = await fetcher.fetch(discover(site, jwks_uri="http://192.0.2.1/"), Flavour.HTTP_API, 5)
    assert found.key_set.state is KeySetState.UNREACHABLE
    assert not found.key_set.undiscovered


@pytest.mark.semantics("FETCH-11")
async def test_discovery_may_name_another_host(fetcher: KeyFetcher, site: Site) -> None:
    async with serving(Site()) as other:
        other.answers["/keys"] = http(jwks("k1"))
        issuer = discover(site, jwks_uri=f"http://127.0.0.1:{other.port}/keys")
        found = await fetcher.fetch(issuer, Flavour.HTTP_API, 5)
    assert found.key_set.state is KeySetState.READY
    assert found.key_set.url == f"http://127.0.0.1:{other.port}/keys"
