"""The intermediate representation of what HTTP APIs do besides listeners, routes and guards."""

from dataclasses import dataclass

from sekisho.kernel.parameter_mapping import Change

# --- what happens to a request ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Changes:
    """What is changed of a request, and of the responses with a status.

    Stage variables that there are stand in the changes as texts. ``known`` are the values of ``$context`` that a
    route knows; ``prefix`` is what comes before the path of the request: ``/`` and a stage or the key of a mapping.
    """

    request: tuple[Change, ...] = ()
    responses: tuple[tuple[int, tuple[Change, ...]], ...] = ()
    known: tuple[tuple[str, str], ...] = ()
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Invoke:
    """Have a function answer.

    Attributes:
        upstream: what runs functions.
        call: what it has to know besides the request, as JSON text.
        timeout: seconds.
    """

    upstream: str
    call: str
    timeout: float
    changes: Changes = Changes()


@dataclass(frozen=True, slots=True)
class Proxy:
    """Send the request on to one URL.

    Attributes:
        authority: the Host that the upstream sees.
        path: what takes the place of the request's path; ``{name}`` is a variable of the route's path template. It
            may hold a query. None keeps the path.
        method: what takes the place of the request's method; None keeps it.
        timeout: seconds.
    """

    upstream: str
    authority: str
    path: str | None
    method: str | None
    timeout: float
    changes: Changes = Changes()


# --- what a route has besides a guard --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cors:
    """What other origins may do; ``*`` stands for any origin (``https://*``: any of that scheme), method or header.

    ``max_age`` is in seconds.
    """

    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    credentials: bool = False
    max_age: int | None = None


@dataclass(frozen=True, slots=True)
class Throttle:
    """A token bucket: requests a second, and how many at once; None where there is no such limit."""

    rate: float | None
    burst: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """What the control plane is asked about a request before it may pass.

    Attributes:
        kind: ``function`` (a Lambda authorizer) or ``signature`` (AWS_IAM).
        about: what the control plane has to know to answer, as JSON text.
        timeout: seconds; without an answer the request is refused.
    """

    kind: str
    about: str
    timeout: float


@dataclass(frozen=True, slots=True)
class ApiLog:
    """The access log of a stage.

    Attributes:
        destination: ARN of the log group or delivery stream.
        format: a line, with variables such as ``$context.requestId`` in it.
        known: the values of ``$context`` that the route knows.
    """

    destination: str
    format: str
    known: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ApiOptions:
    """What routes of HTTP APIs have besides a guard."""

    cors: Cors | None = None
    throttle: Throttle | None = None
    question: Question | None = None
    log: ApiLog | None = None
