"""The command line without a server: help, exit statuses, and what is said when something is wrong."""

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sekisho.cli.main import app
from sekisho.kernel.settings import inherited_environment


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("command", ["", "demo", "up", "serve", "explain", "status", "outbox", "ca"])
def test_help_fits_a_terminal_and_cuts_nothing_off(command: str) -> None:
    result = run(*([command] if command else []), "--help")
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")
    assert max(map(len, result.output.splitlines())) <= 80
    usage, _, described = result.output.partition("\n")
    assert "..." not in described, usage


@pytest.mark.parametrize("command", ["explain", "status", "outbox"])
def test_commands_that_ask_a_server_say_so_of_its_address(command: str) -> None:
    described = " ".join(run(command, "--help").output.split())
    assert "Port that the server listens on. [env: SEKISHO_PORT; default: 4566]" in described
    assert "Address that the server listens on. [env: SEKISHO_HOST; default: 127.0.0.1]" in described
    assert "--server, --url URL" in described


def test_the_command_is_a_module_too_and_keeps_to_a_narrow_terminal() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sekisho", "up", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**inherited_environment(), "COLUMNS": "50"},
    )
    assert max(map(len, done.stdout.splitlines())) <= 50


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("sekisho de", ["demo"]),
        ("sekisho demo ", ["alb-m2m", "tenant-routing", "http-api"]),
        ("sekisho serve --log-level ", ["debug", "info", "warning", "error"]),
    ],
)
def test_a_shell_completes_commands_and_what_they_take(words: str, offered: list[str]) -> None:
    completion = {
        "_SEKISHO_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    result = CliRunner(env=completion).invoke(app, prog_name="sekisho")
    assert result.output.split() == offered


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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "--port", "77777"], "the port is a number from 0 to 65535, not 77777"),
        (["serve", "--log-level", "loud"], "the log level is debug, info, warning, error, not 'loud'"),
        (["explain", "http://127.0.0.1:1/", "-H", "authorization"], "--header wants 'Name: value'"),
    ],
)
def test_a_value_that_is_not_allowed_is_wrong_use(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_setting_of_the_environment_that_does_not_parse_is_wrong_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SEKISHO_PORT", "many")
    result = run("serve")
    assert result.exit_code == 2
    assert "SEKISHO_PORT" in result.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AUDIT_SHARE", "7"),
        ("AUDIT_SHARE", "nan"),
        ("LEEWAY", "-1"),
        ("LEEWAY", "inf"),
        ("ENVOY_CONCURRENCY", "0"),
    ],
)
def test_a_number_out_of_range_is_wrong_use(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(f"SEKISHO_{variable}", value)
    result = run("status")
    assert result.exit_code == 2
    assert f"SEKISHO_{variable} is " in result.stderr


def test_a_variable_of_the_environment_that_is_no_setting_is_wrong_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SEKISHO_ACCESS_KEY", "ID:SECRET")
    result = run("status")
    assert result.exit_code == 2
    assert "no setting SEKISHO_ACCESS_KEY; did you mean SEKISHO_ACCESS_KEYS?" in " ".join(
        result.stderr.split()
    )


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
    result = run("status", "--server", "http://127.0.0.1:1")
    assert result.exit_code == 2
    assert "no server answers at http://127.0.0.1:1" in result.stderr
    result = run("status", "--url", f"http://127.0.0.1:{stranger}")
    assert result.exit_code == 2
    assert "is not sekisho" in result.stderr
    assert run("status", "--url", "nonsense").exit_code == 2


def test_explain_without_an_answer_is_not_a_refusal() -> None:
    result = run("explain", "http://127.0.0.1:9/", "--server", "http://127.0.0.1:1")
    assert result.exit_code == 2
