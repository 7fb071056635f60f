"""The attributes of load balancers, target groups and listeners: one row for each key.

Sources:
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sekisho.services.elbv2.errors import invalid_configuration, validation_error
from sekisho.services.ledger import Support

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its key, its default, which values it takes, and what becomes of it."""

    key: str
    default: str
    is_valid: Check
    support: Support


def _enforced(key: str, default: str, is_valid: Check) -> Attribute:
    return Attribute(key, default, is_valid, Support.ENFORCED)


def _stored(key: str, default: str, is_valid: Check) -> Attribute:
    return Attribute(key, default, is_valid, Support.STORED)


def _one_of(*values: str) -> Check:
    return lambda value: value in values


def _number(least: int, most: int, *words: str) -> Check:
    def is_valid(value: str) -> bool:
        if value in words:
            return True
        return value.isascii() and value.isdigit() and len(value) <= 9 and least <= int(value) <= most

    return is_valid


_COOKIE_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,1024}")
_BUCKET = re.compile(r"([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?")


def _is_cookie_name(value: str) -> bool:
    # Names that start with AWSALB, AWSALBAPP and AWSALBTG are the load balancer's own.
    return value == "" or (bool(_COOKIE_NAME.fullmatch(value)) and not value.upper().startswith("AWSALB"))


def _is_header_name(value: str) -> bool:
    return bool(_HEADER_NAME.fullmatch(value))


def _is_header_value(value: str) -> bool:
    return bool(_HEADER_VALUE.fullmatch(value))


def _is_bucket(value: str) -> bool:
    return bool(_BUCKET.fullmatch(value))


def _is_prefix(value: str) -> bool:
    return "AWSLogs" not in value and len(value) <= 1024


_is_boolean = _one_of("true", "false")

_LOGS = ("access_logs", "connection_logs", "health_check_logs")
_LOG_ATTRIBUTES = tuple(
    attribute
    for logs in _LOGS
    for attribute in (
        _stored(f"{logs}.s3.enabled", "false", _is_boolean),
        _stored(f"{logs}.s3.bucket", "", _is_bucket),
        _stored(f"{logs}.s3.prefix", "", _is_prefix),
    )
)

LOAD_BALANCER_ATTRIBUTES: tuple[Attribute, ...] = (
    *_LOG_ATTRIBUTES,
    _enforced("idle_timeout.timeout_seconds", "60", _number(1, 4000)),
    _enforced("client_keep_alive.seconds", "3600", _number(60, 604_800)),
    _enforced("deletion_protection.enabled", "false", _is_boolean),
    _stored("ipv6.deny_all_igw_traffic", "false", _is_boolean),
    _enforced("routing.http2.enabled", "true", _is_boolean),
    _enforced("routing.http.drop_invalid_header_fields.enabled", "false", _is_boolean),
    _enforced("routing.http.xff_client_port.enabled", "false", _is_boolean),
    _enforced("routing.http.preserve_host_header.enabled", "false", _is_boolean),
    _enforced("routing.http.xff_header_processing.mode", "append", _one_of("append", "preserve", "remove")),
    _enforced("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", _is_boolean),
    _stored("routing.http.desync_mitigation_mode", "defensive", _one_of("monitor", "defensive", "strictest")),
    _stored("waf.fail_open.enabled", "false", _is_boolean),
    # An Application Load Balancer always balances across zones.
    _stored("load_balancing.cross_zone.enabled", "true", _one_of("true")),
    _stored("zonal_shift.config.enabled", "false", _is_boolean),
)

_GROUP_HEALTH = "target_group_health"
_FAIL_OPEN = f"{_GROUP_HEALTH}.unhealthy_state_routing.minimum_healthy_targets"
_GROUP_HEALTH_ATTRIBUTES = (
    _stored(f"{_GROUP_HEALTH}.dns_failover.minimum_healthy_targets.count", "1", _number(1, 1000, "off")),
    _stored(
        f"{_GROUP_HEALTH}.dns_failover.minimum_healthy_targets.percentage", "off", _number(1, 100, "off")
    ),
    _stored(f"{_FAIL_OPEN}.count", "1", _number(1, 1000)),
    _stored(f"{_FAIL_OPEN}.percentage", "off", _number(1, 100, "off")),
)
_STICKINESS_SECONDS = _number(1, 604_800)
_BALANCING = _one_of("round_robin", "least_outstanding_requests", "weighted_random")
_CROSS_ZONE = _one_of("true", "false", "use_load_balancer_configuration")

