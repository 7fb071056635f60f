"""The commands that ask a server, against one that runs."""

import json
import subprocess
from pathlib import Path

import pytest
from scripts.reference.ports_and_files import DATA_FILES
from tests.support.process import SEKISHO, ServerProcess, start

pytestmark = [pytest.mark.slow]

SUBNETS = ["subnet-11111111", "subnet-22222222"]
FORBIDDEN = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403"}}


def run(server: ServerProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [SEKISHO, *arguments, "--server", server.url]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_url_is_found_by_kind_name_or_arn_if_only_one_thing_is_called_so() -> None:
    server = start("serve", "--ephemeral", "--port", "0")
    nothing = run(server, "url", "tenant")
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert "nothing that listens is called 'tenant'" in nothing.stderr
    domains = ["one.us.auth0.com", "two.us.auth0.com"]
    for domain in domains:
        server.post("/_sekisho/tenants", {"domain": domain})
    both = run(server, "url", "tenant")
    assert (both.returncode, both.stdout) == (2, "")
    assert all(domain in both.stderr for domain in domains)
    for called in ("one.us.auth0.com", "https://one.us.auth0.com/"):
        found = run(server, "url", called)
        assert (found.returncode, found.stdout) == (0, f"{server.url}/_sekisho/tenants/one.us.auth0.com\n")
    assert server.stop() == 0


def test_explain_tells_a_refusal_from_a_question_that_has_no_answer() -> None:
    server = start("serve", "--ephemeral", "--port", "0")
    elbv2 = server.client("elbv2")
    (balancer,) = elbv2.create_load_balancer(Name="a", Subnets=SUBNETS)["LoadBalancers"]
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[FORBIDDEN]
    )
    url = run(server, "url", "a").stdout.strip()
    allowed = run(server, "explain", url)
    assert allowed.returncode == 0, "no check refuses it"
    wrong = run(server, "explain", "http://127.0.0.1:9/")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "nothing listens at 127.0.0.1:9" in wrong.stderr
    assert server.stop() == 0


def test_output_that_is_no_terminal_has_no_colours_and_json_is_one_line() -> None:
    server = start("serve", "--ephemeral", "--port", "0")
    for command in ("status", "outbox"):
        said = run(server, command)
        assert "\x1b" not in said.stdout + said.stderr
        listed = run(server, command, "--json")
        assert listed.stdout.count("\n") == 1
        json.loads(listed.stdout)
    assert run(server, "outbox").stdout == "no messages\n"
    assert "Nothing listens yet" in run(server, "status").stdout
    assert server.stop() == 0


def test_the_reference_lists_what_stands_in_the_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    server = start("serve", "--data", str(data), "--port", "0")
    found = {path.name.removesuffix("-wal").removesuffix("-shm") for path in data.iterdir()}
    assert found <= DATA_FILES.keys()
    assert found >= {"state.db", "ca.pem", "ca-key.pem", "trusted-roots.pem", "lock", ".gitignore"}
    assert data.stat().st_mode & 0o077 == 0
    assert server.stop() == 0
