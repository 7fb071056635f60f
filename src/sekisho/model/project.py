"""What a ``sekisho.yaml`` says: what a laptop has no cloud for, bound to what it has.

Paths are absolute: they were written relative to the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """A certificate chain and its private key, two PEM files of the user's (or one that holds both)."""

    chain: Path
    key: Path


@dataclass(frozen=True, slots=True)
class ContainerBinding:
    """How a container of an ECS task definition runs here: a command, or a URL where it runs already.

    Attributes:
        name: the container's name.
        task_definition: logical id of the task definition, where several have a container of that name.
        command: program and arguments; ``{host}`` and ``{port}`` stand for the address to listen on. Empty
            where a URL is given.
        url: base URL of an application that somebody else runs.
        directory: where the command runs.
        requirements: a pip requirements file that is installed into an environment of its own.
        environment: variables besides those of the task definition.
    """

    name: str
    task_definition: str | None = None
    command: tuple[str, ...] = ()
    url: str | None = None
    directory: Path = Path()
    requirements: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Project:
    """A ``sekisho.yaml``.

    Attributes:
        file: the file itself.
        template: the template or cloud assembly to deploy, or None for the one beside the file.
        stack: name of the stack.
        region: AWS region of the stack.
        containers: bindings of containers, in the order of the file.
        tenants: issuers for machine-to-machine tokens, as written.
        parameters: values of template parameters.
        ports: local port by the logical id of a listener or an HTTP API.
        certificates: files by the ARN of an ACM certificate.
        assets: local folder or archive by the logical id of the function whose code it is.
        runtimes: interpreter by Lambda's identifier of a runtime, e.g. ``python3.12``.
    """

    file: Path
    template: Path | None = None
    stack: str | None = None
    region: str | None = None
    containers: tuple[ContainerBinding, ...] = ()
    tenants: tuple[Any, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    certificates: Mapping[str, CertificateFiles] = field(default_factory=dict)
    assets: Mapping[str, Path] = field(default_factory=dict)
    runtimes: Mapping[str, Path] = field(default_factory=dict)
