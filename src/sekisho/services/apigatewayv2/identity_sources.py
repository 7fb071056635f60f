"""Where authorizers find credentials.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

import re
from collections.abc import Sequence

from sekisho.services.apigatewayv2.errors import bad_request

_HEADER = r"\$request\.header\.[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER = r"\$request\.querystring\.[^\s&=,]+"
_JWT = re.compile(rf"{_HEADER}|{_PARAMETER}")
_REQUEST = re.compile(rf"{_HEADER}|{_PARAMETER}|\$context\.[\w.]+|\$stageVariables\.\w+")


def check_jwt_source(sources: Sequence[str]) -> None:
    """Check that there is one source, a header or a query parameter (HTTP-API-06).

    Raises:
        ServiceError: there is not.
    """
    if len(sources) != 1:
        raise bad_request("A JWT authorizer has exactly one identity source")
    if not _JWT.fullmatch(sources[0]):
        raise _invalid(sources[0])


def check_request_sources(sources: Sequence[str]) -> None:
    """Check the sources of a Lambda authorizer.

    Raises:
        ServiceError: one is not valid.
    """
    for source in sources:
        if not _REQUEST.fullmatch(source):
            raise _invalid(source)


def _invalid(source: str) -> Exception:
    return bad_request(f"Invalid identity source specified: {source}")
