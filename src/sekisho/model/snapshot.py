"""Everything the compiler may see, at one version of the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sekisho.model.apigatewayv2 import Api, ApiMapping, Deployment, DomainName, Stage
from sekisho.model.choices import DEFAULT_CHOICES, Choices
from sekisho.model.elbv2 import Listener, LoadBalancer, Rule, TargetGroup
from sekisho.model.ir import Endpoint, KeySet
from sekisho.model.ir_tls import Certificate


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The resources of one version and what the running parts have found out about them.

    Attributes:
        version: the model's version.
        load_balancers, listeners, rules, target_groups: the resources, in order of creation.
        apis, stages, deployments, domain_names, api_mappings: the HTTP APIs; only deployments that a stage serves.
        ports: local port by the ARN of a listener or API.
        certificates: what to serve for a certificate ARN; every ARN that a listener names is there.
        key_sets: what the key broker knows, by JWKS URL; a URL that is missing has never been fetched.
        targets: where a target really listens, by ``(target group ARN, target id, port)``; a target that is missing
            has no address on this machine.
        egress: for a security group whose rules are known, the outbound TCP port ranges it allows to any address;
            a group that is missing is unknown and allows everything.
        address: the local address that listeners bind to.
        functions: for the ARN of each function, version and alias, the place of its code where that is not on this
            machine, else an empty text.
        functions_socket: the Unix socket on which functions answer; empty where none run.
        apis_socket: the Unix socket on which functions answer HTTP APIs; empty where none run.
        roots: PEM file of the authorities that certificates of HTTP endpoints are verified by.
        probe: name of the header that asks the edge for a decision; empty for none.
        choices: how guards decide what AWS leaves open.
        audit_share: share of live decisions, 0 to 1, that the reference decides again.
    """

    version: int
    load_balancers: tuple[LoadBalancer, ...] = ()
    listeners: tuple[Listener, ...] = ()
    rules: tuple[Rule, ...] = ()
    target_groups: tuple[TargetGroup, ...] = ()
    apis: tuple[Api, ...] = ()
    stages: tuple[Stage, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    domain_names: tuple[DomainName, ...] = ()
    api_mappings: tuple[ApiMapping, ...] = ()
    ports: Mapping[str, int] = field(default_factory=dict)
    certificates: Mapping[str, Certificate] = field(default_factory=dict)
    key_sets: Mapping[str, KeySet] = field(default_factory=dict)
    targets: Mapping[tuple[str, str, int], Endpoint] = field(default_factory=dict)
    egress: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
    functions_socket: str = ""
    apis_socket: str = ""
    roots: str = ""
    address: str = "127.0.0.1"
    audit_share: float = 0.0
    probe: str = field(default="", repr=False)
    choices: Choices = DEFAULT_CHOICES
