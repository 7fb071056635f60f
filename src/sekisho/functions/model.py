"""What the function host is told and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sekisho.kernel.errors import SekishoError


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One version of a function, ready to run.

    Attributes:
        arn: the function's ARN, with the version where it is not the newest; workers are kept by it.
        function_arn: the ARN without a version; concurrency is counted by it.
        name: the function's name.
        version: ``$LATEST`` or a number.
        runtime: AWS's identifier, e.g. ``python3.12`` or ``nodejs20.x``.
        handler: e.g. ``index.handler``.
        code: the folder with the unpacked code.
        environment: the function's own variables.
        timeout: seconds.
        memory: megabytes, as the function is told; not enforced.
        revision: changes when the code or the configuration does; workers of an older one are retired.
        concurrency: most workers at a time, or None for the host's limit.
    """

    arn: str
    function_arn: str
    name: str
    version: str
    runtime: str
    handler: str
    code: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 3
    memory: int = 128
    revision: str = ""
    concurrency: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What a function is invoked with.

    Attributes:
        payload: JSON.
        invoked_arn: what the caller named, as the function's context shows it.
        trace: the ``X-Amzn-Trace-Id`` of the request behind it, or empty.
        client_context: JSON that the caller passes on, or empty.
    """

    payload: bytes = field(repr=False)
    invoked_arn: str
    trace: str = ""
    client_context: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """A service that invokes a function: its principal, and the resource on whose behalf it does."""

    principal: str
    source_arn: str


@dataclass(frozen=True, slots=True)
class Invocation:
    """What came of one invocation.

    Attributes:
        payload: the function's answer, or its error as JSON.
        error: ``Unhandled`` when the function failed, else None.
        log: what the function wrote, with Lambda's START, END and REPORT lines.
        request_id: of this invocation.
    """

    payload: bytes
    error: str | None
    log: str
    request_id: str


class MissingRuntimeError(SekishoError):
    """The machine has no interpreter for a function's runtime."""


class ThrottledError(SekishoError):
    """All the workers that a function may have are busy."""
