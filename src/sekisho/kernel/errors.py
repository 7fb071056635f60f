"""The errors that cross floors.

    SekishoError                 anything a user can be told
    ├── ServiceError             an AWS operation refuses: code, HTTP status, message
    ├── OAuthError               a token endpoint refuses: error, description, HTTP status
    ├── TokenRefusedError        a token that was issued here is not good (any more)
    └── UsageError               a command, a setting or a file of the user's is wrong

Whatever else is raised is a bug; it is caught at the two HTTP boundaries of ``serve`` only.
"""


class SekishoError(Exception):
    """Anything a user can be told. ``message`` is one sentence that names what is wrong."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ServiceError(SekishoError):
    """An AWS operation refuses a request.

    Attributes:
        code: AWS's error code as the client sees it, e.g. ``ListenerNotFound``.
        status: the HTTP status.
        sender_fault: whether the query protocol says ``Sender`` (else ``Receiver``).
        members: further members of the error shape, e.g. ``{"resourceType": "Api"}``.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        *,
        sender_fault: bool = True,
        members: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.sender_fault = sender_fault
        self.members = members or {}


class OAuthError(SekishoError):
    """A token endpoint refuses a request (RFC 6749 section 5.2).

    Attributes:
        error: the error code, e.g. ``invalid_client``.
        description: the ``error_description`` or None to leave it out.
        status: the HTTP status.
        uri: the ``error_uri`` or None.
        hint: what an operator should look at; logged, never sent.
    """

    def __init__(
        self,
        error: str,
        description: str | None = None,
        status: int = 400,
        *,
        uri: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(description or error)
        self.error = error
        self.description = description
        self.status = status
        self.uri = uri
        self.hint = hint


class TokenRefusedError(SekishoError):
    """A token that a client shows is not good: not issued here, expired, revoked, or somebody else's."""


class TokenReusedError(TokenRefusedError):
    """A refresh token is shown again that was replaced when it was used."""


class UsageError(SekishoError):
    """A command line, a setting or a file of the user's is wrong."""
