"""The answers that an HTTP API makes itself.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html
"""

CONTENT_TYPE = "application/json"

MESSAGES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
"""Status -> what stands in the body."""

REQUEST_ID_HEADER = "apigw-requestid"
"""Carries ``$context.requestId`` on every response."""


def body(status: int) -> str:
    """Return the body for a status.

    Raises:
        KeyError: an HTTP API never makes that status itself.
    """
    return f'{{"message":"{MESSAGES[status]}"}}'


def bodies(*statuses: int) -> dict[int, str]:
    """Return the bodies that a script answers with."""
    return {status: body(status) for status in statuses}
