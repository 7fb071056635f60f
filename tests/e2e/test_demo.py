"""``sekisho demo`` and ``sekisho up``, as a newcomer types them, from a folder that is not the repository."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.guides import ROOT, is_printed
from tests.support.process import SEKISHO, ServerProcess, running

from sekisho.cli.demo.examples import find_example
from sekisho.kernel.settings import inherited_environment

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("application")]

EXAMPLE = find_example("alb-m2m")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder for Python environments, so that the requirements are installed once for these tests."""
    return str(tmp_path_factory.mktemp("cache"))


def test_the_demo_ends_with_status_0(tmp_path: Path, cache: str) -> None:
    environment = {**inherited_environment(), "XDG_CACHE_HOME": cache, "COLUMNS": "80"}
    done = subprocess.run(
        [SEKISHO, "demo", "--exit"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    statuses = [int(status) for status in re.findall(r"^  HTTP (\d+)", done.stdout, re.MULTILINE)]
    assert statuses == [401, 200, 200, 200, 401, 500, 200, 500, 200]
    assert done.stdout.count("✓") == 7
    assert "✗" not in done.stdout
    assert "jwks-no-egress" in done.stdout
    assert "no outbound rule allows TCP 443" in done.stdout
    assert not re.search(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", done.stdout + done.stderr), "a whole token was printed"
    assert list(tmp_path.iterdir()) == []
    (transcript,) = re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert is_printed(transcript, done.stdout), done.stdout


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, cache: str) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("up") / "data"
    (Path(cache) / "sekisho" / "environments").mkdir(parents=True, exist_ok=True)
    data.mkdir()
    (data / "environments").symlink_to(Path(cache) / "sekisho" / "environments")
    arguments = ("up", str(EXAMPLE), "--port", "0", "--data", str(data), "--show-secrets")
    with running(*arguments) as server:
        yield server


def products(server: ServerProcess, audience: str = "https://api.example.com/") -> int:
    (client,) = server.said["applications"]
    form = {name: client[name] for name in ("client_id", "client_secret")}
    path = client["token_url"].removeprefix(server.url)
    asked = {**form, "audience": audience, "grant_type": "client_credentials"}
    token = server.post(path, asked)["access_token"]
    with server.http() as http:
        url = f"{server.endpoint('alb-listener')['url']}/products"
        return http.get(url, headers={"authorization": f"Bearer {token}"}).status_code


def test_up_says_what_is_there(deployed: ServerProcess) -> None:
    (stack,) = deployed.said["stacks"]
    assert (stack["name"], stack["region"], stack["changed"]) == ("JwtAlbSample", "ap-northeast-1", True)
    for kind in ("LoadBalancer", "Listener", "TargetGroup"):
        assert stack["running"][f"AWS::ElasticLoadBalancingV2::{kind}"] == 1
    assert stack["declared"]["AWS::EC2::Subnet"] == 4
    (container,) = deployed.said["containers"]
    assert container["name"] == "AppContainer"
    assert container["address"]
    assert [one["kind"] for one in deployed.said["endpoints"]] == ["alb-listener", "tenant"]
    assert [one["code"] for one in deployed.said["diagnostics"] if one["severity"] != "info"] == []
    assert products(deployed) == 200
    assert products(deployed, "https://other.example.com/") == 401


def test_a_container_that_nothing_binds_is_told(tmp_path: Path) -> None:
    template = tmp_path / "alone.json"
    template.write_text((EXAMPLE / "template.json").read_text())
    with running("up", str(template), "--port", "0", "--ephemeral") as server:
        (finding,) = (one for one in server.said["diagnostics"] if one["code"] == "container-unbound")
        assert "containers.AppContainer in sekisho.yaml" in finding["message"]
        assert finding in server.get("/_sekisho/diagnostics")


def test_status_and_ca_agree_with_it(deployed: ServerProcess) -> None:
    done = subprocess.run(
        [SEKISHO, "status", "--url", deployed.url, "--json"], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert found["health"]["status"] == "ok"
    assert found["endpoints"] == deployed.said["endpoints"]
    said = subprocess.run(
        [SEKISHO, "ca", "--data", deployed.said["data"]], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == str(deployed.ca)


def test_the_hostname_of_the_load_balancer_works_as_well(deployed: ServerProcess) -> None:
    endpoint = deployed.endpoint("alb-listener")
    with deployed.http() as http:
        extensions = {"sni_hostname": endpoint["hostname"]}
        answer = http.get(endpoint["url"], headers={"host": endpoint["hostname"]}, extensions=extensions)
    assert answer.status_code == 401


def test_a_second_run_changes_nothing(tmp_path: Path, cache: str) -> None:
    environments = Path(cache) / "sekisho" / "environments"
    environments.mkdir(parents=True, exist_ok=True)
    data = tmp_path / "data"
    data.mkdir()
    (data / "environments").symlink_to(environments)
    arguments = ("up", str(EXAMPLE), "--port", "0", "--data", str(data), "--show-secrets")
    with running(*arguments) as first:
        listener = first.endpoint("alb-listener")
    with running(*arguments) as second:
        assert [stack["changed"] for stack in second.said["stacks"]] == [False]
        assert second.endpoint("alb-listener") == listener
        assert products(second) == 200
        second.kill()
    with running(*arguments) as third:
        assert [stack["changed"] for stack in third.said["stacks"]] == [False]
        assert products(third) == 200
        assert third.said["containers"][0]["address"]


def test_a_refused_template_says_where_and_leaves_nothing(tmp_path: Path) -> None:
    template = tmp_path / "broken.yaml"
    template.write_text(
        "Resources:\n"
        "  Alb:\n"
        "    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n"
        "    Properties: {Subnets: [subnet-11111111, subnet-22222222]}\n"
        "  Listener:\n"
        "    Type: AWS::ElasticLoadBalancingV2::Listener\n"
        "    Properties:\n"
        "      LoadBalancerArn: !Ref Alb\n"
        "      Port: 80\n"
        "      Protocol: HTTP\n"
        "      DefaultActions:\n"
        "        - {Type: jwt-validation, JwtValidationConfig: {Issuer: i, JwksEndpoint: https://k.example/}, "
        "Order: 1}\n"
        "        - {Type: fixed-response, FixedResponseConfig: {StatusCode: '200'}, Order: 2}\n"
    )
    command = [SEKISHO, "up", str(template), "--port", "0", "--data", str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert f"{template}:12:" in done.stderr
    assert "supported only on HTTPS listeners" in done.stderr
    assert "ROLLBACK_COMPLETE" in done.stderr
    with running("serve", "--port", "0", "--data", str(tmp_path / "data")) as server:
        assert server.get("/_sekisho/endpoints") == []


def test_a_parameter_without_a_value_is_told_with_where_to_give_it(tmp_path: Path) -> None:
    template = tmp_path / "t.yaml"
    template.write_text(
        "Parameters: {Topic: {Type: String}}\n"
        "Resources: {T: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !Ref Topic}}}\n"
    )
    command = [SEKISHO, "up", str(template), "--ephemeral", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert f"{template}:1:" in done.stderr
    assert "[Topic] must have values; give them under parameters in a sekisho.yaml" in done.stderr
    (tmp_path / "sekisho.yaml").write_text("parameters: {Topic: mine}\n")
    with running("up", str(template), "--ephemeral", "--port", "0") as server:
        assert server.said["stacks"][0]["declared"] == {"AWS::SNS::Topic": 1}


def test_a_port_can_be_chosen_and_one_in_use_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(
        "Resources:\n"
        "  B: {Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', "
        "Properties: {Subnets: [subnet-11111111, subnet-22222222]}}\n"
        "  L:\n"
        "    Type: AWS::ElasticLoadBalancingV2::Listener\n"
        "    Properties: {LoadBalancerArn: !Ref B, Port: 80, Protocol: HTTP, DefaultActions: "
        "[{Type: fixed-response, FixedResponseConfig: {StatusCode: '204'}}]}\n"
    )
    project = tmp_path / "sekisho.yaml"
    with running("serve", "--ephemeral", "--port", "0") as other:
        taken = int(other.url.rpartition(":")[2])
        project.write_text(f"ports: {{L: {taken}}}\n")
        command = [SEKISHO, "up", str(tmp_path), "--ephemeral", "--port", "0"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2
        assert f"ports.L: port {taken} is in use" in done.stderr
    with running("up", str(tmp_path), "--ephemeral", "--port", "0") as server:
        assert server.endpoint("alb-listener")["port"] == taken
