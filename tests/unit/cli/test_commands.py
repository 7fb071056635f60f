"""The command line without a server: help, exit statuses, and what is said when something is wrong."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sekisho.cli.main import app


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("command", ["", "demo", "up", "serve", "status", "outbox", "ca"])
def test_every_command_has_help_with_its_options_described(command: str) -> None:
    result = run(*([command] if command else []), "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.output
    assert "TODO" not in result.output


def test_the_version_is_printed() -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.output.startswith("sekisho 0.")


def test_a_path_that_does_not_exist_is_wrong_use() -> None:
    result = run("up", "nothing-here")
    assert result.exit_code == 2
    assert "nothing-here does not exist" in result.stderr


def test_an_unknown_demo_is_told_which_there_are() -> None:
    result = run("demo", "nothing")
    assert result.exit_code == 2
    assert "alb-m2m" in result.stderr


def test_a_setting_of_the_environment_that_does_not_parse_is_wrong_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SEKISHO_PORT", "many")
    result = run("serve")
    assert result.exit_code == 2
    assert "SEKISHO_PORT" in result.stderr


def test_ca_prints_the_path_or_the_certificate(tmp_path: Path) -> None:
    result = run("ca", "--data", str(tmp_path))
    assert result.exit_code == 2
    assert "no certificate authority" in result.stderr
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    assert run("ca", "--data", str(tmp_path)).output.strip() == str((tmp_path / "ca.pem").resolve())
    assert run("ca", "--data", str(tmp_path), "--pem").output == "-----BEGIN CERTIFICATE-----\n"


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of a web server that is not Sekisho."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_status_tells_when_nobody_or_somebody_else_answers(stranger: int) -> None:
    result = run("status", "--url", "http://127.0.0.1:1")
    assert result.exit_code == 1
    assert "no server answers at http://127.0.0.1:1" in result.stderr
    result = run("status", "--url", f"http://127.0.0.1:{stranger}")
    assert result.exit_code == 1
    assert "is not sekisho" in result.stderr
    assert run("status", "--url", "nonsense").exit_code == 2
