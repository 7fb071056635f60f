"""Rules change a thousand times while a client keeps asking: no request fails, and each change holds at once."""

import threading
from typing import Any, Self

import httpx
import pytest
from tests.support.process import ServerProcess

pytestmark = [pytest.mark.slow]

CHANGES = 1000


def fixed_response(text: str) -> dict[str, Any]:
    config = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": text}
    return {"Type": "fixed-response", "FixedResponseConfig": config}


class Loop:
    """A client that asks without a pause, on one connection, and counts what it gets."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.answered = 0
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        with httpx.Client(trust_env=False, timeout=10) as http:
            while not self._stop.is_set():
                try:
                    answer = http.get(self._url)
                except httpx.HTTPError as error:
                    self.failures.append(repr(error))
                else:
                    self.answered += 1
                    if (answer.status_code, answer.text) != (200, "hello from the target"):
                        self.failures.append(f"{answer.status_code} {answer.text[:60]}")


def test_a_thousand_changes_fail_no_request(sekisho_server: ServerProcess, target_port: int) -> None:
    elbv2 = sekisho_server.client("elbv2")
    made = elbv2.create_load_balancer(Name="b", Subnets=["subnet-0a1b2c3d", "subnet-1a2b3c4d"])
    balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
    made = elbv2.create_target_group(
        Name="t", Protocol="HTTP", Port=80, VpcId="vpc-0a1b2c3d", TargetType="ip"
    )
    group = made["TargetGroups"][0]["TargetGroupArn"]
    elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": "127.0.0.1", "Port": target_port}])
    made = elbv2.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )
    made = elbv2.create_rule(
        ListenerArn=made["Listeners"][0]["ListenerArn"],
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/changing"]}],
        Actions=[fixed_response("0")],
    )
    rule = made["Rules"][0]["RuleArn"]
    url = sekisho_server.endpoint("alb-listener")["url"]
    late: list[int] = []
    with Loop(f"{url}/steady") as loop, httpx.Client(trust_env=False, timeout=10) as http:
        for number in range(1, CHANGES + 1):
            elbv2.modify_rule(RuleArn=rule, Actions=[fixed_response(str(number))])
            if http.get(f"{url}/changing").text != str(number):
                late.append(number)
    assert loop.failures == []
    assert late == []
    assert loop.answered > CHANGES
