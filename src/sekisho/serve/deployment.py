"""From what a project says to something that answers requests: the work behind ``sekisho up``.

The command, the demo and the tests use it alike. Nothing here is particular to one of them: what happens is told
through :class:`Progress`.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from sekisho.cfn.engine import Engine, find_stack
from sekisho.cfn.errors import TemplateError
from sekisho.issuer.context import IssuerContext
from sekisho.issuer.keys import generate_private_key
from sekisho.issuer.tenants.apply import AppliedApplication, AppliedTenant, apply_tenants
from sekisho.issuer.tenants.spec import load_tenant_specs
from sekisho.kernel.clock import Clock
from sekisho.kernel.errors import SekishoError, ServiceError, UsageError
from sekisho.kernel.ids import Ids
from sekisho.kernel.secret import Secret
from sekisho.model.bindings import PortBinding
from sekisho.model.cloudformation import Output, Stack, StackEvent, StackInput, StackResource, Status
from sekisho.model.project import CertificateFiles, Project
from sekisho.model.tenants import ClientGrant
from sekisho.serve.function_code import FunctionCode
from sekisho.serve.ports import is_free
from sekisho.serve.sources import Source, StackSource
from sekisho.serve.task_targets import ContainerProgress, RunningContainer, TaskTargets
from sekisho.services.context import TargetHealth
from sekisho.store.api import Reader, Store, Writer

_CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
_PARAMETER_HINT = "; give them under parameters in a sekisho.yaml beside the template"
_FIRST_CHECK_SECONDS = 10.0
_POLL_SECONDS = 0.01
_GOOD = frozenset((Status.CREATE_COMPLETE, Status.UPDATE_COMPLETE))


class DeploymentFailedError(SekishoError):
    """A stack could not be brought to its template; it is as it was before, or gone if it was new."""


class Progress(ContainerProgress, Protocol):
    """Is told what happens while it happens, always on the event loop's thread."""

    def stack_event(self, event: StackEvent, *, runs_here: bool) -> None:
        """Take note of a step of a stack; ``runs_here`` is false for a resource that is only declared."""
        ...


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """A stack as a deployment left it.

    Attributes:
        family: the ids of the stack and of those nested in it.
        changed: whether the deployment changed anything.
        running: the types of the family's resources that run here, and how many of each there are.
        declared: the types of those that are only declared.
    """

    id: str
    family: tuple[str, ...]
    name: str
    region: str
    status: Status
    changed: bool
    running: Mapping[str, int]
    declared: Mapping[str, int]
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class DeployedApplication:
    """A machine-to-machine application that a project declares.

    Attributes:
        tenant: domain of its tenant.
        audiences: the APIs that it may have tokens for.
    """

    tenant: str
    name: str
    client_id: str
    client_secret: Secret
    audiences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deployed:
    """What came of deploying one or more sources."""

    stacks: tuple[DeployedStack, ...] = ()
    applications: tuple[DeployedApplication, ...] = ()
    containers: tuple[RunningContainer, ...] = ()


@dataclass(frozen=True)
class DeploymentParts:
    """The parts of a server that a deployment works with.

    Attributes:
        changed: awaited after every change, until the edge has it.
        reconcile: awaited to have the edge follow what is not in the model, such as health.
        bind_runtimes: has functions use the user's own interpreters.
        bind_certificates: has listeners use the user's own certificate files for ACM ARNs.
        target_health: the health of the targets of a group, by ``id:port``.
        region: for stacks whose source names none.
        host: the address that listeners bind to.
    """

    store: Store
    engine: Engine
    tasks: TaskTargets
    clock: Clock
    ids: Ids
    changed: Callable[[], Awaitable[None]]
    reconcile: Callable[[], Awaitable[None]]
    bind_runtimes: Callable[[Mapping[str, Path]], None]
    bind_certificates: Callable[[Mapping[str, CertificateFiles]], None]
    target_health: Callable[[str], Mapping[str, TargetHealth]]
    region: str
    host: str


