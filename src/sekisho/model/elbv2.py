"""Application Load Balancers as they were asked for: load balancers, listeners, rules and target groups.

Words and meanings are AWS's: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Types.html
Values are normalized once, when an operation stores them: defaults are filled in, a forward action always has
its ``forward`` config, a redirect all its parts, an attribute map every key.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from sekisho.kernel.arn import Arn


def _home(arn: str) -> str:
    parsed = Arn.parse(arn)
    return f"{parsed.account}/{parsed.region}"


# --- actions -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TargetGroupTuple:
    """A target group and its share of the traffic, 0 to 999; ``weight`` is 1 where none was given."""

    target_group_arn: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class ForwardConfig:
    """Where to forward; ``stickiness_seconds`` is None unless a duration was given."""

    target_groups: tuple[TargetGroupTuple, ...]
    stickiness_enabled: bool = False
    stickiness_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class RedirectConfig:
    """A redirect; a part that was left out holds its placeholder, such as ``#{host}``.

    ``status_code`` is ``HTTP_301`` or ``HTTP_302``.
    """

    status_code: str
    protocol: str = "#{protocol}"
    host: str = "#{host}"
    port: str = "#{port}"
    path: str = "/#{path}"
    query: str = "#{query}"


@dataclass(frozen=True, slots=True)
class FixedResponseConfig:
    """A fixed answer; ``status_code`` is three digits; body and type are None where none was given."""

    status_code: str
    content_type: str | None = None
    message_body: str | None = None


@dataclass(frozen=True, slots=True)
class AdditionalClaim:
    """A claim a token must carry; ``format`` is single-string, string-array or space-separated-values."""

    name: str
    format: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JwtValidationConfig:
    """Which tokens pass: the exact ``iss``, where the keys are, and further claims, all of which must fit."""

    issuer: str
    jwks_endpoint: str
    additional_claims: tuple[AdditionalClaim, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a rule; exactly the config that ``type`` names is set.

    ``type`` is forward, redirect, fixed-response or jwt-validation. ``order`` is None where none was given;
    the tuple that holds the actions is in the order of execution.
    """

    type: str
    order: int | None = None
    forward: ForwardConfig | None = None
    redirect: RedirectConfig | None = None
    fixed_response: FixedResponseConfig | None = None
    jwt_validation: JwtValidationConfig | None = None


# --- conditions and transforms -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class QueryStringPair:
    """A query parameter to look for; without a key any parameter's value may fit."""

    value: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule; it holds when one of its values fits.

    ``field`` is host-header, path-pattern, http-header, http-request-method, query-string or source-ip.
    ``values`` are wildcard patterns (host-header, path-pattern, http-header), methods or CIDR blocks;
    ``regex_values`` stand in their place for the first three; ``query`` holds the pairs of query-string.
    """

    field: str
    values: tuple[str, ...] = ()
    regex_values: tuple[str, ...] = ()
    http_header_name: str | None = None
    query: tuple[QueryStringPair, ...] = ()


@dataclass(frozen=True, slots=True)
class Transform:
    """A rewrite of the request; ``type`` is host-header-rewrite or url-rewrite.

    ``$1`` … in ``replace`` are the groups of ``regex``.
    """

    type: str
    regex: str
    replace: str


# --- resources ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AvailabilityZone:
    """A subnet that a load balancer is attached to, and its zone."""

    zone_name: str
    subnet_id: str


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """An Application Load Balancer.

    ``scheme`` is internet-facing or internal. ``attributes`` holds every attribute, as text, by its AWS key.
    """

    KIND: ClassVar[str] = "elbv2.load-balancer"

    arn: str
    name: str
    dns_name: str
    canonical_hosted_zone_id: str
    created_time: datetime
    scheme: str
    vpc_id: str
    ip_address_type: str
    availability_zones: tuple[AvailabilityZone, ...]
    security_groups: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the ARN."""
        return self.arn

    @property
    def scope(self) -> str:
        """Return ``account/region``."""
        return _home(self.arn)


@dataclass(frozen=True, slots=True)
class Listener:
    """A port of a load balancer. Its default rule is stored here and nowhere else.

    ``protocol`` is HTTP or HTTPS. ``certificates`` are ARNs, the default one first; empty on HTTP, as is
    ``ssl_policy``. ``default_rule_arn`` is the rule ARN under which ``default_actions`` are described.
    """

    KIND: ClassVar[str] = "elbv2.listener"

    arn: str
    load_balancer_arn: str
    port: int
    protocol: str
    default_rule_arn: str
    default_actions: tuple[Action, ...]
    certificates: tuple[str, ...] = ()
    ssl_policy: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    default_rule_tags: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the ARN."""
        return self.arn

    @property
    def scope(self) -> str:
        """Return the ARN of the load balancer."""
        return self.load_balancer_arn


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a listener, not the default one; the least ``priority`` (1 to 50000) is tried first."""

    KIND: ClassVar[str] = "elbv2.rule"

    arn: str
    listener_arn: str
    priority: int
    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]
    transforms: tuple[Transform, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the ARN."""
        return self.arn

    @property
    def scope(self) -> str:
        """Return the ARN of the listener."""
        return self.listener_arn


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How the health of targets is found out; times in seconds.

    ``port`` is a number as text or ``traffic-port``. ``matcher`` is the expected codes (``200``, ``200,202``,
    ``200-299``): HTTP codes, or gRPC codes when the group's protocol version is GRPC. A disabled check has no
    ``protocol`` and ``port`` (lambda groups never have them).
    """

    enabled: bool
    protocol: str | None
    port: str | None
    path: str
    interval_seconds: int
    timeout_seconds: int
    healthy_threshold: int
    unhealthy_threshold: int
    matcher: str


@dataclass(frozen=True, slots=True)
class Target:
    """A registered target: an address, an instance id or a Lambda function ARN.

    ``port`` is the one traffic goes to (the group's where none was given), None for a Lambda function.
    """

    id: str
    port: int | None = None
    availability_zone: str | None = None


@dataclass(frozen=True, slots=True)
class DrainingTarget:
    """A target that was deregistered: it gets no new requests and is described as draining ``until`` then."""

    target: Target
    until: datetime


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """A group of targets. Which load balancers use it is read from the actions that name it.

    ``target_type`` is ip, instance or lambda; a lambda group has no protocol, version, port and VPC.
    ``protocol`` is HTTP or HTTPS, ``protocol_version`` HTTP1, HTTP2 or GRPC.
    ``attributes`` holds every attribute that the target type has, as text, by its AWS key.
    """

    KIND: ClassVar[str] = "elbv2.target-group"

    arn: str
    name: str
    target_type: str
    health_check: HealthCheck
    protocol: str | None = None
    protocol_version: str | None = None
    port: int | None = None
    vpc_id: str | None = None
    ip_address_type: str | None = None
    targets: tuple[Target, ...] = ()
    draining: tuple[DrainingTarget, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the ARN."""
        return self.arn

    @property
    def scope(self) -> str:
        """Return ``account/region``."""
        return _home(self.arn)
