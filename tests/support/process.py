"""A server in a process of its own, as a user runs it: started, asked over HTTP and the AWS API, killed."""

import contextlib
import json
import signal
import ssl
import subprocess
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TextIO

import httpx
from botocore.config import Config
from botocore.session import Session

from sekisho.kernel.settings import inherited_environment

SCRIPTS = Path(sysconfig.get_path("scripts"))
SEKISHO = str(SCRIPTS / "sekisho")
REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_DEFAULT_REGION": REGION}


@dataclass
class ServerProcess:
    """A server that runs; ``said`` is the line of JSON that it printed when it was ready."""

    process: subprocess.Popen[str]
    said: dict[str, Any]
    errors: list[str]
    reader: threading.Thread

    @property
    def url(self) -> str:
        return str(self.said["url"])

    @property
    def ca(self) -> Path:
        return Path(self.said["ca"])

    def get(self, path: str) -> Any:
        """Return the JSON that the server answers at one of its own paths."""
        return httpx.get(f"{self.url}{path}", timeout=10, trust_env=False).json()

    def post(self, path: str, body: Any) -> Any:
        answer = httpx.post(f"{self.url}{path}", json=body, timeout=10, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()

    def endpoint(self, kind: str) -> dict[str, Any]:
        """Return the only endpoint of a kind."""
        (found,) = (one for one in self.get("/_sekisho/endpoints") if one["kind"] == kind)
        return dict(found)

    def http(self) -> httpx.Client:
        """Return a client that trusts the listeners."""
        trust = ssl.create_default_context(cafile=str(self.ca))
        return httpx.Client(verify=trust, timeout=10, trust_env=False)

    def client(self, service: str, region: str = REGION) -> Any:
        """Return a botocore client of the server."""
        return Session().create_client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id="any",
            aws_secret_access_key="any",
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )

    def aws(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the AWS command line, whatever its exit status."""
        environment = {
            **inherited_environment(),
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_PAGER": "",
        }
        command = [str(SCRIPTS / "aws"), *arguments, "--output", "json"]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def aws_json(self, *arguments: str) -> Any:
        """Run the AWS command line and return what it prints."""
        done = self.aws(*arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def children(self, program: str) -> list[int]:
        """Return the ids of the server's child processes that run a program of that name."""
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        found = []
        for pid in pids:
            with contextlib.suppress(OSError):  # it has ended in between
                if Path(f"/proc/{pid}/exe").readlink().name.startswith(program):
                    found.append(int(pid))
        return found

    def kill(self) -> None:
        """End the server without a warning."""
        self.process.kill()
        self._wait(10)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """End the server, as Ctrl-C does unless told otherwise, and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self._wait(20)

    def _wait(self, seconds: float) -> int:
        status = self.process.wait(timeout=seconds)
        self.reader.join(seconds)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return status


def start(*arguments: str, cwd: Path | None = None, **environment: str) -> ServerProcess:
    """Start ``sekisho`` with a subcommand that takes ``--json``, and return when it is ready."""
    process = subprocess.Popen(
        [SEKISHO, *arguments, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**inherited_environment(), **environment},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    errors: list[str] = []
    reader = threading.Thread(target=_read_into, args=(process.stderr, errors), daemon=True)
    reader.start()
    line = process.stdout.readline()
    server = ServerProcess(process, json.loads(line or "{}"), errors, reader)
    if not line:
        server.stop()
        raise AssertionError(f"sekisho did not start: {''.join(errors)}")
    return server


def _read_into(stream: TextIO, lines: list[str]) -> None:
    for line in stream:
        lines.append(line)  # noqa: PERF402 - each line as it comes


@contextlib.contextmanager
def running(*arguments: str, cwd: Path | None = None, **environment: str) -> Iterator[ServerProcess]:
    """Run ``sekisho`` until the block ends."""
    server = start(*arguments, cwd=cwd, **environment)
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def upstream(body: bytes = b"hello from the target") -> Iterator[int]:
    """Run an application that answers every request alike; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def until(condition: Callable[[], bool], seconds: float) -> float:
    """Return how long it took until the condition was true; fail when it takes longer than allowed."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.005)
    return time.monotonic() - began