class Deployer:
    """Deploys sources into a running server."""

    def __init__(self, parts: DeploymentParts) -> None:
        self._parts = parts
        engine = parts.engine.parts
        self._code = FunctionCode(parts.store, engine.operations, engine.account_id)

    async def deploy(self, sources: Iterable[Source], progress: Progress) -> Deployed:
        """Bring tenants, stacks and containers to what the sources say; where nothing differs nothing is changed.

        Returns when every container listens, or has failed for the first time, and has had its first health check.
        Containers of an earlier call that the sources do not bind are ended.

        Raises:
            UsageError: a project file asks for what cannot be.
            DeploymentFailedError: a stack was refused or rolled back; stacks before it stay.
        """
        applications: list[DeployedApplication] = []
        stacks: list[DeployedStack] = []
        bound: list[tuple[Project, list[str]]] = []
        for source in sources:
            self._parts.bind_certificates(source.project.certificates)
            self._parts.bind_runtimes(source.project.runtimes)
            applications += await asyncio.to_thread(self._apply_tenants, source.project)
            deployed = [await self._deploy_stack(stack, progress) for stack in source.stacks]
            stacks += deployed
            ids = [stack_id for stack in deployed for stack_id in stack.family]
            await asyncio.to_thread(self._bind_ports, source.project, ids)
            await asyncio.to_thread(self._code.bind, source.project, ids)
            bound.append((source.project, ids))
        await self._parts.changed()
        containers = await self._parts.tasks.run(bound, progress)
        await self._wait_checked(containers)
        return Deployed(tuple(stacks), tuple(applications), tuple(containers))

    async def _wait_checked(self, containers: Iterable[RunningContainer]) -> None:
        """Wait until the first health check of each container is over, for a few seconds at most."""
        waiting = [
            (arn, f"{one.address[0]}:{one.address[1]}")
            for one in containers
            if one.address is not None
            for arn in one.target_groups
        ]
        deadline = asyncio.get_running_loop().time() + _FIRST_CHECK_SECONDS
        while any(self._is_initial(arn, target) for arn, target in waiting):
            if asyncio.get_running_loop().time() > deadline:
                return
            await asyncio.sleep(_POLL_SECONDS)
        await self._parts.reconcile()

    def _is_initial(self, target_group_arn: str, target: str) -> bool:
        health = self._parts.target_health(target_group_arn).get(target)
        return health is not None and health.state == "initial"

    def _apply_tenants(self, project: Project) -> list[DeployedApplication]:
        parts = self._parts
        try:
            specs = load_tenant_specs(list(project.tenants))
        except UsageError as error:
            raise UsageError(f"{project.file}: {error.message}") from None
        if not specs:
            return []
        with parts.store.write() as state:
            tenants = apply_tenants(IssuerContext(state, parts.clock, parts.ids, generate_private_key), specs)
            return [
                DeployedApplication(
                    tenant.domain, one.name, one.client_id, one.client_secret, _audiences(state, tenant, one)
                )
                for tenant in tenants
                for one in tenant.applications
            ]

    # ------------------------------------------------------------ stacks

    async def _deploy_stack(self, source: StackSource, progress: Progress) -> DeployedStack:
        region = source.region or self._parts.region
        given = StackInput(
            _read(source),
            dict(source.parameters or {}),
            str(source.template),
            str(source.template.absolute().parent),
            capabilities=_CAPABILITIES,
        )
        loop = asyncio.get_running_loop()
        failures: list[StackEvent] = []

        def run() -> bool:
            self._code.take_assets(Path(given.folder), region)
            changed = False
            for event in self._parts.engine.deploy(source.name, region, given):
                changed = True
                if event.status.endswith("_FAILED"):
                    failures.append(event)
                runs_here = self._parts.engine.parts.types.core(event.type) is not None
                loop.call_soon_threadsafe(partial(progress.stack_event, event, runs_here=runs_here))
            return changed

        try:
            changed = await asyncio.to_thread(run)
        except TemplateError as error:
            hint = _PARAMETER_HINT if error.message.endswith("must have values") else ""
            raise DeploymentFailedError(
                f"{error.location or source.template}: {error.message}{hint}"
            ) from None
        except ServiceError as error:
            raise DeploymentFailedError(f"{source.template}: {error.message}") from None
        stack = await asyncio.to_thread(self._describe, source.name, region, changed=changed)
        if changed and stack.status not in _GOOD:
            await self._parts.changed()
            raise DeploymentFailedError(_tell_failure(stack, failures, source))
        return stack

    def _describe(self, name: str, region: str, *, changed: bool) -> DeployedStack:
        parts = self._parts
        with parts.store.read() as state:
            stacks = state.list(Stack, f"{parts.engine.parts.account_id}/{region}")
            stack = find_stack(stacks, name)
            if stack is None:
                raise DeploymentFailedError(f"the stack {name} was deleted while it was deployed")
            nested = [one.id for one in stacks if one.root_id == stack.id and one.deleted is None]
            family = (stack.id, *nested)
            resources = [one for stack_id in family for one in state.list(StackResource, stack_id)]
        core = {one.type for one in resources if parts.engine.parts.types.core(one.type) is not None}
        running = Counter(one.type for one in resources if one.type in core)
        declared = Counter(one.type for one in resources if one.type not in core)
        return DeployedStack(
            stack.id, family, stack.name, region, stack.status, changed, running, declared, stack.outputs
        )

    # ------------------------------------------------------------ ports

    def _bind_ports(self, project: Project, stack_ids: Iterable[str]) -> None:
        """Give the listeners and APIs that the project names the ports that it names.

        Raises:
            UsageError: it names something that is not there, or a port that is taken.
        """
        if not project.ports:
            return
        with self._parts.store.write() as state:
            resources = {
                one.logical_id: one for stack_id in stack_ids for one in state.list(StackResource, stack_id)
            }
            for logical_id, port in project.ports.items():
                resource = resources.get(logical_id)
                if resource is None or resource.current is None:
                    raise UsageError(f"{project.file}: ports.{logical_id}: no resource has this logical id")
                self._bind_port(state, f"{project.file}: ports.{logical_id}", resource.current.ref, port)

    def _bind_port(self, state: Writer, where: str, arn: str, port: int) -> None:
        bound = state.find(PortBinding, arn)
        if bound is not None and bound.port == port:
            return
        others = [one.arn for one in state.list(PortBinding) if one.port == port]
        if others:
            raise UsageError(f"{where}: port {port} is that of {others[0]}")
        if not is_free(self._parts.host, port):
            raise UsageError(f"{where}: port {port} is in use by another program")
        state.put(PortBinding(arn, port))


def _read(source: StackSource) -> str:
    try:
        return source.template.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{source.template}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{source.template}: is not UTF-8") from None


def _tell_failure(stack: DeployedStack, failures: list[StackEvent], source: StackSource) -> str:
    """Return what went wrong, where, and how the stack is now."""
    told = [event for event in failures if event.reason]
    # What the stack says of itself matters where no resource says more.
    told = [event for event in told if event.logical_id != stack.name] or told
    lines = [f"{event.location or source.template}: {event.logical_id}: {event.reason}" for event in told]
    lines.append(f"the stack {stack.name} was not deployed: {stack.status}")
    return "\n".join(lines)


def _audiences(state: Reader, tenant: AppliedTenant, application: AppliedApplication) -> tuple[str, ...]:
    grants = state.list(ClientGrant, tenant.domain)
    return tuple(one.audience for one in grants if one.client_id == application.client_id)
