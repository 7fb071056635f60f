"""The URIs of functions and endpoints that integrations and authorizers name."""

import re
from urllib.parse import urlsplit

from sekisho.kernel.arn import Arn

_INVOCATION = re.compile(
    r"arn:[a-z0-9-]+:apigateway:[a-z0-9-]+:lambda:path/[0-9-]+/functions/(?P<function>.+)/invocations"
)
_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.\w+\}")


def find_function(uri: str) -> str | None:
    """Return the ARN of the function that a URI names, itself or as ``…/functions/<arn>/invocations``; or None.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    found = _INVOCATION.fullmatch(uri)
    arn = found["function"] if found else uri
    return arn if Arn.is_valid(arn, "lambda") and Arn.parse(arn).resource.startswith("function:") else None


def is_url(uri: str) -> bool:
    """Tell whether a URI is an http or https URL with a host; stage variables may stand in it."""
    try:
        parts = urlsplit(_STAGE_VARIABLE.sub("x", uri))
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
