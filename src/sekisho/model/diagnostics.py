"""What the compiler and the key broker have to say about a resource."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much it matters."""

    ERROR = "error"  # a route answers 500 (or a listener is not served) because of this
    WARNING = "warning"  # traffic flows, but not as the author probably meant
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about one resource.

    Attributes:
        code: stable and searchable, e.g. ``jwks-no-egress``.
        severity: how much it matters.
        arn: the resource that it is about.
        message: one or two sentences: the cause, and what to change.
        rule: id of the semantics rule behind it, or empty.
    """

    code: str
    severity: Severity
    arn: str
    message: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class DiagnosticCode:
    """What a code means, whichever resource it is about.

    Attributes:
        code: as in :class:`Diagnostic`.
        severity: how much it matters.
        cause: what is the matter, one sentence.
        cure: what to change.
    """

    code: str
    severity: Severity
    cause: str
    cure: str


CATALOGUE: tuple[DiagnosticCode, ...] = (
    DiagnosticCode(
        "action-missing",
        Severity.ERROR,
        "A rule has no action that ends a request.",
        "Give it a forward, a redirect or a fixed-response as its last action.",
    ),
    DiagnosticCode(
        "action-unsupported",
        Severity.ERROR,
        "A rule has an action that is not run here.",
        "Use jwt-validation, forward, redirect or fixed-response; send browser sign-ins to another listener.",
    ),
    DiagnosticCode(
        "authorizer-missing",
        Severity.ERROR,
        "A route names an authorizer that does not exist. Requests get 500; the route is not opened.",
        "Create the authorizer, or update the route.",
    ),
    DiagnosticCode(
        "condition-unsupported",
        Severity.ERROR,
        "A rule has a condition that is not run here, so nobody can tell which requests it means.",
        "Use host-header, path-pattern, http-header, http-request-method, query-string or source-ip.",
    ),
    DiagnosticCode(
        "container-unbound",
        Severity.WARNING,
        "A target group belongs to a container of an ECS service that nothing runs here. Requests get 503.",
        "Say under containers in sekisho.yaml how to run the container, or where it runs.",
    ),
    DiagnosticCode(
        "function-no-code",
        Severity.WARNING,
        "The code of a function is not on this machine: the template names an object in a bucket. It cannot run.",
        "Name a folder for it under assets in sekisho.yaml, or deploy the cloud assembly that holds the asset.",
    ),
    DiagnosticCode(
        "guard-key-set-missing",
        Severity.ERROR,
        "A jwt-validation action refers to keys that the configuration does not hold.",
        "This is a fault of Sekisho: report it with the output of sekisho status --json.",
    ),
    DiagnosticCode(
        "integration-missing",
        Severity.ERROR,
        "A route has no integration behind it.",
        "Create an integration and name it in the route's target, integrations/<id>.",
    ),
    DiagnosticCode(
        "integration-uri-invalid",
        Severity.ERROR,
        "The URI of an integration is no URL, or names a path variable that the route's path does not have.",
        "Correct the URI; {name} in it must stand in the route key as well.",
    ),
    DiagnosticCode(
        "jwks-invalid",
        Severity.ERROR,
        "The JWKS endpoint answered something that is no key set, or a key set without a usable key. Requests get 562.",
        "Open the URL: it has to answer JSON with an RSA key of 2048 bits for RS256. A login page or a discovery "
        "document is a common mistake.",
    ),
    DiagnosticCode(
        "jwks-no-egress",
        Severity.ERROR,
        "No security group of the load balancer lets it reach the JWKS endpoint. Requests get 500, as on AWS.",
        "Add an egress rule for TCP 443 (or the port of the URL) to one of the groups that the message names.",
    ),
    DiagnosticCode(
        "jwks-pending",
        Severity.INFO,
        "The keys are being fetched for the first time. Requests get 500 until they are there.",
        "Wait up to 5 seconds; then this is gone, or another code says what went wrong.",
    ),
    DiagnosticCode(
        "jwks-refused",
        Severity.ERROR,
        "The JWKS endpoint answered with a status other than 2XX; a redirect counts too. Requests get 562.",
        "Correct the URL. It often lacks a part of its path, or a slash.",
    ),
    DiagnosticCode(
        "jwks-too-large",
        Severity.ERROR,
        "The key set has over 150 KB or over 10 keys, which no load balancer takes. Requests get 500.",
        "Remove old keys at the issuer, or publish those that are used under a URL of their own.",
    ),
    DiagnosticCode(
        "jwks-unreachable",
        Severity.ERROR,
        "The JWKS endpoint cannot be reached, or takes over 5 seconds. Requests get 500.",
        "The message says whether name, connection, certificate or time is the trouble. For a private certificate "
        "authority start the server with --ca-bundle.",
    ),
    DiagnosticCode(
        "listener-not-served",
        Severity.ERROR,
        "A listener has nothing to listen with: no certificate, no local port of its own, or no load balancer.",
        "Add a certificate to the listener, or give it another port in sekisho.yaml.",
    ),
    DiagnosticCode(
        "match-invalid",
        Severity.ERROR,
        "A condition of a rule holds a header name or an address block that is none.",
        "Correct the value; a source-ip is a CIDR block such as 10.0.0.0/8.",
    ),
    DiagnosticCode(
        "private-integration-unsupported",
        Severity.ERROR,
        "A private integration leads to a listener or a service that does not run here.",
        "Create the listener here, or use an integration with a URL.",
    ),
    DiagnosticCode(
        "regex-unsupported",
        Severity.ERROR,
        "A regular expression of a rule is not in the supported syntax, which is RE2's.",
        "Leave out look-around and back-references; write Unicode classes as ranges.",
    ),
    DiagnosticCode(
        "rewrite-unsupported",
        Severity.ERROR,
        "A transform replaces with a group that its regular expression does not have.",
        "Add the group, or use a smaller number after the dollar sign.",
    ),
    DiagnosticCode(
        "route-name-taken",
        Severity.ERROR,
        "Two rules have the same name.",
        "This is a fault of Sekisho: report it with the output of sekisho status --json.",
    ),
    DiagnosticCode(
        "stage-variable-missing",
        Severity.ERROR,
        "The URI of an integration names a stage variable that the stage does not have.",
        "Set the variable on the stage.",
    ),
    DiagnosticCode(
        "status-invalid",
        Severity.ERROR,
        "A fixed response has no valid status code.",
        "Use 2XX, 4XX or 5XX.",
    ),
    DiagnosticCode(
        "target-group-missing",
        Severity.ERROR,
        "A rule forwards to a target group that does not exist.",
        "Create the target group, or change the action.",
    ),
    DiagnosticCode(
        "target-no-address",
        Severity.WARNING,
        "A registered target has no address on this machine, so it gets no traffic.",
        "Register an IP address and port, or bind the container in sekisho.yaml.",
    ),
    DiagnosticCode(
        "target-no-function",
        Severity.WARNING,
        "A target group of type lambda has a function that does not exist here. Requests get 502.",
        "Create the function, or register another one.",
    ),
)
"""Every code, in alphabetical order; docs/reference/diagnostics.md is generated from it."""
