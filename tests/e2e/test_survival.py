"""What was acknowledged outlives the server, and traffic outlives Envoy."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.process import ServerProcess, running, start, until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")]


def make_balancer(elbv2: Any) -> str:
    made = elbv2.create_load_balancer(Name="b", Subnets=["subnet-0a1b2c3d", "subnet-1a2b3c4d"])
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def make_listener(elbv2: Any, balancer: str, text: str, port: int = 80) -> str:
    made = elbv2.create_listener(
        LoadBalancerArn=balancer, Protocol="HTTP", Port=port, DefaultActions=[fixed_response(text)]
    )
    return str(made["Listeners"][0]["ListenerArn"])


def fixed_response(text: str) -> dict[str, Any]:
    config = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": text}
    return {"Type": "fixed-response", "FixedResponseConfig": config}


def add_rule(elbv2: Any, listener: str, number: int) -> str:
    made = elbv2.create_rule(
        ListenerArn=listener,
        Priority=number,
        Conditions=[{"Field": "path-pattern", "Values": [f"/{number}"]}],
        Actions=[fixed_response(f"rule {number}")],
    )
    return str(made["Rules"][0]["RuleArn"])


def urls(server: ServerProcess) -> dict[str, str]:
    return {one["arn"]: one["url"] for one in server.get("/_sekisho/endpoints")}


def test_nothing_that_was_acknowledged_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    arguments = ("serve", "--port", "0", "--data", str(tmp_path / "data"))
    server = start(*arguments)
    elbv2 = server.client("elbv2")
    balancer = make_balancer(elbv2)
    listeners = [make_listener(elbv2, balancer, f"listener {port}", port) for port in (80, 81)]
    where = urls(server)
    assert where.keys() == set(listeners)
    rules: dict[str, int] = {}
    for number in range(1, 6):
        rules[add_rule(elbv2, listeners[0], number)] = number
        (envoy,) = server.children("envoy")
        server.kill()
        until(lambda pid=envoy: not Path(f"/proc/{pid}").exists(), 5)  # type: ignore[misc]
        server = start(*arguments)
        elbv2 = server.client("elbv2")
        described = elbv2.describe_rules(ListenerArn=listeners[0])["Rules"]
        found = {one["RuleArn"]: int(one["Priority"]) for one in described if not one["IsDefault"]}
        assert found == rules
        assert urls(server) == where
        for done in rules.values():
            answer = httpx.get(f"{where[listeners[0]]}/{done}", trust_env=False)
            assert (answer.status_code, answer.text) == (200, f"rule {done}")
        assert httpx.get(where[listeners[1]], trust_env=False).text == "listener 81"
    assert server.stop() == 0


def test_a_stack_that_was_cut_short_is_taken_up(tmp_path: Path) -> None:
    """The server dies somewhere in the middle of a big stack; the next one brings it to rest."""
    template = tmp_path / "many.json"
    rule = (
        '{"Type":"AWS::ElasticLoadBalancingV2::ListenerRule","Properties":{"ListenerArn":{"Ref":"L"},"Priority":%d,'
        '"Conditions":[{"Field":"path-pattern","Values":["/%d"]}],"Actions":[{"Type":"fixed-response",'
        '"FixedResponseConfig":{"StatusCode":"200"}}]}}'
    )
    rules = ",".join(f'"R{number}":{rule % (number, number)}' for number in range(1, 91))
    template.write_text(
        '{"Resources":{"B":{"Type":"AWS::ElasticLoadBalancingV2::LoadBalancer","Properties":{"Subnets":'
        '["subnet-0a1b2c3d","subnet-1a2b3c4d"]}},"L":{"Type":"AWS::ElasticLoadBalancingV2::Listener","Properties":'
        '{"LoadBalancerArn":{"Ref":"B"},"Port":80,"Protocol":"HTTP","DefaultActions":[{"Type":"fixed-response",'
        '"FixedResponseConfig":{"StatusCode":"404"}}]}},' + rules + "}}"
    )
    arguments = ("serve", "--port", "0", "--data", str(tmp_path / "data"))
    server = start(*arguments)
    cloudformation = server.client("cloudformation")
    cloudformation.create_stack(StackName="many", TemplateBody=template.read_text())
    until(lambda: len(cloudformation.describe_stack_events(StackName="many")["StackEvents"]) > 20, 10)
    server.kill()
    server = start(*arguments)
    cloudformation = server.client("cloudformation")
    (stack,) = cloudformation.describe_stacks(StackName="many")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    found = server.client("elbv2").describe_listeners(
        LoadBalancerArn=server.client("elbv2").describe_load_balancers()["LoadBalancers"][0][
            "LoadBalancerArn"
        ]
    )
    (listener,) = found["Listeners"]
    assert httpx.get(f"{urls(server)[listener['ListenerArn']]}/90", trust_env=False).status_code == 200
    assert server.stop() == 0


def kill_envoy(server: ServerProcess, url: str) -> float:
    """Return how many seconds after the kill a new Envoy answers."""

    def answers() -> bool:
        try:
            return httpx.get(url, timeout=0.5, trust_env=False).text == "here"
        except httpx.TransportError:
            return False

    (envoy,) = server.children("envoy")
    os.kill(envoy, signal.SIGKILL)
    killed = time.monotonic()
    until(lambda: server.children("envoy") not in ([envoy], []), 10)
    until(answers, 10)
    return time.monotonic() - killed


def test_traffic_is_back_within_a_second_when_envoy_is_killed(tmp_path: Path) -> None:
    with running("serve", "--port", "0", "--data", str(tmp_path / "data")) as server:
        elbv2 = server.client("elbv2")
        listener = make_listener(elbv2, make_balancer(elbv2), "here")
        url = urls(server)[listener]
        assert httpx.get(url, trust_env=False).text == "here"
        # The fastest of a few: other tests run on this machine at the same time.
        assert min(kill_envoy(server, url) for _ in range(3)) < 1
        assert sum("envoy exited" in line for line in server.errors) == 3
        until(lambda: server.get("/_sekisho/health")["status"] == "ok", 10)
