"""Reading ``sekisho.yaml``, the file beside a template that binds what a laptop has no cloud for.

Every fault is told with file, line and the way to the value.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from sekisho.kernel.arn import Arn
from sekisho.kernel.errors import UsageError
from sekisho.model.project import CertificateFiles, ContainerBinding, Project

FILE_NAMES = ("sekisho.yaml", "sekisho.yml")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STRING, _NUMBER, _BOOLEAN, _NULL = (
    frozenset(f"tag:yaml.org,2002:{name}" for name in names)
    for names in (("str", "timestamp"), ("int", "float"), ("bool",), ("null",))
)


def find_project(template: Path) -> Path | None:
    """Return the ``sekisho.yaml`` in a folder, or beside a template; None where there is none."""
    folder = template if template.is_dir() else template.parent
    return next((folder / name for name in FILE_NAMES if (folder / name).is_file()), None)


def load_project(file: Path) -> Project:
    """Read a ``sekisho.yaml``; paths in it are relative to its folder.

    Raises:
        UsageError: it cannot be read, is not YAML, or holds what is unknown, of the wrong type or not there.
    """
    root = _Value(_parse(file), file, "")
    members = root.members(
        [
            "template",
            "stack",
            "region",
            "containers",
            "tenants",
            "parameters",
            "ports",
            "certificates",
            "assets",
            "runtimes",
        ]
    )
    return Project(
        file=file,
        template=_optional(members, "template", _Value.existing),
        stack=_optional(members, "stack", _Value.text),
        region=_optional(members, "region", _Value.text),
        containers=tuple(_container(name, value) for name, value in _entries(members, "containers")),
        tenants=tuple(value.plain() for value in members["tenants"].items()) if "tenants" in members else (),
        parameters={name: value.parameter() for name, value in _entries(members, "parameters")},
        ports={name: value.port() for name, value in _entries(members, "ports")},
        certificates={_arn(name, value): _files(value) for name, value in _entries(members, "certificates")},
        assets={name: value.existing() for name, value in _entries(members, "assets")},
        runtimes={name: value.existing() for name, value in _entries(members, "runtimes")},
    )


@dataclass(frozen=True)
class _Value:
    """One value of the file, and where it stands."""

    node: yaml.Node
    file: Path
    path: str

    def error(self, message: str) -> UsageError:
        mark = self.node.start_mark
        way = f"{self.path}: " if self.path else ""
        return UsageError(f"{self.file}:{mark.line + 1}:{mark.column + 1}: {way}{message}")

    def members(self, known: list[str] | None = None) -> "dict[str, _Value]":
        """Return the members of a mapping; with ``known`` no others are allowed."""
        if self.node.tag in _NULL:
            return {}
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error("must be a mapping")
        members: dict[str, _Value] = {}
        for key, node in self.node.value:
            name = str(key.value)
            inner = _Value(key, self.file, f"{self.path}.{name}" if self.path else name)
            if not isinstance(key, yaml.ScalarNode):
                raise inner.error("a key must be text")
            if name in members:
                raise inner.error("stands twice")
            if known is not None and name not in known:
                raise inner.error(f"is not known; known here: {', '.join(known)}")
            members[name] = _Value(node, self.file, inner.path)
        return members

    def items(self) -> "list[_Value]":
        """Return the items of a list."""
        if self.node.tag in _NULL:
            return []
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error("must be a list")
        return [
            _Value(node, self.file, f"{self.path}[{index}]") for index, node in enumerate(self.node.value)
        ]

    def text(self) -> str:
        """Return text; a number is the digits that were written."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag not in _STRING | _NUMBER:
            raise self.error("must be text; put it in quotes")
        return str(self.node.value)

    def parameter(self) -> str:
        """Return a template parameter's value, which is always text: a list is joined by commas."""
        if isinstance(self.node, yaml.SequenceNode):
            return ",".join(item.parameter() for item in self.items())
        if isinstance(self.node, yaml.ScalarNode) and self.node.tag in _BOOLEAN:
            return str(self.node.value)
        return self.text()

    def port(self) -> int:
        """Return a port number."""
        text = self.text()
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
            raise self.error("must be a port, 1 to 65535")
        return int(text)

    def existing(self) -> Path:
        """Return the absolute path of a file or folder."""
        path = (self.file.parent / self.text()).absolute()
        if not path.exists():
            raise self.error(f"{path} does not exist")
        return path

    def plain(self) -> Any:
        """Return the value as Python's own types."""
        try:
            return yaml.constructor.SafeConstructor().construct_document(self.node)
        except yaml.YAMLError as error:
            raise self.error(str(error).splitlines()[0]) from None


def _parse(file: Path) -> yaml.Node:
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file}: is not UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise UsageError(f"{file}{place}: is not YAML: {error.problem}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise UsageError(f"{file}: is not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{file}: must hold a mapping")
    return node


def _entries(members: dict[str, _Value], name: str) -> list[tuple[str, _Value]]:
    return list(members[name].members().items()) if name in members else []


def _optional(members: dict[str, _Value], name: str, read: Any) -> Any:
    return read(members[name]) if name in members and members[name].node.tag not in _NULL else None


def _container(name: str, value: _Value) -> ContainerBinding:
    members = value.members(["command", "url", "directory", "requirements", "environment"])
    task_definition, _, container = name.rpartition("/")
    if not container:
        raise value.error("must be named after a container, or <task definition>/<container>")
    if ("command" in members) == ("url" in members):
        raise value.error("needs either a command or a url")
    for other in ("directory", "requirements", "environment"):
        if "url" in members and other in members:
            raise members[other].error("has no meaning with a url, which somebody else runs")
    command = tuple(item.text() for item in members["command"].items()) if "command" in members else ()
    if "command" in members and not command:
        raise members["command"].error("must hold a program and its arguments")
    return ContainerBinding(
        name=container,
        task_definition=task_definition or None,
        command=command,
        url=_url(members["url"]) if "url" in members else None,
        directory=_optional(members, "directory", _Value.existing) or value.file.parent.absolute(),
        requirements=_optional(members, "requirements", _Value.existing),
        environment={key: item.text() for key, item in _entries(members, "environment")},
    )


def _url(value: _Value) -> str:
    text = value.text()
    try:
        parts = urlsplit(text)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise value.error("must be an http or https URL with a host")
    return text


def _arn(name: str, value: _Value) -> str:
    if not Arn.is_valid(name):
        raise value.error("must be named by the ARN of a certificate")
    return name


def _files(value: _Value) -> CertificateFiles:
    members = value.members(["chain", "key"])
    for name in ("chain", "key"):
        if name not in members:
            raise value.error(f"needs {name}")
    return CertificateFiles(members["chain"].existing(), members["key"].existing())
