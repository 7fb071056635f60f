"""The neutral intermediate representation: what the edge has to do, in neither AWS's nor Envoy's words.

``compile/lower`` makes it from AWS resources, ``compile/emit`` turns it into Envoy resources, and the reference
(``verify``) and ``explain`` read it. Everything is a frozen value; order is meaning wherever there is a tuple.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from sekisho.model.choices import DEFAULT_CHOICES, Choices
from sekisho.model.ir_http_api import ApiOptions, Invoke, Proxy
from sekisho.model.ir_tls import Tls

# --- what a request must look like -----------------------------------------------------------------------------------


class PatternKind(StrEnum):
    """How a pattern's text is read."""

    EXACT = "exact"
    WILDCARD = (
        "wildcard"  # ``*`` is 0 or more characters, ``?`` exactly one, ``\\`` makes the next one literal
    )
    REGEX = "regex"  # RE2 syntax, searched anywhere
    TEMPLATE = (
        "template"  # a path: ``{name}`` is one segment that is not empty, a last ``{name+}`` all that is left
    )


@dataclass(frozen=True, slots=True)
class Pattern:
    """A test of one string."""

    text: str
    kind: PatternKind = PatternKind.EXACT
    case_sensitive: bool = True


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """A header (name in lower case) one of whose values fits one of the patterns."""

    name: str
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class QueryPair:
    """A query parameter whose key and value fit; without a key pattern any parameter's value may fit."""

    value: Pattern
    key: Pattern | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """All parts must fit; inside one part the alternatives are ORed; an empty part fits everything.

    ``path`` is tested on the normalized path without the query. ``host`` is tested without the port.
    ``headers`` and ``query`` hold one entry a condition: the entries are ANDed.
    """

    path: tuple[Pattern, ...] = ()
    host: tuple[Pattern, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[HeaderMatch, ...] = ()
    query: tuple[tuple[QueryPair, ...], ...] = ()
    sources: tuple[str, ...] = ()  # CIDR blocks of the peer address


# --- who may pass ----------------------------------------------------------------------------------------------------


class ClaimFormat(StrEnum):
    """How the values of a claim stand in the token."""

    SINGLE_STRING = "single-string"
    STRING_ARRAY = "string-array"
    SPACE_SEPARATED = "space-separated-values"


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """One additional claim that a token must carry."""

    name: str
    format: ClaimFormat
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlbGuard:
    """ALB ``jwt-validation``: the issuer, the key set (a :class:`KeySet` name) and the additional claims."""

    issuer: str
    key_set: str
    claims: tuple[ClaimCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class HttpApiGuard:
    """An HTTP API JWT authorizer on a route.

    ``source`` is ``header`` or ``query``; ``source_name`` the header (lower case) or parameter that holds the token.
    """

    issuer: str
    key_set: str
    audiences: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    source: str = "header"
    source_name: str = "authorization"


Guard = AlbGuard | HttpApiGuard


class KeySetState(StrEnum):
    """What is known of a key set."""

    READY = "ready"  # fetched, and at least one key is usable
    PENDING = "pending"  # never fetched yet
    UNREACHABLE = "unreachable"  # no connection, no DNS, no egress, or longer than the time limit
    TOO_LARGE = "too-large"  # over the documented size or number of keys
    REFUSED = "refused"  # the endpoint answered something else than 2XX
    INVALID = "invalid"  # the body is not a key set, or holds no usable key


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One usable RSA public key: ``n`` and ``e`` as in the JWK (base64url), ``bits`` the size of the modulus."""

    kid: str
    n: str
    e: str
    bits: int
    alg: str | None = None


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys behind one JWKS endpoint as one guard may see them.

    ``detail`` says why it is not ready, or which keys of a ready set are not used. ``refused`` holds the ids of
    the keys that are in the set but may not be used. ``undiscovered`` is true where it was the issuer's
    discovery document that could not be had, so that the JWKS endpoint was never asked.
    """

    name: str
    url: str
    state: KeySetState
    keys: tuple[PublicKey, ...] = ()
    detail: str = ""
    refused: tuple[str, ...] = ()
    undiscovered: bool = False


# --- what happens then -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WeightedUpstream:
    """An :class:`Upstream` by name and its share of the traffic."""

    upstream: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Forward:
    """Send the request on. ``sticky_seconds`` keeps a client on one upstream by cookie."""

    upstreams: tuple[WeightedUpstream, ...]
    sticky_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """Answer with a redirect; ``status`` is 301 or 302.

    The parts may hold ``#{protocol}``, ``#{host}``, ``#{port}``, ``#{path}`` and ``#{query}``.
    """

    status: int
    protocol: str
    host: str
    port: str
    path: str
    query: str


@dataclass(frozen=True, slots=True)
class FixedResponse:
    """Answer with this."""

    status: int
    content_type: str | None = None
    body: str = ""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The route could not be compiled: answer 500. ``code`` is the diagnostic's."""

    code: str


Action = Forward | Redirect | FixedResponse | Invoke | Proxy | Refuse


class RewriteKind(StrEnum):
    """What a rewrite changes."""

    HOST = "host"
    URL = "url"  # the path and the query together


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Replace what ``regex`` matches (``$1`` … in ``replace`` are its groups) before forwarding."""

    kind: RewriteKind
    regex: str
    replace: str


@dataclass(frozen=True, slots=True)
class Route:
    """One rule of a listener: the first whose match fits takes the request.

    ``arn`` is the resource that asked for it and ``priority`` its number as logs show it (0 for a default rule);
    ``title`` is what people call it where that is not its number, e.g. ``route GET /pets of API zoo``.
    """

    name: str
    arn: str
    priority: int
    match: Match
    action: Action
    guard: Guard | None = None
    rewrites: tuple[Rewrite, ...] = ()
    title: str = ""
    api: ApiOptions = field(default_factory=ApiOptions)


# --- where it happens ------------------------------------------------------------------------------------------------


class Flavour(StrEnum):
    """Whose answers a listener gives."""

    ALB = "alb"
    HTTP_API = "http-api"


def key_set_name(url: str, edge: Flavour) -> str:
    """Return the name of the key set that a guard sees.

    ``url`` is the JWKS endpoint of an ALB action, which is the name itself, or the issuer of an HTTP API
    authorizer.
    """
    return url if edge is Flavour.ALB else f"{edge}:{url}"


class ForwardedFor(StrEnum):
    """What becomes of X-Forwarded-For."""

    APPEND = "append"
    PRESERVE = "preserve"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class ListenerOptions:
    """The attributes of a load balancer or listener that change request handling; times in seconds.

    ``tls_headers`` are the names of the request headers for the TLS version and the cipher, if targets are told.
    """

    idle_timeout: float = 60
    client_keep_alive: float = 3600
    http2: bool = True
    preserve_host: bool = False
    drop_invalid_headers: bool = False
    forwarded_for: ForwardedFor = ForwardedFor.APPEND
    forwarded_for_port: bool = False
    tls_headers: tuple[str, str] | None = None
    server_header: bool = True
    response_headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Listener:
    """One socket. ``address`` and ``port`` are the local ones, ``public_port`` the one the author asked for.

    ``host`` is the name to assume for an HTTP/1.0 request that has no Host. ``audit_share`` is the share of requests,
    0 to 1, whose decision is made again by the reference; below 1 every refusal still is where ``audit_refusals``.
    """

    name: str
    arn: str
    flavour: Flavour
    port: int
    public_port: int
    routes: tuple[Route, ...]
    tls: Tls | None = None
    options: ListenerOptions = ListenerOptions()
    address: str = "127.0.0.1"
    host: str = "localhost"
    audit_share: float = 0.0
    audit_refusals: bool = False


class Protocol(StrEnum):
    """What is spoken to an upstream."""

    HTTP1 = "http1"
    HTTP2 = "http2"


class Balancing(StrEnum):
    """How an endpoint is chosen."""

    ROUND_ROBIN = "round-robin"
    LEAST_OUTSTANDING = "least-outstanding"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an upstream listens; an unhealthy one gets traffic only when all are."""

    address: str
    port: int
    healthy: bool = True


@dataclass(frozen=True, slots=True)
class Bridge:
    """A Unix socket on which the control plane itself serves an upstream.

    It is told the upstream's name with each request, and tells the reason of a refusal with its answer.
    """

    socket: str


@dataclass(frozen=True, slots=True)
class Remote:
    """A host that is looked up by name, or an IP address.

    With TLS its certificate has to be good for ``server_name``, by the roots in the PEM file ``roots``.
    """

    host: str
    port: int
    tls: bool = False
    server_name: str = ""
    roots: str = ""


@dataclass(frozen=True, slots=True)
class Upstream:
    """A group of endpoints, or a bridge or a remote host in their place.

    ``sticky_seconds`` is the life of the cookie that keeps a client on one endpoint.
    """

    name: str
    arn: str
    endpoints: tuple[Endpoint, ...]
    protocol: Protocol = Protocol.HTTP1
    tls: bool = False
    balancing: Balancing = Balancing.ROUND_ROBIN
    connect_timeout: float = 10
    slow_start: float = 0
    sticky_seconds: int | None = None
    sticky_cookie: str | None = None
    bridge: Bridge | None = None
    remote: Remote | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """All that the edge does, at one version of the model.

    ``choices`` answer what AWS leaves open. ``probe`` is the name of a header that only the control plane knows: a
    guarded route answers a request that has it with its decision and forwards nothing.
    """

    listeners: tuple[Listener, ...] = ()
    upstreams: tuple[Upstream, ...] = ()
    key_sets: tuple[KeySet, ...] = ()
    probe: str = field(default="", repr=False)
    choices: Choices = DEFAULT_CHOICES
