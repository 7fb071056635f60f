"""Nested stacks: created, updated, rolled back and deleted with the stack around them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sekisho.cfn.cdk_out import find_asset, find_nested_template
from sekisho.cfn.engine import Engine
from sekisho.cfn.errors import TemplateError
from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import DeclaredResource, Stack, StackEvent, StackInput, Status
from sekisho.store.sql import SqlStore

CHILD = """\
Parameters:
  Port: {Type: Number}
  Zones: {Type: CommaDelimitedList}
Resources:
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {Port: !Ref Port, Protocol: HTTP, VpcId: !Select [0, !Ref Zones]}
Outputs:
  Arn: {Value: !Ref Group}
"""
PARENT = """\
Parameters:
  Port: {Type: Number, Default: 80}
Resources:
  After:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !GetAtt Inner.Outputs.Arn}
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./child.yaml
      Parameters: {Port: !Ref Port, Zones: [vpc-1, vpc-2]}
  Last:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    DependsOn: Inner
    Properties: {Subnets: [!Ref Port]}
"""
REFUSED = ServiceError("InvalidConfigurationRequest", "no")


@pytest.fixture
def deploy(engine: Engine, tmp_path: Path) -> Callable[..., list[StackEvent]]:
    (tmp_path / "child.yaml").write_text(CHILD)

    def run(template: str = PARENT, **parameters: str) -> list[StackEvent]:
        given = StackInput(template, parameters, "parent.yaml", str(tmp_path))
        return list(engine.deploy("demo", "us-east-1", given))

    return run


def stacks(store: SqlStore) -> dict[str, Stack]:
    with store.read() as state:
        living = [stack for stack in state.list(Stack) if stack.deleted is None]
    return {"child" if stack.parent_id else "parent": stack for stack in living}


@pytest.mark.semantics("CFN-14")
def test_a_nested_stack_is_made_and_its_outputs_are_read(deploy: Any, store: SqlStore, things: Any) -> None:
    events = deploy()
    assert events[-1].status is Status.CREATE_COMPLETE
    assert events[-1].stack_name == "demo"
    found = stacks(store)
    assert found["child"].parent_id == found["child"].root_id == found["parent"].id
    assert found["child"].name.startswith("demo-Inner-")
    with store.read() as state:
        (parameter,) = state.list(DeclaredResource)
    (group,) = (thing for thing in things() if "targetgroup" in thing.arn)
    assert parameter.properties["Value"] == group.arn
    assert group.params["VpcId"] == "vpc-1"
    assert deploy() == []


def test_an_update_reaches_the_nested_stack(deploy: Any, store: SqlStore, things: Any) -> None:
    deploy()
    events = deploy(Port="81")
    assert events[-1].status is Status.UPDATE_COMPLETE
    assert [thing.params["Port"] for thing in things() if "targetgroup" in thing.arn] == [81]
    assert stacks(store)["child"].status is Status.UPDATE_COMPLETE
    assert deploy(Port="81") == []


def test_a_change_of_the_nested_template_is_a_change(deploy: Any, tmp_path: Path, things: Any) -> None:
    deploy()
    (tmp_path / "child.yaml").write_text(f"# a comment\n{CHILD}")
    assert deploy() == []
    (tmp_path / "child.yaml").write_text(CHILD.replace("HTTP", "HTTPS"))
    assert deploy()[-1].status is Status.UPDATE_COMPLETE
    assert [thing.params["Protocol"] for thing in things() if "targetgroup" in thing.arn] == ["HTTPS"]


def test_a_failure_inside_fails_the_stack_around(deploy: Any, operations: Any, store: SqlStore) -> None:
    operations.refuse["CreateTargetGroup"] = REFUSED
    events = deploy()
    assert events[-1].status is Status.ROLLBACK_COMPLETE
    assert list(stacks(store)) == ["parent"]
    reason = next(event.reason for event in events if event.logical_id == "Inner" and event.reason)
    failed = next(
        event for event in events if event.logical_id == "Inner" and event.status is Status.CREATE_FAILED
    )
    assert reason == "Resource creation Initiated"
    assert failed.reason.startswith("Embedded stack arn:aws:cloudformation:")
    assert "was not successfully created" in failed.reason
    assert failed.location == "parent.yaml:10:7 Resources/Inner/Properties/TemplateURL"


@pytest.mark.semantics("CFN-14")
def test_a_failure_after_it_returns_the_nested_stack(
    deploy: Any, operations: Any, store: SqlStore, things: Any
) -> None:
    deploy()
    operations.refuse["SetSubnets"] = REFUSED
    events = deploy(Port="81")
    assert events[-1].status is Status.UPDATE_ROLLBACK_COMPLETE
    assert [thing.params["Port"] for thing in things() if "targetgroup" in thing.arn] == [80]
    assert stacks(store)["child"].applied.parameters["Port"] == "80"  # type: ignore[union-attr]
    operations.refuse.clear()
    assert deploy() == []
    assert deploy(Port="81")[-1].status is Status.UPDATE_COMPLETE


@pytest.mark.semantics("CFN-14")
def test_deletion_takes_the_nested_stack_along(
    deploy: Any, engine: Engine, store: SqlStore, things: Any
) -> None:
    deploy()
    assert list(engine.delete(stacks(store)["parent"].id))[-1].status is Status.DELETE_COMPLETE
    assert stacks(store) == {}
    assert things() == []


def test_an_unknown_template_is_refused_with_its_line(deploy: Any) -> None:
    events = deploy(PARENT.replace("./child.yaml", "https://example.com/t.yaml"))
    failed = next(event for event in events if event.status is Status.CREATE_FAILED)
    assert failed.reason == "TemplateURL must be a supported URL. (https://example.com/t.yaml)"
    assert failed.location == "parent.yaml:10:7 Resources/Inner/Properties/TemplateURL"


def test_a_fault_in_the_nested_template_is_placed_there(deploy: Any, tmp_path: Path) -> None:
    (tmp_path / "child.yaml").write_text(CHILD.replace("VpcId:", "Vpc:"))
    failed = next(event for event in deploy() if event.status is Status.CREATE_FAILED)
    assert failed.reason.startswith("Encountered unsupported property Vpc")
    assert failed.location == f"{tmp_path}/child.yaml:7:51 Resources/Group/Properties/Vpc"


def test_a_fault_in_a_changed_nested_template_changes_nothing(deploy: Any, tmp_path: Path) -> None:
    deploy()
    (tmp_path / "child.yaml").write_text(CHILD.replace("VpcId:", "Vpc:"))
    with pytest.raises(TemplateError, match="Encountered unsupported property Vpc"):
        deploy()


@pytest.mark.slow
def test_an_interrupted_update_is_taken_up(
    engine: Engine, deploy: Any, tmp_path: Path, store: SqlStore, things: Any
) -> None:
    deploy()
    ports = iter(range(100, 200))
    length = len(deploy(Port=str(next(ports))))
    for cut in range(1, length):
        port = str(next(ports))
        run = engine.deploy("demo", "us-east-1", StackInput(PARENT, {"Port": port}, "p", str(tmp_path)))
        for _ in range(cut):
            next(run)
        del run
        again = Engine(engine.parts)
        for stack_id in again.interrupted():
            again.finish(stack_id)
        found = stacks(store)
        assert found["parent"].status is Status.UPDATE_COMPLETE
        assert found["child"].status is Status.UPDATE_COMPLETE
        assert [str(thing.params["Port"]) for thing in things() if "targetgroup" in thing.arn] == [port]


def test_an_api_client_cannot_have_files_of_the_server_read(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("A: 1")
    assert find_nested_template(str(tmp_path / "secret.yaml"), StackInput("", source=str(tmp_path))) is None


def test_assets_of_a_cloud_assembly_are_found_by_their_key(tmp_path: Path) -> None:
    (tmp_path / "child.nested.template.json").write_text('{"Resources": {}}')
    (tmp_path / "asset.abc").mkdir()
    files = {
        "abc": {"source": {"path": "asset.abc"}, "destinations": {"here": {"objectKey": "abc.zip"}}},
        "def": {
            "source": {"path": "child.nested.template.json"},
            "destinations": {"here": {"objectKey": "def.json"}},
        },
        "gone": {"source": {"path": "asset.gone"}, "destinations": {"here": {"objectKey": "gone.zip"}}},
        "none": {"destinations": {"here": {"objectKey": "none.zip"}}},
    }
    (tmp_path / "S.assets.json").write_text(json.dumps({"files": files}))
    assert find_asset(tmp_path, "abc.zip") == tmp_path / "asset.abc"
    assert find_asset(tmp_path, "gone.zip") is None
    assert find_asset(tmp_path, "none.zip") is None
    url = "https://s3.us-east-1.amazonaws.com/cdk-hnb659fds-assets-000000000000-us-east-1/def.json"
    found = find_nested_template(url, StackInput("", folder=str(tmp_path)))
    assert found is not None
    assert found.template == '{"Resources": {}}'
    assert found.folder == str(tmp_path)
