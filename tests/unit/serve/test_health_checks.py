"""Health checks against real servers on loopback, with time moved by hand where it matters."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from sekisho.kernel.clock import SystemClock
from sekisho.serve.certificates import CertificateAuthority
from sekisho.serve.health_checks import CHECKING, HEALTHY, REGISTERING, CheckedTarget, HealthChecks
from sekisho.serve.health_probe import (
    FAILED,
    TIMEOUT,
    CheckProtocol,
    HealthCheck,
    Outcome,
    host_header,
    parse_matcher,
    probe,
)
from sekisho.serve.manual_time import ManualTime
from sekisho.services.context import TargetHealth

pytestmark = pytest.mark.anyio
GROUP = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/app/0123456789abcdef"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SICK = b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Target:
    """A server with one answer; None keeps silent."""

    def __init__(self) -> None:
        self.answer: bytes | None = OK
        self.closes = True
        self.requests: list[str] = []
        self.port = 0
        self.is_over = asyncio.Event()
        self._server: asyncio.Server | None = None

    def check(self, **changes: object) -> HealthCheck:
        check = HealthCheck("127.0.0.1", self.port, f"10.0.0.5:{self.port}")
        return replace(check, **changes)  # type: ignore[arg-type]

    def checked(self, **changes: object) -> CheckedTarget:
        return CheckedTarget(GROUP, "10.0.0.5", self.port, self.check(**changes))

    async def up(self, tls: ssl.SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        self.is_over.set()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
            if self.answer is not None:
                writer.write(self.answer)
                await writer.drain()
            if self.answer is None or not self.closes:
                await self.is_over.wait()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    target = Target()
    await target.up()
    yield target
    await target.down()


# ---------------------------------------------------------------- one check


async def test_the_request_is_the_one_of_a_load_balancer(target: Target) -> None:
    assert await probe(target.check(path="/health?deep=1")) == Outcome()
    [request] = target.requests
    assert request == (
        f"GET /health?deep=1 HTTP/1.1\r\nHost: 10.0.0.5:{target.port}\r\n"
        "User-Agent: ELB-HealthChecker/2.0\r\nConnection: close\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("address", "port", "protocol", "host"),
    [
        ("10.0.0.5", 80, CheckProtocol.HTTP, "10.0.0.5"),
        ("10.0.0.5", 443, CheckProtocol.HTTP, "10.0.0.5:443"),
        ("10.0.0.5", 443, CheckProtocol.HTTPS, "10.0.0.5"),
        ("2001:db8::1", 8080, CheckProtocol.HTTP, "[2001:db8::1]:8080"),
    ],
)
def test_the_host_names_the_port_unless_it_is_the_usual_one(
    address: str, port: int, protocol: CheckProtocol, host: str
) -> None:
    assert host_header(address, port, protocol) == host


@pytest.mark.parametrize(
    ("matcher", "code", "matches"),
    [
        ("200", 200, True),
        ("200", 204, False),
        ("200,204", 204, True),
        ("200-299", 299, True),
        ("200-299", 302, False),
        ("200,301-302,404", 302, True),
        ("200,301-302,404", 303, False),
    ],
)
async def test_the_matcher_says_what_success_is(
    target: Target, matcher: str, code: int, matches: bool
) -> None:
    target.answer = f"HTTP/1.1 {code} X\r\nContent-Length: 0\r\n\r\n".encode()
    expected = Outcome("Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{code}]")
    assert await probe(target.check(matcher=matcher)) == (Outcome() if matches else expected)


def test_a_matcher_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="abc"):
        parse_matcher("abc")


async def test_silence_is_a_timeout(target: Target) -> None:
    target.answer = None
    assert await probe(target.check(timeout=0.05)) == TIMEOUT


async def test_a_status_counts_even_when_the_connection_stays_open(target: Target) -> None:
    target.closes = False
    assert await probe(target.check()) == Outcome()


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 20", b"x" * 100_000], ids=range(4))
async def test_what_is_not_http_fails(target: Target, answer: bytes) -> None:
    target.answer = answer
    assert await probe(target.check()) == FAILED


async def test_a_closed_port_fails(target: Target) -> None:
    await target.down()
    assert await probe(target.check()) == FAILED


async def test_https_works_with_any_certificate(tmp_path: Path) -> None:
    certificate = CertificateAuthority(tmp_path, SystemClock()).certificate_for("arn", ("x.example.com",))
    (tmp_path / "pair.pem").write_text(certificate.chain + certificate.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pair.pem")
    target = Target()
    await target.up(context)
    assert await probe(target.check(protocol=CheckProtocol.HTTPS)) == Outcome()
    await target.down()


# ---------------------------------------------------------------- states


class Story:
    """Health checks of one target; the clock stands until it is moved."""

    def __init__(self, target: Target) -> None:
        self.time = ManualTime()
        self.changed = asyncio.Event()
        self.checks = HealthChecks(self.changed.set, self.time.clock, self.time.wait)
        self.target = target

    async def begin(self, **changes: object) -> None:
        await self.checks.start()
        self.checks.check([self.target.checked(**changes)])
        assert self.health == REGISTERING
        await self.time.all_asleep(1)

    @property
    def health(self) -> TargetHealth:
        [result] = self.checks.results().values()
        return result

    @property
    def state(self) -> str:
        return self.health.state


@pytest.fixture
async def story(target: Target) -> AsyncIterator[Story]:
    story = Story(target)
    yield story
    await story.checks.stop()


async def test_one_success_makes_a_new_target_healthy(story: Story) -> None:
    await story.begin()
    assert story.health == HEALTHY
    assert story.checks.is_healthy(GROUP, "10.0.0.5", story.target.port)
    assert not story.checks.is_healthy(GROUP, "10.0.0.6", story.target.port)
    await story.changed.wait()


async def test_a_healthy_target_is_asked_at_the_interval(story: Story) -> None:
    await story.begin(interval=10)
    await story.time.passes(100)
    assert len(story.target.requests) == 11


async def test_a_starting_target_is_noticed_within_a_tenth_of_a_second(story: Story) -> None:
    await story.target.down()
    await story.begin()
    assert story.health == CHECKING
    await story.time.passes(1.95)
    await story.target.up()
    await story.time.passes(0.1)
    assert story.health == HEALTHY


async def test_a_new_target_is_unhealthy_as_late_as_on_aws(story: Story) -> None:
    story.target.answer = SICK
    await story.begin(interval=30, unhealthy_threshold=3)
    await story.time.passes(59)
    assert story.health == CHECKING
    await story.time.passes(31)
    assert story.state == "unhealthy"


async def test_a_healthy_target_falls_at_the_threshold_and_rises_at_the_other(story: Story) -> None:
    await story.begin(interval=10, unhealthy_threshold=2, healthy_threshold=3)
    story.target.answer = SICK
    await story.time.passes(10)
    assert story.state == "healthy"
    await story.time.passes(10)
    assert story.health.reason == "Target.ResponseCodeMismatch"
    story.target.answer = OK
    await story.time.passes(0.2)
    assert story.state == "unhealthy"
    await story.time.passes(0.1)
    assert story.state == "healthy"


async def test_one_success_between_failures_saves_a_healthy_target(story: Story) -> None:
    await story.begin(interval=10)
    for answer in (SICK, OK, SICK, OK):
        story.target.answer = answer
        await story.time.passes(10)
        assert story.state == "healthy"


async def test_a_long_dead_target_is_asked_at_the_interval_at_most(story: Story) -> None:
    story.target.answer = SICK
    await story.begin(interval=5)
    await story.time.passes(1000)
    before = len(story.target.requests)
    await story.time.passes(100)
    assert len(story.target.requests) - before == 20


async def test_hurry_asks_a_dead_target_at_once(story: Story) -> None:
    story.target.answer = SICK
    await story.begin(interval=30, healthy_threshold=2)
    await story.time.passes(600)
    story.target.answer = OK
    story.checks.hurry()
    await story.time.all_asleep(1)
    await story.time.passes(0.1)
    assert story.health == HEALTHY


async def test_a_target_that_is_gone_is_forgotten(story: Story) -> None:
    await story.begin()
    story.checks.check([])
    assert not story.checks.results()
    await story.time.all_asleep(0)


async def test_a_changed_check_is_made_at_once_and_keeps_the_health(story: Story) -> None:
    await story.begin()
    story.checks.check([story.target.checked(path="/new")])
    await story.time.all_asleep(1)
    assert story.health == HEALTHY
    assert story.target.requests[-1].startswith("GET /new ")
    before = len(story.target.requests)
    story.checks.check([story.target.checked(path="/new")])
    assert len(story.target.requests) == before


async def test_an_unchanged_health_is_not_news(story: Story) -> None:
    await story.begin(interval=5)
    before = story.checks.results()
    await story.time.passes(60)
    assert story.checks.results() is before
