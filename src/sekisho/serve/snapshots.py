"""Taking the snapshot that is compiled: the resources, and what the running parts know about them."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sekisho.cfn.security_groups import EGRESS, GROUP, egress_by_group
from sekisho.compile.wanted import wanted_key_sets
from sekisho.kernel.settings import Settings
from sekisho.model.apigatewayv2 import Api, ApiMapping, Deployment, DomainName, Stage
from sekisho.model.bindings import PortBinding
from sekisho.model.choices import Choices
from sekisho.model.cloudformation import DeclaredResource, StackResource
from sekisho.model.elbv2 import Listener, LoadBalancer, Rule, TargetGroup
from sekisho.model.ir import Endpoint, key_set_name
from sekisho.model.ir_tls import Certificate
from sekisho.model.lambda_ import LATEST, Alias, CodeBinding, Function, FunctionVersion
from sekisho.model.snapshot import Snapshot
from sekisho.serve.key_broker import KeyBroker
from sekisho.serve.ports import bind_ports, has_to_bind
from sekisho.store.api import Reader, Store

CertificateFor = Callable[[str, tuple[str, ...]], Certificate]
TargetHealthOf = Callable[[str, str, int], bool]

_FIRST_FETCH_SECONDS = 1.0
"""How long an operation that names a new JWKS endpoint waits for its keys."""


@dataclass(frozen=True, slots=True)
class Places:
    """What the edge is told of this server: see the members of :class:`Snapshot` with the same names."""

    probe: str = field(default="", repr=False)
    functions_socket: str = ""
    apis_socket: str = ""
    roots: str = ""


class Snapshots:
    """Reads one version of the state and joins it with what was found out at run time."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        certificate_for: CertificateFor,
        broker: KeyBroker,
        is_healthy: TargetHealthOf,
        places: Places | None = None,
    ) -> None:
        self._store = store
        self._host = settings.host
        self._audit_share = settings.audit_share
        self._choices = Choices(
            bearer_any_case=settings.bearer_any_case,
            every_space_separated_value=settings.every_space_separated_value,
            leeway=settings.leeway,
        )
        self._certificate_for = certificate_for
        self._broker = broker
        self._is_healthy = is_healthy
        self._places = places or Places()

    async def take(self) -> Snapshot:
        """Return a snapshot of the newest version.

        Binds a port for each listener that has none, and has the broker fetch the keys that are named for the
        first time: an endpoint that does not answer soon is pending in the snapshot.
        """
        snapshot = await asyncio.to_thread(self._read_state)
        wanted = wanted_key_sets(snapshot)
        self._broker.want(wanted)
        self._broker.refresh_local()
        names = [key_set_name(url, edge) for url, edge in wanted]
        await self._broker.settled(names, _FIRST_FETCH_SECONDS)
        return replace(snapshot, key_sets=self._broker.current())

    def _read_state(self) -> Snapshot:
        self._bind_ports()
        with self._store.read() as state:
            return self._read(state)

    def _bind_ports(self) -> None:
        with self._store.read() as state:
            bound = {binding.arn: binding.port for binding in state.list(PortBinding)}
            wanted = _listening(state)
        if has_to_bind(bound, wanted):
            with self._store.write() as state:
                bind_ports(state, self._host, _listening(state))

    def _read(self, state: Reader) -> Snapshot:
        listeners = tuple(state.list(Listener))
        load_balancers = tuple(state.list(LoadBalancer))
        target_groups = tuple(state.list(TargetGroup))
        domain_names = tuple(state.list(DomainName))
        stages = tuple(state.list(Stage))
        declared = [item for item in state.list(DeclaredResource) if item.type in {GROUP, EGRESS}]
        return Snapshot(
            version=state.version,
            load_balancers=load_balancers,
            listeners=listeners,
            rules=tuple(state.list(Rule)),
            target_groups=target_groups,
            ports={binding.arn: binding.port for binding in state.list(PortBinding)},
            apis=tuple(state.list(Api)),
            stages=stages,
            deployments=_served(state, stages),
            domain_names=domain_names,
            api_mappings=tuple(state.list(ApiMapping)),
            certificates=self._certificates(load_balancers, listeners, domain_names),
            targets=self._targets(target_groups),
            egress=egress_by_group(declared),
            address=self._host,
            audit_share=self._audit_share,
            choices=self._choices,
            probe=self._places.probe,
            functions=_functions(state),
            functions_socket=self._places.functions_socket,
            apis_socket=self._places.apis_socket,
            roots=self._places.roots,
        )

    def _certificates(
        self,
        load_balancers: tuple[LoadBalancer, ...],
        listeners: tuple[Listener, ...],
        domain_names: tuple[DomainName, ...],
    ) -> Mapping[str, Certificate]:
        names = {balancer.arn: balancer.dns_name for balancer in load_balancers}
        hosts: dict[str, set[str]] = {}
        for listener in listeners:
            for arn in listener.certificates:
                hosts.setdefault(arn, set()).add(names[listener.load_balancer_arn])
        for domain in domain_names:
            for configuration in domain.configurations:
                hosts.setdefault(configuration["CertificateArn"], set()).add(domain.name)
        return {arn: self._certificate_for(arn, tuple(sorted(found))) for arn, found in hosts.items()}

    def _targets(self, target_groups: tuple[TargetGroup, ...]) -> Mapping[tuple[str, str, int], Endpoint]:
        """Return where targets listen. An address is its own answer; an instance has none on this machine."""
        return {
            (group.arn, target.id, target.port): Endpoint(
                target.id, target.port, self._is_healthy(group.arn, target.id, target.port)
            )
            for group in target_groups
            if group.target_type == "ip"
            for target in group.targets
            if target.port is not None
        }


def _listening(state: Reader) -> list[str]:
    """Return the ARNs of all that has a port of its own."""
    found: list[Listener | Api | DomainName] = [
        *state.list(Listener),
        *state.list(Api),
        *state.list(DomainName),
    ]
    return [each.arn for each in found]


def _served(state: Reader, stages: tuple[Stage, ...]) -> tuple[Deployment, ...]:
    """Return the deployments that stages serve."""
    keys = {f"{stage.api}/deployments/{stage.deployment_id}": None for stage in stages}
    found = (state.find(Deployment, key) for key in keys)
    return tuple(deployment for deployment in found if deployment is not None)


def _functions(state: Reader) -> Mapping[str, str]:
    """Return what can be invoked, and where the code of the newest versions is that is not on this machine."""
    found = {function.arn: "" for function in state.list(Function)}
    found |= {alias.arn: "" for alias in state.list(Alias)}
    for version in state.list(FunctionVersion):
        found[version.arn] = ""
        code = version.configuration.code
        if version.version == LATEST and not code.folder:
            found[version.function_arn] = code.source
    return _without_bound(state, found)


def _without_bound(state: Reader, found: Mapping[str, str]) -> Mapping[str, str]:
    """Return the same, the functions left alone that run from a folder of the user's."""
    names = {
        resource.current.physical_id
        for resource in (state.find(StackResource, binding.key) for binding in state.list(CodeBinding))
        if resource is not None and resource.current is not None
    }
    return {arn: "" if arn.rpartition(":")[2] in names else source for arn, source in found.items()}
