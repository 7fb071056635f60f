"""What both payload formats of HTTP APIs share: the request, what the edge says about it, and its parts.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote, unquote_plus

from sekisho.functions.events.http import HttpRequest, InvalidResponseError, encode_body, encode_headers
from sekisho.kernel.route_key import find_variables, parse_path

REMAPPED = frozenset(
    ("authorization", "connection", "content-length", "date", "host", "server", "www-authenticate")
)
"""Headers of a function's that reach the client under another name."""

PROTOCOL = "HTTP/1.1"
"""What stands in ``$context.protocol``, whatever the client speaks (HTTP-EVENT-07)."""

_DROPPED = frozenset(
    ("keep-alive", "proxy-authenticate", "te", "trailer", "trailers", "transfer-encoding", "upgrade")
)
_TEXT_TYPES = frozenset(("application/json", "application/javascript", "application/xml"))


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """The route that took a request, as the edge describes it.

    Attributes:
        route_key: e.g. ``GET /pets/{id}``; ``path`` its path, None for the default route.
        prefix: what came before the path: ``/`` and the name of the stage, or of an API mapping.
        variables: of the stage.
    """

    account: str
    api: str
    region: str
    stage: str
    route_key: str
    path: str | None
    prefix: str
    domain: str
    variables: Mapping[str, str]

    @classmethod
    def from_members(cls, members: Mapping[str, Any]) -> "ApiRoute":
        """Return the route from what the edge sends."""
        return cls(
            account=members["account"],
            api=members["api"],
            region=members["region"],
            stage=members["stage"],
            route_key=members["route"],
            path=members["path"],
            prefix=members["prefix"],
            domain=members["domain"],
            variables=members["variables"],
        )

    @property
    def is_mapped(self) -> bool:
        """Tell whether the prefix belongs to an API mapping and not to the stage."""
        return bool(self.prefix) and self.prefix != f"/{self.stage}"

    def arn(self, method: str, path: str) -> str:
        """Return the ARN on whose behalf functions are called (HTTP-LAMBDA-02)."""
        begin = f"arn:aws:execute-api:{self.region}:{self.account}:{self.api}/{self.stage}"
        return f"{begin}/$default" if self.path is None else f"{begin}/{method}{path}"


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request with what the gateway knows about it.

    Attributes:
        authorizer: what stands in ``requestContext.authorizer`` of format 2.0, and beside it ``principalId`` where a
            Lambda authorizer named one; None on open routes.
    """

    http: HttpRequest
    route: ApiRoute
    request_id: str
    source_ip: str
    time: datetime
    authorizer: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        """Return the decoded path, with the prefix of a stage or mapping."""
        return unquote(self.http.path)

    @property
    def path_parameters(self) -> dict[str, str]:
        """Return the decoded values of the route's path variables."""
        if self.route.path is None:
            return {}
        below = self.http.path.removeprefix(self.route.prefix) or "/"
        found = find_variables(parse_path(self.route.path), below) or {}
        return {name: unquote(value) for name, value in found.items()}

    @property
    def query(self) -> list[tuple[str, str]]:
        """Return the decoded query parameters, in their order."""
        pairs = (part.partition("=") for part in self.http.query.split("&") if part)
        return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]

    @property
    def user_agent(self) -> str:
        """Return the User-Agent header, empty where there is none."""
        return dict(self.http.headers).get("user-agent", "")

    @property
    def domain_prefix(self) -> str:
        """Return the first label of the domain name."""
        return self.route.domain.partition(".")[0]

    @property
    def clf_time(self) -> str:
        """Return the time as in access logs, e.g. ``12/Mar/2020:19:03:58 +0000``."""
        return self.time.strftime("%d/%b/%Y:%H:%M:%S +0000")

    @property
    def epoch_milliseconds(self) -> int:
        """Return the time in milliseconds since 1970."""
        return int(self.time.timestamp() * 1000)

    def body(self) -> tuple[str, bool]:
        """Return the body as text, and whether it is base64 (HTTP-EVENT-05)."""
        return encode_body(self.http.body, is_text=_is_text(dict(self.http.headers)))


def collect(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return all values of each name, in their order."""
    collected: dict[str, list[str]] = {}
    for name, value in pairs:
        collected.setdefault(name, []).append(value)
    return collected


def load_answer(payload: bytes) -> Any:
    """Return what a function answered.

    Raises:
        InvalidResponseError: it is not JSON.
    """
    try:
        return json.loads(payload, parse_constant=_refuse_constant)
    except ValueError:
        raise InvalidResponseError("the answer is not JSON") from None


def read_status(answer: Mapping[str, Any]) -> int:
    """Return the status of an answer.

    Raises:
        InvalidResponseError: it has none.
    """
    status = answer.get("statusCode")
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        raise InvalidResponseError("statusCode is missing or is not an HTTP status")
    return status


def read_text(answer: Mapping[str, Any]) -> str:
    """Return the body of an answer as it stands there.

    Raises:
        InvalidResponseError: it is no string.
    """
    body = answer.get("body")
    if body is None:
        return ""
    if not isinstance(body, str):
        raise InvalidResponseError("body is not a string")
    return body


def header_text(value: Any) -> str:
    """Return the value of a header as text.

    Raises:
        InvalidResponseError: it is neither a string, a number nor a boolean.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise InvalidResponseError("a header has a value of the wrong type")


def sent_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the headers of an answer as they are sent: those of the connection under other names, or not at all.

    Raises:
        InvalidResponseError: one cannot be sent.
    """
    sent = []
    for name, value in encode_headers(headers):
        lower = name.lower()
        if lower in REMAPPED:  # HTTP-EDGE-07
            sent.append((f"x-amzn-remapped-{lower}", value))
        elif lower not in _DROPPED and not lower.startswith("x-sekisho-"):
            sent.append((name, value))
    return tuple(sent)


def _refuse_constant(name: str) -> None:
    """Refuse ``NaN`` and ``Infinity``, which Python writes and JSON does not have (RFC 8259 section 6)."""
    raise ValueError(name)


def _is_text(headers: Mapping[str, str]) -> bool:
    if "content-encoding" in headers:
        return False
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind in _TEXT_TYPES
