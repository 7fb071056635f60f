"""From a path that a user names to the stacks that are meant: a template, a cloud assembly, a CDK app, an example.

A cloud assembly is what ``cdk synth`` writes, ``cdk.out``:
https://docs.aws.amazon.com/cdk/v2/guide/deploy.html#deploy-how-synth-assemblies
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sekisho.kernel.errors import UsageError
from sekisho.model.project import Project
from sekisho.serve.cdk_app import CdkApp, find_cdk_app
from sekisho.serve.project import find_project, load_project

_TEMPLATES = frozenset((".json", ".yaml", ".yml", ".template"))
_STACK = "aws:cloudformation:stack"
_NESTED = "cdk:cloud-assembly"
_UNKNOWN_REGION = "unknown-region"


@dataclass(frozen=True, slots=True)
class StackSource:
    """One stack to deploy.

    Attributes:
        name: of the stack.
        template: the file.
        region: that the source asks for; None where it leaves that open.
        parameters: values of template parameters.
        assembly: the folder that holds the template's assets, if it came out of a CDK app.
    """

    name: str
    template: Path
    region: str | None = None
    parameters: Mapping[str, str] | None = None
    assembly: Path | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What one path means: its stacks, in the order to deploy them, and what binds them to this machine."""

    stacks: tuple[StackSource, ...]
    project: Project


def find_app_to_run(path: Path, *, anew: bool) -> CdkApp | None:
    """Return the CDK app that has to be run before a path can be deployed; None where there is none.

    Args:
        path: what the user names.
        anew: whether an app is to be run although its cloud assembly is there.

    Raises:
        UsageError: the ``cdk.json`` or the ``sekisho.yaml`` of the folder is wrong.
    """
    app = find_cdk_app(path) if path.is_dir() else None
    if app is None or (path / "manifest.json").is_file() or (app.is_synthesized and not anew):
        return None
    is_bound = _find_project(path).template is not None
    return None if is_bound and not anew else app


def load_source(path: Path, assembly: Path | None = None) -> Source:
    """Find out what a path means; ``assembly`` is what its CDK app has just written.

    Raises:
        UsageError: there is nothing there that can be deployed, or its ``sekisho.yaml`` is wrong.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist")
    project = _find_project(path)
    stacks = _find_stacks(assembly or _find_target(path, project), project)
    return Source(tuple(stacks), project)


def _find_project(path: Path) -> Project:
    """Return the ``sekisho.yaml`` in a folder or beside what is named, unless it is about another template."""
    is_assembly = (path / "manifest.json").is_file()
    file = find_project(path) or (find_project(path.absolute().parent) if is_assembly else None)
    if file is None:
        return Project(path)
    project = load_project(file)
    names_another = project.template is not None and project.template.resolve() != path.resolve()
    if names_another and (path.is_file() or is_assembly):
        return Project(path)
    return project


def _find_target(path: Path, project: Project) -> Path:
    """Return the template or the cloud assembly that is meant."""
    if path.is_file():
        return path
    if (path / "manifest.json").is_file():
        return path
    if project.template is not None:
        return project.template
    app = find_cdk_app(path)
    if app is not None and app.is_synthesized:
        return app.output
    if (path / "cdk.out" / "manifest.json").is_file():
        return path / "cdk.out"
    if app is not None:
        raise UsageError(f"{path} is a CDK app that has not been synthesized")
    templates = sorted(one for one in path.iterdir() if _is_template(one))
    if len(templates) == 1:
        return templates[0]
    found = ", ".join(one.name for one in templates) or "no template"
    raise UsageError(f"{path} holds {found}; name one template, or a sekisho.yaml, a cdk.out or a CDK app")


def _is_template(path: Path) -> bool:
    if path.suffix not in _TEMPLATES or not path.is_file() or path.name.startswith("sekisho."):
        return False
    return (
        re.search(r"^\s*[\"']?Resources[\"']?\s*:", path.read_text(errors="replace"), re.MULTILINE)
        is not None
    )


def _find_stacks(target: Path, project: Project) -> list[StackSource]:
    if target.is_file():
        name = project.stack or _stack_name(target)
        return [StackSource(name, target, project.region, project.parameters)]
    stacks = _in_order(_read_assembly(target))
    if project.stack is not None:
        stacks = _chosen(stacks, project.stack, target)
    bound = [_bind(stack.source, project) for stack in stacks]
    if not bound:
        raise UsageError(f"{target} holds no stack")
    return bound


def _bind(source: StackSource, project: Project) -> StackSource:
    parameters = {**(source.parameters or {}), **project.parameters}
    return replace(source, region=project.region or source.region, parameters=parameters)


def _stack_name(template: Path) -> str:
    """Return a stack name made of a file's: letters, digits and hyphens, a letter first."""
    stem = template.name.split(".")[0]
    if stem in {"template", "index"}:
        stem = template.absolute().parent.name
    name = re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-")
    return (name if name[:1].isalpha() else f"stack-{name}")[:128].rstrip("-")


# ---------------------------------------------------------------- cloud assemblies


@dataclass(frozen=True, slots=True)
class _Artifact:
    """A stack of an assembly, and the artifacts that come before it."""

    id: str
    source: StackSource
    dependencies: tuple[str, ...]


def _read_assembly(folder: Path) -> Iterator[_Artifact]:
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{folder} is no cloud assembly: manifest.json: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"{folder / 'manifest.json'} is not JSON: {error}") from None
    for artifact_id, artifact in manifest.get("artifacts", {}).items():
        properties = artifact.get("properties", {})
        if artifact.get("type") == _NESTED:
            yield from _read_assembly(folder / properties["directoryName"])
        elif artifact.get("type") == _STACK:
            yield _Artifact(
                artifact_id, _stack_of(folder, artifact_id, artifact), tuple(artifact.get("dependencies", ()))
            )


def _stack_of(folder: Path, artifact_id: str, artifact: Mapping[str, Any]) -> StackSource:
    properties = artifact["properties"]
    region = str(artifact.get("environment", "")).rpartition("/")[2]
    return StackSource(
        name=properties.get("stackName", artifact_id),
        template=folder / properties["templateFile"],
        region=None if region in {"", _UNKNOWN_REGION} else region,
        parameters={key: str(value) for key, value in properties.get("parameters", {}).items()},
        assembly=folder,
    )


def _in_order(artifacts: Iterable[_Artifact]) -> list[_Artifact]:
    """Return the stacks, each after those that it depends on."""
    waiting = {artifact.id: artifact for artifact in artifacts}
    ordered: list[_Artifact] = []

    def place(artifact_id: str) -> None:
        artifact = waiting.pop(artifact_id, None)
        if artifact is not None:
            for dependency in artifact.dependencies:
                place(dependency)
            ordered.append(artifact)

    while waiting:
        place(next(iter(waiting)))
    return ordered


def _chosen(stacks: list[_Artifact], name: str, folder: Path) -> list[_Artifact]:
    """Return the stack of that name, after those that it depends on.

    Raises:
        UsageError: there is none.
    """
    by_id = {stack.id: stack for stack in stacks}
    wanted = {stack.id for stack in stacks if name in {stack.id, stack.source.name}}
    if not wanted:
        names = ", ".join(stack.source.name for stack in stacks)
        raise UsageError(f"{folder} holds no stack {name!r}; it holds {names}")
    frontier = list(wanted)
    while frontier:
        for dependency in by_id[frontier.pop()].dependencies:
            if dependency in by_id and dependency not in wanted:
                wanted.add(dependency)
                frontier.append(dependency)
    return [stack for stack in stacks if stack.id in wanted]
