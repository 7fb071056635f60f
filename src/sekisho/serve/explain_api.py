"""``POST /_sekisho/explain``: why a request would be let through or refused, by the reference, on the live state."""

from collections.abc import Callable
from dataclasses import asdict, replace
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sekisho.kernel.clock import Clock
from sekisho.model.explanation import EdgeAnswer, Explanation
from sekisho.model.ir import Flavour, Listener
from sekisho.serve.control import State
from sekisho.serve.edge_probe import EdgeDecision, probe_edge
from sekisho.verify.explain import explain
from sekisho.verify.routing import RequestLine


class ExplainRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What is asked: a request, with its headers or with a token that goes into ``Authorization: Bearer``."""

    url: str
    method: str = "GET"
    headers: dict[str, str | list[str]] = {}
    token: str | None = None
    source_ip: str = "127.0.0.1"


class ExplainApi:
    """Explains requests against the configuration that is in force."""

    def __init__(self, state: Callable[[], State | None], clock: Clock) -> None:
        """Take where the configuration is, and the time."""
        self._state = state
        self._clock = clock

    async def handle(self, http: Request) -> Response:
        """Say why a request is let through or refused; 400 says what is wrong with the question."""
        try:
            asked = msgspec.json.decode(await http.body(), type=ExplainRequest)
            explanation = await self.explain(asked)
        except (msgspec.DecodeError, ValueError) as error:
            return JSONResponse({"message": str(error)}, 400)
        return JSONResponse(asdict(explanation))

    async def explain(self, asked: ExplainRequest) -> Explanation:
        """Return the explanation, compared with what the edge itself decides.

        Raises:
            ValueError: the URL is not one that anything here listens on.
        """
        state = self._state()
        if state is None:
            raise ValueError("nothing has been configured yet")
        edge = state.compiled.edge
        listener = find_listener(state, asked.url)
        request = to_request_line(asked)
        key_sets = {key_set.name: key_set for key_set in edge.key_sets}
        explanation = explain(listener, key_sets, request, self._clock.now().timestamp(), edge.choices)
        if not explanation.checks or not edge.probe or asked.method == "HEAD":
            return explanation
        return replace(
            explanation, edge=_compare(explanation, await probe_edge(listener, request, edge.probe))
        )


def _compare(explanation: Explanation, found: EdgeDecision | None) -> EdgeAnswer:
    if found is None:
        return EdgeAnswer(0, "the edge gave no decision", agrees=False)
    expected = 200 if explanation.decision == "allow" else explanation.status
    agrees = (found.status, found.reason) == (expected, explanation.reason)
    return EdgeAnswer(found.status, found.reason, agrees)


def to_request_line(asked: ExplainRequest) -> RequestLine:
    """Return the request as a rule sees it."""
    url = urlsplit(asked.url)
    headers: list[tuple[str, str]] = [("host", url.netloc)]
    for name, given in asked.headers.items():
        headers += [(name, value) for value in ([given] if isinstance(given, str) else given)]
    if asked.token is not None:
        headers.append(("authorization", f"Bearer {asked.token}"))
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    return RequestLine(asked.method, target, tuple(headers), asked.source_ip)


def find_listener(state: State, url: str) -> Listener:
    """Return the listener that a URL reaches: by its local port, or by its name on AWS and its public port.

    Raises:
        ValueError: there is none; the message says what listens.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url!r} is not an http or https URL")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    names = {balancer.dns_name: balancer.arn for balancer in state.snapshot.load_balancers}
    owners = {listener.arn: listener.load_balancer_arn for listener in state.snapshot.listeners}
    for listener in state.compiled.edge.listeners:
        named = parts.hostname in names and owners.get(listener.arn) == names[parts.hostname]
        named = named or (listener.flavour is Flavour.HTTP_API and parts.hostname == listener.host)
        if listener.port == port or (named and listener.public_port == port):
            return listener
    known = ", ".join(str(listener.port) for listener in state.compiled.edge.listeners) or "none"
    raise ValueError(f"nothing listens at {parts.hostname}:{port}; ports in use: {known}")
