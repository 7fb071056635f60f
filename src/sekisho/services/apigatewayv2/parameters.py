"""The request and response parameters of an integration.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.kernel.parameter_mapping import parse_request_change, parse_response_change
from sekisho.services.apigatewayv2.errors import bad_request


def decode_request_parameters(given: Mapping[str, Any], had: Mapping[str, str]) -> dict[str, str]:
    """Return the request parameters; an empty value takes out one of those that the integration had.

    Raises:
        ServiceError: one is not valid.
    """
    for key, value in given.items():
        if key in had and not value:
            continue
        try:
            parse_request_change(key, value)
        except ValueError as error:
            raise bad_request(f"Invalid mapping expression specified: {error}") from None
    return dict(given)


def decode_response_parameters(
    given: Mapping[str, Mapping[str, str]], had: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Return the response parameters by status code; an empty value takes out one that the integration had.

    Raises:
        ServiceError: one is not valid.
    """
    for status, changes in given.items():
        if not (status.isascii() and status.isdigit() and 200 <= int(status) <= 599):
            raise bad_request(f"Invalid status code specified: {status}")
        for key, value in changes.items():
            if key in had.get(status, {}) and not value:
                continue
            try:
                parse_response_change(key, value)
            except ValueError as error:
                raise bad_request(f"Invalid mapping expression specified: {error}") from None
    return {status: dict(changes) for status, changes in given.items()}
