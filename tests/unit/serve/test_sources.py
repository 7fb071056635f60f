"""What a path means to ``sekisho up``."""

import json
from pathlib import Path
from typing import Any

import pytest

from sekisho.kernel.errors import UsageError
from sekisho.serve.sources import load_source

TEMPLATE = "Resources:\n  T: {Type: AWS::SNS::Topic}\n"


def write_assembly(folder: Path, stacks: dict[str, dict[str, Any]], **nested: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    artifacts: dict[str, Any] = {
        name: {"type": "cdk:cloud-assembly", "properties": {"directoryName": directory}}
        for name, directory in nested.items()
    }
    for name, stack in stacks.items():
        properties = {"templateFile": f"{name}.template.json", **stack.get("properties", {})}
        (folder / f"{name}.template.json").write_text('{"Resources": {}}')
        artifacts[name] = {"type": "aws:cloudformation:stack", **stack, "properties": properties}
    (folder / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": artifacts}))


def names(path: Path) -> list[str]:
    return [stack.name for stack in load_source(path).stacks]


def test_a_template_is_a_stack_named_after_its_file(tmp_path: Path) -> None:
    (tmp_path / "my_stack.v2.yaml").write_text(TEMPLATE)
    (stack,) = load_source(tmp_path / "my_stack.v2.yaml").stacks
    assert (stack.name, stack.region) == ("my-stack", None)


def test_a_template_called_template_is_named_after_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "1st try"
    folder.mkdir()
    (folder / "template.json").write_text("{}")
    assert names(folder / "template.json") == ["stack-1st-try"]


def test_a_folder_with_one_template_means_that(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "app.yaml").write_text(TEMPLATE)
    assert names(tmp_path) == ["app"]
    (tmp_path / "b.json").write_text('{\n "Resources": {}}')
    with pytest.raises(UsageError, match=r"app\.yaml, b\.json; name one template"):
        load_source(tmp_path)


def test_the_project_beside_a_template_binds_it(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    (tmp_path / "other.yaml").write_text(TEMPLATE)
    (tmp_path / "sekisho.yaml").write_text(
        "template: t.yaml\nstack: Mine\nregion: eu-west-1\nparameters: {A: 1}\n"
    )
    for path in (tmp_path, tmp_path / "t.yaml"):
        (stack,) = load_source(path).stacks
        assert (stack.name, stack.region, stack.parameters) == ("Mine", "eu-west-1", {"A": "1"})
    (stack,) = load_source(tmp_path / "other.yaml").stacks
    assert (stack.name, stack.region) == ("other", None)


def test_the_stacks_of_an_assembly_come_after_those_they_depend_on(tmp_path: Path) -> None:
    write_assembly(
        tmp_path / "cdk.out",
        {
            "App": {"dependencies": ["Assets", "Net"], "environment": "aws://unknown-account/unknown-region"},
            "Net": {
                "environment": "aws://1/eu-west-1",
                "properties": {"stackName": "net", "parameters": {"P": 1}},
            },
        },
        Stage="assembly-Stage",
    )
    write_assembly(tmp_path / "cdk.out" / "assembly-Stage", {"Staged": {}})
    for path in (tmp_path, tmp_path / "cdk.out"):
        stacks = load_source(path).stacks
        assert [stack.name for stack in stacks] == ["Staged", "net", "App"]
        assert [stack.region for stack in stacks] == [None, "eu-west-1", None]
        assert stacks[1].parameters == {"P": "1"}
        assert stacks[2].assembly == tmp_path / "cdk.out"


def test_a_project_may_choose_a_stack_and_gets_what_it_depends_on(tmp_path: Path) -> None:
    write_assembly(tmp_path / "cdk.out", {"A": {"dependencies": ["B"]}, "B": {}, "C": {}})
    (tmp_path / "sekisho.yaml").write_text("template: cdk.out\nstack: A\n")
    assert names(tmp_path) == ["B", "A"]
    assert names(tmp_path / "cdk.out") == ["B", "A"]
    (tmp_path / "sekisho.yaml").write_text("template: cdk.out\nstack: D\n")
    with pytest.raises(UsageError, match="holds no stack 'D'; it holds B, A, C"):
        load_source(tmp_path)


def test_what_cannot_be_deployed_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        load_source(tmp_path / "gone")
    with pytest.raises(UsageError, match="holds no template"):
        load_source(tmp_path)
    (tmp_path / "cdk.json").write_text('{"app": "python3 app.py"}')
    with pytest.raises(UsageError, match="has not been synthesized"):
        load_source(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(UsageError, match="is not JSON"):
        load_source(tmp_path)
