"""What runs functions, as Lambda's operations see it: it keeps their code and runs it."""

from dataclasses import dataclass, field
from typing import Protocol

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.functions import FunctionUnavailableError


@dataclass(frozen=True, slots=True)
class KeptCode:
    """Code that was unpacked: the archive's SHA-256 in base64, its size in bytes, and the name of the folder."""

    sha256: str
    size: int
    folder: str


@dataclass(frozen=True, slots=True)
class FunctionRun:
    """What came of running a function once.

    Attributes:
        payload: the function's answer, or its error, as JSON.
        error: ``Unhandled`` when the function failed, else empty.
        log: the last of what it wrote, with Lambda's START, END and REPORT lines.
        version: the version that ran.
        request_id: of this invocation.
    """

    payload: bytes = field(repr=False)
    error: str
    log: str = field(repr=False)
    version: str
    request_id: str


class CodeRefusedError(SekishoError):
    """An archive cannot be unpacked; ``message`` is in Lambda's words."""


class FunctionNotRunError(FunctionUnavailableError):
    """A function was not run; ``code`` is the error of the Invoke operation that says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class FunctionHosting(Protocol):
    """Keeps the code of functions and runs them."""

    def keep(self, archive: bytes) -> KeptCode:
        """Unpack a zip archive into a folder of its own; when this returns it is on the disk for good.

        Raises:
            CodeRefusedError: the archive cannot be unpacked.
        """
        ...

    def find_object(self, bucket: str, key: str) -> bytes | None:
        """Return the archive that stands for an S3 object, or None where this machine has none."""
        ...

    def run(self, resource: str, payload: bytes, client_context: str = "") -> FunctionRun:
        """Run the function, version or alias with that ARN and wait for it.

        Raises:
            FunctionNotRunError: it could not be run.
        """
        ...

    def wake(self) -> None:
        """Look for queued events: there is a new one."""
        ...
