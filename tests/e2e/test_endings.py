"""How a server ends: by signals, cleanly, leaving nothing behind."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.process import SEKISHO, start, until

pytestmark = [pytest.mark.slow]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_status_0_and_envoy_with_it(number: signal.Signals) -> None:
    server = start("serve", "--ephemeral", "--port", "0")
    (envoy,) = server.children("envoy")
    data = Path(server.said["data"])
    assert data.is_dir()
    assert server.stop(number) == 0
    until(lambda: not Path(f"/proc/{envoy}").exists(), 5)
    assert not data.exists(), "an ephemeral folder is removed"
    assert "".join(server.errors) == ""


def test_a_folder_belongs_to_one_server_at_a_time(tmp_path: Path) -> None:
    server = start("serve", "--data", str(tmp_path), "--port", "0")
    command = [SEKISHO, "serve", "--data", str(tmp_path), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert f"process {server.process.pid}" in done.stderr
    assert server.stop() == 0


def test_a_port_in_use_is_told_with_what_to_do() -> None:
    server = start("serve", "--ephemeral", "--port", "0")
    port = server.url.rpartition(":")[2]
    command = [SEKISHO, "serve", "--ephemeral", "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert server.stop() == 0


def test_reset_is_for_servers_that_keep_nothing(tmp_path: Path) -> None:
    subnets = ["subnet-11111111", "subnet-22222222"]
    server = start("serve", "--ephemeral", "--port", "0")
    server.client("elbv2").create_load_balancer(Name="a", Subnets=subnets)
    assert server.post("/_sekisho/reset", {}) == {"status": "reset"}
    assert server.client("elbv2").describe_load_balancers()["LoadBalancers"] == []
    assert server.stop() == 0
    server = start("serve", "--data", str(tmp_path), "--port", "0")
    server.client("elbv2").create_load_balancer(Name="a", Subnets=subnets)
    with pytest.raises(AssertionError, match="keeps its state"):
        server.post("/_sekisho/reset", {})
    assert len(server.client("elbv2").describe_load_balancers()["LoadBalancers"]) == 1
    assert server.stop() == 0


@pytest.mark.parametrize("seconds", [0.1, 0.4, 0.8, 1.2])
def test_ctrl_c_during_the_start_is_quiet(seconds: float, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [SEKISHO, "serve", "--data", str(tmp_path / "data"), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.send_signal(signal.SIGINT)
    printed, errors = process.communicate(timeout=60)
    # -2: Python itself had not started yet; 0: the server was ready already.
    assert process.returncode in ({130, -2} if not printed else {0})
    assert errors == "" or process.returncode == -2
