"""The CORS configuration of an API.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

import re
from collections.abc import Mapping
from typing import Any

from sekisho.kernel.route_key import METHODS
from sekisho.model.apigatewayv2 import Cors
from sekisho.services.apigatewayv2.errors import bad_request
from sekisho.services.apigatewayv2.members import Fields, given, shown
from sekisho.services.ledger import members

LEDGER = {
    "Cors": members(enforced="AllowOrigins AllowMethods AllowHeaders ExposeHeaders AllowCredentials MaxAge"),
}

FIELDS: Fields = {
    "AllowOrigins": "allow_origins",
    "AllowMethods": "allow_methods",
    "AllowHeaders": "allow_headers",
    "ExposeHeaders": "expose_headers",
    "AllowCredentials": "allow_credentials",
    "MaxAge": "max_age",
}

_ORIGIN = re.compile(r"\*|https?://(?:\*|[^\s/*,\"]+)|[a-z][a-z0-9+.-]*://[^\s/*,\"]+|null")
_TOKEN = re.compile(r"\*|[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def decode_cors(request: Mapping[str, Any]) -> Cors:
    """Return the configuration.

    Raises:
        ServiceError: an origin, a method or a header name is none, or credentials are allowed to any origin.
    """
    cors = Cors(**given(request, FIELDS))
    for origin in cors.allow_origins:
        if not _ORIGIN.fullmatch(origin):
            raise bad_request(f"Invalid format for origin {origin}")
    for method in cors.allow_methods:
        if method != "*" and method not in METHODS:
            raise bad_request(f"Invalid method {method} specified in the CORS configuration")
    for name in (*cors.allow_headers, *cors.expose_headers):
        if not _TOKEN.fullmatch(name):
            raise bad_request(f"Invalid header {name} specified in the CORS configuration")
    if cors.allow_credentials and "*" in cors.allow_origins:
        raise bad_request("allowCredentials is not supported for the origin *")
    return cors


def encode_cors(cors: Cors) -> dict[str, Any]:
    """Return the configuration in AWS's shape."""
    return shown(cors, FIELDS)
