"""The health check settings of a target group: defaults, reading, checking and describing them.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

import re
from collections.abc import Mapping
from typing import Any

from sekisho.model.elbv2 import HealthCheck
from sekisho.services.elbv2.errors import validation_error
from sekisho.services.ledger import members

LEDGER = {"Matcher": members(enforced="HttpCode GrpcCode")}

ENFORCED_MEMBERS = (
    "HealthCheckProtocol HealthCheckPort HealthCheckEnabled HealthCheckPath HealthCheckIntervalSeconds"
    " HealthCheckTimeoutSeconds HealthyThresholdCount UnhealthyThresholdCount Matcher"
)
"""The members of CreateTargetGroup and ModifyTargetGroup that are read here."""

_CODES = re.compile(r"[0-9]{1,3}(?:-[0-9]{1,3})?(?:,[0-9]{1,3}(?:-[0-9]{1,3})?)*")
_PATH = re.compile(r"/[!-~]*")
_TRAFFIC_PORT = "traffic-port"


def default_health_check(target_type: str, protocol_version: str | None) -> HealthCheck:
    """Return what a target group gets that says nothing about health checks."""
    is_lambda, is_grpc = target_type == "lambda", protocol_version == "GRPC"
    return HealthCheck(
        enabled=not is_lambda,
        protocol=None if is_lambda else "HTTP",
        port=None if is_lambda else _TRAFFIC_PORT,
        path="/AWS.ALB/healthcheck" if is_grpc else "/",
        interval_seconds=35 if is_lambda else 30,
        timeout_seconds=30 if is_lambda else 5,  # ELB-23
        healthy_threshold=5,
        unhealthy_threshold=5 if is_lambda else 2,
        matcher="12" if is_grpc else "200",
    )


def change_health_check(
    current: HealthCheck, target_type: str, protocol_version: str | None, request: Mapping[str, Any]
) -> HealthCheck:
    """Return the settings after a CreateTargetGroup or ModifyTargetGroup request.

    Raises:
        ServiceError: ValidationError, naming the setting.
    """

    def given(member: str, otherwise: Any) -> Any:
        return otherwise if request.get(member) is None else request[member]

    changed = HealthCheck(
        enabled=given("HealthCheckEnabled", current.enabled),
        protocol=given("HealthCheckProtocol", current.protocol),
        port=given("HealthCheckPort", current.port),
        path=given("HealthCheckPath", current.path),
        interval_seconds=given("HealthCheckIntervalSeconds", current.interval_seconds),
        timeout_seconds=given("HealthCheckTimeoutSeconds", current.timeout_seconds),
        healthy_threshold=given("HealthyThresholdCount", current.healthy_threshold),
        unhealthy_threshold=given("UnhealthyThresholdCount", current.unhealthy_threshold),
        matcher=_decode_matcher(request.get("Matcher"), protocol_version) or current.matcher,
    )
    _check(changed, target_type)
    return changed


def encode_health_check(check: HealthCheck, protocol_version: str | None) -> dict[str, Any]:
    """Return the settings as DescribeTargetGroups answers them."""
    encoded = {
        "HealthCheckProtocol": check.protocol,
        "HealthCheckPort": check.port,
        "HealthCheckEnabled": check.enabled,
        "HealthCheckIntervalSeconds": check.interval_seconds,
        "HealthCheckTimeoutSeconds": check.timeout_seconds,
        "HealthyThresholdCount": check.healthy_threshold,
        "UnhealthyThresholdCount": check.unhealthy_threshold,
        "HealthCheckPath": check.path,
        "Matcher": {"GrpcCode" if protocol_version == "GRPC" else "HttpCode": check.matcher},
    }
    return {name: value for name, value in encoded.items() if value is not None}


def _check(check: HealthCheck, target_type: str) -> None:
    if target_type == "lambda":
        if check.protocol is not None or check.port is not None:
            raise validation_error(
                "Health check protocol and port cannot be specified for target groups with target type 'lambda'"
            )
    else:
        if not check.enabled:
            raise validation_error(
                f"Health checks cannot be disabled for target groups with target type '{target_type}'"
            )
        if check.protocol not in ("HTTP", "HTTPS"):
            raise validation_error(f"Health check protocol '{check.protocol}' must be one of 'HTTP, HTTPS'")
        _check_port(check.port or "")
    if not _PATH.fullmatch(check.path):
        raise validation_error(f"Health check path '{check.path}' must start with '/' and hold no spaces")
    if check.timeout_seconds >= check.interval_seconds:
        raise validation_error(
            f"Health check timeout '{check.timeout_seconds}' must be smaller than the interval"
            f" '{check.interval_seconds}'"
        )


def _check_port(port: str) -> None:
    is_number = port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535
    if port != _TRAFFIC_PORT and not is_number:
        raise validation_error(f"Health check port '{port}' must be '{_TRAFFIC_PORT}' or from 1 to 65535")


def _decode_matcher(raw: Mapping[str, Any] | None, protocol_version: str | None) -> str | None:
    if raw is None:
        return None
    is_grpc = protocol_version == "GRPC"
    member, other = ("GrpcCode", "HttpCode") if is_grpc else ("HttpCode", "GrpcCode")
    if raw.get(other) is not None or raw.get(member) is None:
        raise validation_error(f"A matcher for this protocol version must have '{member}' and nothing else")
    codes = str(raw[member])
    least, most = (0, 99) if is_grpc else (200, 499)
    if not _CODES.fullmatch(codes) or not all(
        least <= low <= high <= most for low, high in map(_bounds, codes.split(","))
    ):
        raise validation_error(
            f"{member} must be like 200 | 200-399 | 200,201 with codes from {least} to {most}, not '{codes}'"
        )
    return codes


def _bounds(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    return int(low), int(high or low)
