"""What the edge decided about one request, as logs, the console and the audit read it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """One request and what became of it; never a token, a secret or the value of a query parameter.

    Attributes:
        time: when the request began.
        request_id: the trace id that the target and the logs share.
        listener: ARN of the listener or API.
        rule: ARN of the rule or route that took it; empty when none did.
        method, host, path: of the request as the client sent it; the path without its query.
        status: the answer's.
        reason: why it was refused, e.g. ``JWTClaimValueInvalid``; empty when it was let through.
        kid, alg: from the token's header.
        issuer, subject, client_id: from a token whose signature was verified.
        policy: names all that the decision depended on but the request and the time.
        policy_status: what the guard decided: 200 when it let the request through; 0 where there is no guard.
        duration: milliseconds from the first byte of the request to the last of the answer.
        upstream: address of the target, empty when the edge answered itself.
        detail: Envoy's own words about an answer that it made.
    """

    time: datetime
    request_id: str
    listener: str
    rule: str
    method: str
    host: str
    path: str
    status: int
    reason: str = ""
    kid: str = ""
    alg: str = ""
    issuer: str = ""
    subject: str = ""
    client_id: str = ""
    policy: str = ""
    policy_status: int = 0
    duration: float = 0
    upstream: str = ""
    detail: str = ""
