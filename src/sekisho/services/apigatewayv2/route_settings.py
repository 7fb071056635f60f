"""Limits and metrics of a stage and of its routes.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html
"""

from collections.abc import Collection, Mapping
from typing import Any

from sekisho.services.apigatewayv2.errors import bad_request
from sekisho.services.ledger import members

LEDGER = {
    "RouteSettings": members(
        enforced="ThrottlingBurstLimit ThrottlingRateLimit DataTraceEnabled LoggingLevel",
        stored="DetailedMetricsEnabled",
    ),
}


def decode_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a stage or a route.

    Raises:
        ServiceError: they ask for what an HTTP API does not have, or a limit is negative.
    """
    if settings.get("DataTraceEnabled") or settings.get("LoggingLevel") not in (None, "OFF"):
        raise bad_request("Execution logs are not supported on protocolType HTTP")
    for name in ("ThrottlingBurstLimit", "ThrottlingRateLimit"):
        if (settings.get(name) or 0) < 0:
            raise bad_request(f"{name} must not be negative")
    return {name: value for name, value in settings.items() if value is not None}


def decode_route_settings(
    settings: Mapping[str, Mapping[str, Any]], route_keys: Collection[str]
) -> dict[str, dict[str, Any]]:
    """Return the settings by route key.

    Raises:
        ServiceError: there is no route with such a key, or its settings are not valid.
    """
    for key in settings:
        if key not in route_keys:
            raise bad_request(f"Unable to find Route by key {key} within the provided RouteSettings")
    return {key: decode_settings(value) for key, value in settings.items()}