TARGET_GROUP_ATTRIBUTES: tuple[Attribute, ...] = (
    _stored("deregistration_delay.timeout_seconds", "300", _number(0, 3600)),
    _enforced("stickiness.enabled", "false", _is_boolean),
    _enforced("stickiness.type", "lb_cookie", _one_of("lb_cookie", "app_cookie")),
    _enforced("stickiness.lb_cookie.duration_seconds", "86400", _STICKINESS_SECONDS),
    _enforced("stickiness.app_cookie.cookie_name", "", _is_cookie_name),
    _enforced("stickiness.app_cookie.duration_seconds", "86400", _STICKINESS_SECONDS),
    _enforced("slow_start.duration_seconds", "0", lambda value: value == "0" or _number(30, 900)(value)),
    _enforced("load_balancing.algorithm.type", "round_robin", _BALANCING),
    _stored("load_balancing.algorithm.anomaly_mitigation", "off", _one_of("on", "off")),
    _stored("load_balancing.cross_zone.enabled", "use_load_balancer_configuration", _CROSS_ZONE),
    *_GROUP_HEALTH_ATTRIBUTES,
)
"""Of groups of instances and addresses."""

LAMBDA_ATTRIBUTES: tuple[Attribute, ...] = (
    _enforced("lambda.multi_value_headers.enabled", "false", _is_boolean),
    _stored("stickiness.enabled", "false", _one_of("false")),
    _stored("stickiness.type", "lb_cookie", _one_of("lb_cookie")),
    _stored("stickiness.lb_cookie.duration_seconds", "86400", _STICKINESS_SECONDS),
    *_GROUP_HEALTH_ATTRIBUTES,
)
"""Of groups with a Lambda function."""

_RESPONSE_HEADERS = (
    "strict_transport_security",
    "access_control_allow_origin",
    "access_control_allow_methods",
    "access_control_allow_headers",
    "access_control_allow_credentials",
    "access_control_expose_headers",
    "access_control_max_age",
    "content_security_policy",
    "x_content_type_options",
    "x_frame_options",
)
_CERTIFICATE_HEADERS = (
    "X-Amzn-Mtls-Clientcert-Serial-Number",
    "X-Amzn-Mtls-Clientcert-Issuer",
    "X-Amzn-Mtls-Clientcert-Subject",
    "X-Amzn-Mtls-Clientcert-Validity",
    "X-Amzn-Mtls-Clientcert-Leaf",
    "X-Amzn-Mtls-Clientcert",
)
_TLS_HEADERS = ("X-Amzn-Tls-Version", "X-Amzn-Tls-Cipher-Suite")


def _header_name_key(name: str) -> str:
    return f"routing.http.request.{name.lower().replace('-', '_')}.header_name"


HTTP_LISTENER_ATTRIBUTES: tuple[Attribute, ...] = (
    _enforced("routing.http.response.server.enabled", "true", _is_boolean),
    *(
        _enforced(f"routing.http.response.{name}.header_value", "", _is_header_value)
        for name in _RESPONSE_HEADERS
    ),
)
HTTPS_LISTENER_ATTRIBUTES: tuple[Attribute, ...] = (
    *HTTP_LISTENER_ATTRIBUTES,
    *(_stored(_header_name_key(name), name, _is_header_name) for name in _CERTIFICATE_HEADERS),
    *(_enforced(_header_name_key(name), name, _is_header_name) for name in _TLS_HEADERS),
)


def default_attributes(table: Sequence[Attribute]) -> dict[str, str]:
    """Return every attribute of a table with its default."""
    return {attribute.key: attribute.default for attribute in table}


def change_attributes(
    noun: str, table: Sequence[Attribute], current: Mapping[str, str], raw: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """Return the attributes after a Modify…Attributes request; ``noun`` is for the message.

    Raises:
        ServiceError: ValidationError for a key that the resource does not have or a value that it does not take,
            InvalidConfigurationRequest for logs without a bucket.
    """
    rows = {attribute.key: attribute for attribute in table}
    changed = {**default_attributes(table), **current}
    for entry in raw:
        key, value = entry.get("Key") or "", entry.get("Value") or ""
        if key not in rows:
            raise validation_error(f"{noun} attribute key '{key}' is not recognized")
        if not rows[key].is_valid(value):
            raise validation_error(f"{noun} attribute value '{value}' is not valid for the key '{key}'")
        changed[key] = value
    for logs in _LOGS:
        if changed.get(f"{logs}.s3.enabled") == "true" and not changed[f"{logs}.s3.bucket"]:
            raise invalid_configuration(
                f"The value of '{logs}.s3.bucket' must be specified to enable the logs"
            )
    return changed


def encode_attributes(attributes: Mapping[str, str]) -> list[dict[str, str]]:
    """Return attributes as the Describe operations answer them."""
    return [{"Key": key, "Value": value} for key, value in attributes.items()]
