"""The containers of declared ECS services: run as the project binds them, registered where the service says.

ECS registers the tasks of a service in its target groups when they run and takes them out when they end:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import structlog

from sekisho.cfn.ecs import ContainerService, container_services
from sekisho.kernel.arn import Arn
from sekisho.kernel.errors import ServiceError, UsageError
from sekisho.model.bindings import TaskTarget
from sekisho.model.cloudformation import DeclaredResource
from sekisho.model.diagnostics import Diagnostic, Severity
from sekisho.model.project import ContainerBinding, Project
from sekisho.serve.background import Background
from sekisho.serve.containers import ContainerEvents, ContainerSpec, ContainerSupervisor
from sekisho.store.api import Store

log = structlog.get_logger(__name__)


class Call(Protocol):
    """Runs an operation and returns when the edge has its effect."""

    async def __call__(
        self, service: str, operation: str, params: Mapping[str, Any], region: str
    ) -> dict[str, Any]:
        """Run the operation.

        Raises:
            ServiceError: it refused.
        """
        ...


class ContainerProgress(Protocol):
    """Is told what containers do."""

    def container_line(self, name: str, text: str) -> None:
        """Take note of a line of output, or of a step."""
        ...


@dataclass(frozen=True, slots=True)
class RunningContainer:
    """A bound container as it is now.

    Attributes:
        service: logical id of its ECS service.
        address: where it listens; None while it does not.
        target_groups: the ARNs of those that it is registered in.
        failure: why it does not listen.
    """

    name: str
    service: str
    address: tuple[str, int] | None
    target_groups: tuple[str, ...] = ()
    failure: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    name: str
    service: ContainerService
    spec: ContainerSpec


class TaskTargets:
    """Runs the bound containers of the declared services and keeps their registrations.

    Args:
        data: where Python environments are kept, below ``environments/``.
        environ: the variables that containers inherit.
    """

    def __init__(self, store: Store, call: Call, data: Path, environ: Mapping[str, str]) -> None:
        self._store = store
        self._call = call
        self._background = Background()
        self._news: asyncio.Queue[tuple[_Wanted, tuple[str, int] | None]] = asyncio.Queue()
        self._wanted: dict[str, _Wanted] = {}
        self._settled: dict[str, asyncio.Event] = {}
        self._addresses: dict[str, tuple[str, int]] = {}
        self._failures: dict[str, str] = {}
        self._progress: ContainerProgress | None = None
        self.findings: tuple[Diagnostic, ...] = ()
        events = ContainerEvents(up=self._up, down=self._down, log=self._line, progress=self._line)
        self._supervisor = ContainerSupervisor(data, environ, events)

    async def start(self) -> None:
        """Begin to register what comes up."""
        self._background.spawn(self._keep_registered(), "task registrations")

    async def stop(self) -> None:
        """End the containers; they are registered anew, wherever they are then, when they run again."""
        await self._background.stop()
        await self._supervisor.stop()

    async def run(
        self, projects: Iterable[tuple[Project, Sequence[str]]], progress: ContainerProgress
    ) -> list[RunningContainer]:
        """Run the bound containers of the stacks; return when each listens, or has failed for the first time.

        Args:
            projects: each project with the ids of its stacks.
            progress: is told what the containers do, then and later.

        Raises:
            UsageError: a binding names a container that no service has.
        """
        self._progress = progress
        wanted, self.findings = await asyncio.to_thread(self._find, list(projects))
        await self._forget_strangers(wanted)
        await self._supervisor.want(one.spec for one in wanted)
        # What has ended is told already, of what was wanted before; what begins is not told before the next await.
        before, self._wanted = self._wanted, {one.name: one for one in wanted}
        self._settled = {one.name: asyncio.Event() for one in wanted}
        for one in wanted:
            address = self._addresses.get(one.name)
            if address is not None and one.name in before and before[one.name].spec == one.spec:
                # It goes on running; its service may have got other target groups.
                self._news.put_nowait((one, address))
        for settled in self._settled.values():
            await settled.wait()
        return self.running()

    def running(self) -> list[RunningContainer]:
        """Return the wanted containers as they are now."""
        return [
            RunningContainer(
                name,
                one.service.service,
                self._addresses.get(name),
                tuple(registration.target_group_arn for registration in one.service.registrations),
                self._failures.get(name, ""),
            )
            for name, one in self._wanted.items()
        ]

    # ------------------------------------------------------------ what is wanted

    def _find(
        self, projects: list[tuple[Project, Sequence[str]]]
    ) -> tuple[list[_Wanted], tuple[Diagnostic, ...]]:
        """Return the containers to run, and what there is to say about those that nothing binds."""
        with self._store.read() as state:
            declared = state.list(DeclaredResource)
        wanted: list[_Wanted] = []
        findings: list[Diagnostic] = []
        for project, stack_ids in projects:
            services = container_services(one for one in declared if one.stack_id in stack_ids)
            bound = [one for binding in project.containers for one in _bind(project, binding, services)]
            wanted += bound
            served = [one.service for one in bound]
            findings += [
                _unbound(service, registration.target_group_arn)
                for service in services
                if service.desired_count > 0 and service not in served
                for registration in service.registrations
            ]
        names = [one.name for one in wanted]
        for name in names:
            if names.count(name) > 1:
                raise UsageError(
                    f"two services run the container {name}; name the binding <task definition>/{name}"
                )
        return wanted, tuple(findings)

    # ------------------------------------------------------------ events of the supervisor

    def _up(self, name: str, host: str, port: int) -> None:
        self._news.put_nowait((self._wanted[name], (host, port)))

    def _down(self, name: str, reason: str) -> None:
        self._failures[name] = reason
        self._line(name, reason)
        self._news.put_nowait((self._wanted[name], None))

    def _line(self, name: str, text: str) -> None:
        log.debug("container", container=name, line=text)
        if self._progress is not None:
            self._progress.container_line(name, text)

    # ------------------------------------------------------------ registrations

    async def _keep_registered(self) -> None:
        while True:
            wanted, address = await self._news.get()
            try:
                await self._register(wanted, address)
            except (ServiceError, OSError) as error:
                self._failures[wanted.name] = str(error)
                log.warning("a container could not be registered", container=wanted.name, reason=str(error))
            if self._wanted.get(wanted.name) is wanted:
                self._settled[wanted.name].set()

    async def _register(self, wanted: _Wanted, address: tuple[str, int] | None) -> None:
        """Register the container where it listens now, and nowhere else."""
        if address is None:
            self._addresses.pop(wanted.name, None)
        else:
            host, port = address
            address = (await asyncio.to_thread(_to_ip, host, port), port)
            self._addresses[wanted.name] = address
            self._failures.pop(wanted.name, None)
        for registration in wanted.service.registrations:
            arn = registration.target_group_arn
            new = None if address is None else TaskTarget(arn, wanted.name, *address)
            if new is not None:
                # Noted first: whatever ends the server in between, the next one knows what to take out.
                await asyncio.to_thread(self._put, new)
                await self._change("RegisterTargets", new)
            for old in await asyncio.to_thread(self._known):
                if old != new and (old.target_group_arn, old.container) == (arn, wanted.name):
                    await self._drop(old)

    async def _forget_strangers(self, wanted: Iterable[_Wanted]) -> None:
        """Take out what earlier runs registered for containers that are not wanted any more."""
        kept = {
            (registration.target_group_arn, one.name)
            for one in wanted
            for registration in one.service.registrations
        }
        for target in await asyncio.to_thread(self._known):
            if (target.target_group_arn, target.container) not in kept:
                await self._drop(target)

    async def _drop(self, target: TaskTarget) -> None:
        try:
            await self._change("DeregisterTargets", target)
        except ServiceError as error:
            if error.code != "TargetGroupNotFound":
                raise
        await asyncio.to_thread(self._delete, target)

    def _known(self) -> list[TaskTarget]:
        with self._store.read() as state:
            return state.list(TaskTarget)

    def _put(self, target: TaskTarget) -> None:
        with self._store.write() as state:
            state.put(target)

    def _delete(self, target: TaskTarget) -> None:
        with self._store.write() as state:
            if state.find(TaskTarget, target.key) is not None:
                state.delete(TaskTarget, target.key)

    async def _change(self, operation: str, target: TaskTarget) -> None:
        params = {
            "TargetGroupArn": target.target_group_arn,
            "Targets": [{"Id": target.address, "Port": target.port}],
        }
        await self._call("elbv2", operation, params, Arn.parse(target.target_group_arn).region)


def _bind(
    project: Project, binding: ContainerBinding, services: tuple[ContainerService, ...]
) -> list[_Wanted]:
    """Return the containers that a binding is for.

    Raises:
        UsageError: there is none.
    """
    found = [
        service
        for service in services
        if service.container == binding.name and binding.task_definition in {None, service.task_definition}
    ]
    if not found:
        known = ", ".join(f"{one.task_definition}/{one.container}" for one in services) or "none"
        raise UsageError(
            f"{project.file}: containers.{binding.name}: no ECS service runs a container of this name; "
            f"the template has {known}"
        )
    name = binding.name if binding.task_definition is None else f"{binding.task_definition}/{binding.name}"
    return [
        _Wanted(name, service, _to_spec(name, binding, service))
        for service in found
        if service.desired_count > 0
    ]


def _unbound(service: ContainerService, target_group_arn: str) -> Diagnostic:
    return Diagnostic(
        "container-unbound",
        Severity.WARNING,
        target_group_arn,
        f"The target group is that of container {service.container} of ECS service {service.service}, which does not "
        f"run here, so requests get 503. Say under containers.{service.container} in sekisho.yaml how to run it, or"
        " where it runs.",
    )


def _to_spec(name: str, binding: ContainerBinding, service: ContainerService) -> ContainerSpec:
    return ContainerSpec(
        name=name,
        port=service.port or 0,
        command=binding.command,
        directory=binding.directory,
        environment={**dict(service.environment), **binding.environment},
        requirements=binding.requirements,
        url=binding.url,
    )


def _to_ip(host: str, port: int) -> str:
    """Return the address of a host, because a target group of type ``ip`` takes nothing else."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return str(socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)[0][4][0])
