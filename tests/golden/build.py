"""Short ways to write the resources of a golden case."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sekisho.model.elbv2 import (
    Action,
    AdditionalClaim,
    FixedResponseConfig,
    ForwardConfig,
    HealthCheck,
    JwtValidationConfig,
    Listener,
    LoadBalancer,
    RedirectConfig,
    Rule,
    Target,
    TargetGroup,
    TargetGroupTuple,
)
from sekisho.model.ir import Endpoint, KeySet, KeySetState, PublicKey
from sekisho.model.ir_tls import Certificate
from sekisho.model.snapshot import Snapshot

_ARN = "arn:aws:elasticloadbalancing:us-east-1:000000000000"
CERTIFICATE_ARN = "arn:aws:acm:us-east-1:000000000000:certificate/1"
JWKS = "https://issuer.example/.well-known/jwks.json"
ISSUER = "https://issuer.example/"
HEALTH = HealthCheck(True, "HTTP", "traffic-port", "/", 30, 5, 5, 2, "200")
CREATED = datetime(2026, 11, 21, tzinfo=UTC)


def _certificate() -> Certificate:
    """Make a pair that Envoy takes; the golden files do not show it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "alb.example")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(CREATED)
        .not_valid_after(CREATED + timedelta(days=1))
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return Certificate("certificate-1", ("alb.example",), made.public_bytes(Encoding.PEM).decode(), private)


CERTIFICATE = _certificate()
PUBLIC_KEY = PublicKey(
    "key-1",
    "w7ww7LQjfLwcI0Gc9LtdSBvlyFrn_rmoKEL_hAB-KL08s5_J7MRqdI_FvrOJMZhufBHfTnk4Lg761mRDqPkol8nbav"
    "kZfz1gBnZQ5nOxcYgrQlApeFW-3eTis75cZZxWsIOh6as8QJLDEEWU7Iq9cXcspqFPb32i8k1k8Cju6sdFZh9K7Oac"
    "mnOEjmw_UnaRKeWfvPF0pyHH6KKPaMV5_XnudCtr-M9sN8B1HdfLK8WutbSBQXNuzbZnzUYGfj2dN2pzq5Z9YOyWRK"
    "HR9Lp5wX5mhscx30-T0BEU7MQW8YLdH-GRTM7kSoLoQu_vBLCRDLW2RZ9pC4Pxt8kU9yl1xw",
    "AQAB",
    2048,
    "RS256",
)


def key_set(state: KeySetState = KeySetState.READY, url: str = JWKS, detail: str = "") -> KeySet:
    return KeySet(url, url, state, (PUBLIC_KEY,) if state is KeySetState.READY else (), detail)


def balancer(name: str = "alb", **more: Any) -> LoadBalancer:
    return LoadBalancer(
        arn=f"{_ARN}:loadbalancer/app/{name}/1",
        name=name,
        dns_name=f"{name}.us-east-1.elb.amazonaws.com",
        canonical_hosted_zone_id="Z1",
        created_time=CREATED,
        scheme="internet-facing",
        vpc_id="vpc-1",
        ip_address_type="ipv4",
        availability_zones=(),
        **more,
    )


def listener(*actions: Action, port: int = 443, of: str = "alb", **more: Any) -> Listener:
    tls = {"protocol": "HTTPS", "certificates": (CERTIFICATE_ARN,)} if port == 443 else {"protocol": "HTTP"}
    arn = f"{_ARN}:listener/app/{of}/1/{port}"
    return Listener(
        arn=arn,
        load_balancer_arn=f"{_ARN}:loadbalancer/app/{of}/1",
        port=port,
        default_rule_arn=f"{_ARN}:listener-rule/app/{of}/1/{port}/default",
        default_actions=actions,
        **{**tls, **more},
    )


def rule(priority: int, *conditions_and_actions: Any, of: Listener, **more: Any) -> Rule:
    return Rule(
        arn=of.arn.replace(":listener/", ":listener-rule/") + f"/{priority}",
        listener_arn=of.arn,
        priority=priority,
        conditions=tuple(part for part in conditions_and_actions if not isinstance(part, Action)),
        actions=tuple(part for part in conditions_and_actions if isinstance(part, Action)),
        **more,
    )


def group(name: str = "app", *targets: Target, **more: Any) -> TargetGroup:
    defaults: dict[str, Any] = {"target_type": "ip", "protocol": "HTTP", "protocol_version": "HTTP1"}
    return TargetGroup(
        arn=f"{_ARN}:targetgroup/{name}/1",
        name=name,
        health_check=HEALTH,
        targets=targets,
        **{**defaults, **more},
    )


def jwt(*claims: AdditionalClaim, url: str = JWKS) -> Action:
    return Action("jwt-validation", jwt_validation=JwtValidationConfig(ISSUER, url, claims))


def forward(*groups: TargetGroup | tuple[TargetGroup, int], **more: Any) -> Action:
    pairs = [each if isinstance(each, tuple) else (each, 1) for each in groups]
    tuples = tuple(TargetGroupTuple(each.arn, weight) for each, weight in pairs)
    return Action("forward", forward=ForwardConfig(tuples, **more))


def redirect(**more: Any) -> Action:
    return Action("redirect", redirect=RedirectConfig(**{"status_code": "HTTP_301", **more}))


def fixed(status: str = "404", content_type: str | None = None, body: str | None = None) -> Action:
    return Action("fixed-response", fixed_response=FixedResponseConfig(status, content_type, body))


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def snapshot(
    *resources: LoadBalancer | Listener | Rule | TargetGroup,
    key_sets: tuple[KeySet, ...] = (),
    unhealthy: tuple[str, ...] = (),
    egress: Mapping[str, tuple[tuple[int, int], ...]] | None = None,
    **more: Any,
) -> Snapshot:
    """Return a snapshot of the resources; a target with a port listens on the address that its id is."""
    groups = tuple(each for each in resources if isinstance(each, TargetGroup))
    listeners = tuple(each for each in resources if isinstance(each, Listener))
    defaults: dict[str, Any] = {
        "ports": {each.arn: 20_000 + each.port for each in listeners},
        "certificates": {CERTIFICATE_ARN: CERTIFICATE},
        "targets": {
            (each.arn, target.id, target.port): Endpoint(target.id, target.port, target.id not in unhealthy)
            for each in groups
            for target in each.targets
            if target.port is not None and _is_address(target.id)
        },
    }
    return Snapshot(
        version=1,
        load_balancers=tuple(each for each in resources if isinstance(each, LoadBalancer)),
        listeners=listeners,
        rules=tuple(each for each in resources if isinstance(each, Rule)),
        target_groups=groups,
        key_sets={each.url: each for each in key_sets},
        egress=egress or {},
        **{**defaults, **more},
    )
