"""Deploying into a running server: containers come up where the service says, and stay there through changes."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sekisho.app import Server
from sekisho.kernel.errors import UsageError
from sekisho.kernel.settings import Settings
from sekisho.model.bindings import TaskTarget
from sekisho.model.cloudformation import StackEvent
from sekisho.serve.deployment import Deployed, DeploymentFailedError
from sekisho.serve.sources import load_source

pytestmark = [pytest.mark.slow]

REGION = "us-east-1"
APPLICATION = (
    "import http.server, os, sys\n"
    "class Handler(http.server.BaseHTTPRequestHandler):\n"
    "    def do_GET(self):\n"
    "        body = f\"{os.environ['COLOR']} {os.getpid()}\".encode()\n"
    "        self.send_response(200); self.send_header('content-length', str(len(body))); self.end_headers()\n"
    "        self.wfile.write(body)\n"
    "    def log_message(self, *_): pass\n"
    "http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()\n"
)


def template(color: str = "red", group_port: int = 80) -> dict[str, Any]:
    balancer = {"Subnets": ["subnet-11111111", "subnet-22222222"]}
    container = {
        "Name": "web",
        "Image": "web",
        "PortMappings": [{"ContainerPort": 8000}],
        "Environment": [{"Name": "COLOR", "Value": color}],
    }
    group = {
        "Port": group_port,
        "Protocol": "HTTP",
        "TargetType": "ip",
        "VpcId": "vpc-11111111",
        "HealthCheckIntervalSeconds": 5,
        "HealthCheckTimeoutSeconds": 2,
    }
    registration = {"ContainerName": "web", "ContainerPort": 8000, "TargetGroupArn": {"Ref": "Group"}}
    listener = {
        "LoadBalancerArn": {"Ref": "Balancer"},
        "Port": 80,
        "Protocol": "HTTP",
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Group"}}],
    }
    elbv2 = "AWS::ElasticLoadBalancingV2"
    return {
        "Resources": {
            "Balancer": {"Type": f"{elbv2}::LoadBalancer", "Properties": balancer},
            "Group": {"Type": f"{elbv2}::TargetGroup", "Properties": group},
            "Listener": {"Type": f"{elbv2}::Listener", "Properties": listener},
            "Task": {
                "Type": "AWS::ECS::TaskDefinition",
                "Properties": {"Family": "web", "ContainerDefinitions": [container]},
            },
            "Service": {
                "Type": "AWS::ECS::Service",
                "DependsOn": "Listener",
                "Properties": {"TaskDefinition": {"Ref": "Task"}, "LoadBalancers": [registration]},
            },
        }
    }


@dataclass
class Said:
    """What a deployment tells while it runs."""

    events: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def stack_event(self, event: StackEvent, *, runs_here: bool) -> None:
        self.events.append(f"{event.status} {event.logical_id} {runs_here}")

    def container_line(self, name: str, text: str) -> None:
        self.lines.append(f"{name}: {text}")


@dataclass
class Bench:
    """A folder with a template and a project, and a server to deploy it into."""

    server: Server
    folder: Path
    said: Said = field(default_factory=Said)

    async def deploy(self, **changes: Any) -> Deployed:
        (self.folder / "template.json").write_text(json.dumps(template(**changes)))
        return await self.server.deployer.deploy([load_source(self.folder)], self.said)

    async def get(self) -> str:
        (endpoint,) = await self.server.endpoints()
        reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        answer = (await reader.read()).decode()
        writer.close()
        return answer.split("\r\n\r\n", 1)[1] if " 200 " in answer.split("\r\n", 1)[0] else answer[:12]

    async def targets(self) -> list[tuple[str, int]]:
        """Return what is registered in the only target group."""
        groups = await self.server.control.call("elbv2", "DescribeTargetGroups", {}, REGION)
        (group,) = groups["TargetGroups"]
        arn = {"TargetGroupArn": group["TargetGroupArn"]}
        health = await self.server.control.call("elbv2", "DescribeTargetHealth", arn, REGION)
        return [
            (one["Target"]["Id"], one["Target"]["Port"])
            for one in health["TargetHealthDescriptions"]
            if one["TargetHealth"]["State"] != "draining"
        ]


@contextlib.asynccontextmanager
async def bench(folder: Path, data: Path | None = None) -> AsyncIterator[Bench]:
    (folder / "app.py").write_text(APPLICATION)
    project = {
        "stack": "web",
        "containers": {"web": {"command": [sys.executable, "app.py", "{host}", "{port}"]}},
    }
    (folder / "sekisho.yaml").write_text(json.dumps({"template": "template.json", **project}))
    (folder / "template.json").touch()
    settings = Settings(port=0, ephemeral=data is None, data=data or Path("unused"))
    async with Server(settings) as server:
        yield Bench(server, folder)


async def until(condition: Any, seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)


def test_a_container_answers_when_the_deployment_returns(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with bench(tmp_path) as here:
            deployed = await here.deploy()
            assert (await here.get()).startswith("red ")
            (container,) = deployed.containers
            assert await here.targets() == [container.address]
            assert "CREATE_COMPLETE Listener True" in here.said.events
            assert "CREATE_COMPLETE Service False" in here.said.events
            assert here.server.diagnostics() == ()

    asyncio.run(scenario())


def test_deploying_again_leaves_the_container_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with bench(tmp_path) as here:
            await here.deploy()
            before = await here.get()
            here.said.events.clear()
            deployed = await here.deploy()
            assert [stack.changed for stack in deployed.stacks] == [False]
            assert here.said.events == []
            assert await here.get() == before

    asyncio.run(scenario())


def test_a_change_of_the_task_starts_it_anew(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with bench(tmp_path) as here:
            await here.deploy()
            deployed = await here.deploy(color="blue")
            assert (await here.get()).startswith("blue ")
            assert await here.targets() == [deployed.containers[0].address]

    asyncio.run(scenario())


def test_a_replaced_target_group_gets_the_container_that_goes_on_running(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with bench(tmp_path) as here:
            deployed = await here.deploy()
            before = await here.get()
            await here.deploy(group_port=81)
            assert await here.get() == before
            assert await here.targets() == [deployed.containers[0].address]

    asyncio.run(scenario())


def test_a_container_that_dies_is_registered_again_when_it_is_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with bench(tmp_path) as here:
            await here.deploy()
            before = await here.get()
            os.kill(int(before.split()[1]), signal.SIGKILL)

            async def is_back() -> bool:
                answer = await here.get()
                return answer.startswith("red ") and answer != before

            await until(is_back)
            assert any("was ended by signal 9" in line for line in here.said.lines)
            assert len(await here.targets()) == 1

    asyncio.run(scenario())


def test_what_an_earlier_server_has_registered_is_taken_out(tmp_path: Path) -> None:
    data = tmp_path / "data"

    async def scenario() -> None:
        async with bench(tmp_path, data) as here:
            await here.deploy()
            groups = await here.server.control.call("elbv2", "DescribeTargetGroups", {}, REGION)
            arn = groups["TargetGroups"][0]["TargetGroupArn"]
            stale = TaskTarget(arn, "web", "127.0.0.9", 9)
            params = {"TargetGroupArn": arn, "Targets": [{"Id": "127.0.0.9", "Port": 9}]}
            with here.server.store.write() as state:
                state.put(stale)
            await here.server.control.call("elbv2", "RegisterTargets", params, REGION)
            by_hand = {"TargetGroupArn": arn, "Targets": [{"Id": "127.0.0.8", "Port": 8}]}
            await here.server.control.call("elbv2", "RegisterTargets", by_hand, REGION)
        async with bench(tmp_path, data) as here:
            deployed = await here.deploy()
            assert set(await here.targets()) == {deployed.containers[0].address, ("127.0.0.8", 8)}

    asyncio.run(scenario())


def test_a_binding_for_no_container_is_told_with_those_there_are(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with bench(tmp_path) as here:
            (tmp_path / "sekisho.yaml").write_text(
                "template: template.json\ncontainers: {webb: {command: ['true']}}\n"
            )
            with pytest.raises(
                UsageError, match=r"containers\.webb: no ECS service.*the template has Task/web"
            ):
                await here.deploy()

    asyncio.run(scenario())


def test_a_container_that_cannot_run_does_not_hold_the_deployment_up(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with bench(tmp_path) as here:
            (tmp_path / "sekisho.yaml").write_text(
                "template: template.json\ncontainers: {web: {command: [no-such-program]}}\n"
            )
            deployed = await here.deploy()
            (container,) = deployed.containers
            assert container.address is None
            assert "127" in container.failure
            assert await here.get() == "HTTP/1.1 503"

    asyncio.run(scenario())


def test_a_failed_update_leaves_everything_as_it_was(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with bench(tmp_path) as here:
            await here.deploy()
            before = await here.get()
            broken = template()
            broken["Resources"]["Listener"]["Properties"]["DefaultActions"] = []
            broken["Resources"]["Extra"] = {"Type": "AWS::SNS::Topic"}
            (tmp_path / "template.json").write_text(json.dumps(broken))
            with pytest.raises(DeploymentFailedError, match=r"template\.json:1:\d+ .*Listener"):
                await here.server.deployer.deploy([load_source(tmp_path)], here.said)
            assert await here.get() == before
            deployed = await here.deploy()
            assert await here.get() == before
            assert deployed.stacks[0].status == "UPDATE_ROLLBACK_COMPLETE"

    asyncio.run(scenario())
