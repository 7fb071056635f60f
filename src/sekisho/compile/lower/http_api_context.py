"""What a stage and its routes know of ``$context``, and the access log that it goes into.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""

from sekisho.model.apigatewayv2 import Api, Stage
from sekisho.model.ir_http_api import ApiLog


def known_context(
    api: Api, stage: Stage, prefix: str, domain_name: str, route_key: str | None
) -> dict[str, str]:
    """Return the values of ``$context`` that are the same for every request of a route.

    ``prefix`` is what comes before the paths of the stage; ``route_key`` is None where no route takes a request.
    """
    known = {
        "accountId": api.account_id,
        "apiId": api.id,
        "domainName": domain_name,
        "domainPrefix": domain_name.partition(".")[0],
        "stage": stage.name,
    }
    if route_key is not None:
        known["routeKey"] = route_key
    if domain_name != api.domain_name and prefix:
        known["customDomain.basePathMatched"] = prefix.removeprefix("/")
    return known


def lower_log(stage: Stage, known: dict[str, str]) -> ApiLog | None:
    """Return the access log of a stage, None where it keeps none."""
    destination = stage.access_log_settings.get("DestinationArn", "")
    line = stage.access_log_settings.get("Format", "")
    return ApiLog(destination, line, tuple(known.items())) if destination and line else None
