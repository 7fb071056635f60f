"""How the Management API refuses."""

from http import HTTPStatus
from typing import Any

from sekisho.kernel.errors import SekishoError


class ManagementError(SekishoError):
    """A request to the Management API is refused; nothing was changed.

    Attributes:
        status: the HTTP status.
        code: the ``errorCode``, or None to leave it out.
    """

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def render(self) -> dict[str, Any]:
        """Return the JSON members of the answer."""
        body = {"statusCode": self.status, "error": HTTPStatus(self.status).phrase, "message": self.message}
        return {**body, "errorCode": self.code} if self.code else body


def invalid_body(problem: str, member: str = "") -> ManagementError:
    """Return the refusal of a body in Auth0's words."""
    where = f" on property {member}" if member else ""
    return ManagementError(400, f"Payload validation error: '{problem}'{where}.", "invalid_body")


def invalid_query(problem: str, parameter: str = "") -> ManagementError:
    """Return the refusal of a query string in Auth0's words."""
    where = f" on property {parameter}" if parameter else ""
    return ManagementError(400, f"Query validation error: '{problem}'{where}.", "invalid_query_string")
