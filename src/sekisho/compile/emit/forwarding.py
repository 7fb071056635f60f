"""The headers that a target and a client get from the edge.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
"""

from envoy.config.core.v3.base_pb2 import HeaderValue, HeaderValueOption
from envoy.config.route.v3.route_pb2 import RouteConfiguration

from sekisho.compile.emit.early import SIZE_HEADER
from sekisho.compile.emit.filters.bridge import FUNCTION_METADATA
from sekisho.compile.emit.resources import set_header
from sekisho.model.ir import ForwardedFor, Listener, ListenerOptions

_FORWARDED_FOR = "x-forwarded-for"
ENVOYS_OWN_HEADERS = ("x-envoy-external-address", "x-envoy-internal", "x-envoy-expected-rq-timeout-ms")
"""What Envoy adds to requests and nobody else has to see."""


def add_forwarding_headers(table: RouteConfiguration, listener: Listener) -> None:
    """Add to a route table what becomes of the headers of forwarded requests."""
    options = listener.options
    table.request_headers_to_remove.extend((*ENVOYS_OWN_HEADERS, SIZE_HEADER))
    table.request_headers_to_add.extend(_forwarded_for(options))
    table.request_headers_to_add.append(
        set_header("x-forwarded-proto", "http" if listener.tls is None else "https")
    )
    table.request_headers_to_add.append(set_header("x-forwarded-port", str(listener.public_port)))
    if options.forwarded_for is ForwardedFor.REMOVE:
        table.request_headers_to_remove.append(_FORWARDED_FOR)
    if options.tls_headers is not None and listener.tls is not None:
        version, cipher = options.tls_headers
        table.request_headers_to_add.append(set_header(version, "%DOWNSTREAM_TLS_VERSION%"))
        table.request_headers_to_add.append(set_header(cipher, "%DOWNSTREAM_TLS_CIPHER%"))


def response_headers(options: ListenerOptions) -> list[HeaderValueOption]:
    """Return the headers that replace the target's: the listener attributes ``routing.http.response.*``.

    They stand on answers of targets and on fixed responses, not on the load balancer's own pages.
    """
    return [set_header(name, _unless_own(value)) for name, value in options.response_headers]


def _unless_own(value: str) -> str:
    """Return a format that gives the value, or nothing, which sets no header, on an answer of the edge's own.

    Envoy adds the headers of a route to the answers of its filters too: a guard's 401, a missing target's 503. The
    bridge's refusals are pages as well; they leave a reason.
    """
    # EDGE-19
    theirs = "has(response.code_details) && response.code_details in ['via_upstream', 'direct_response']"
    page = f"'{FUNCTION_METADATA}' in metadata.filter_metadata"
    return f"%CEL({theirs} && !({page}) ? '{_in_cel(value)}' : '')%"


def _in_cel(text: str) -> str:
    """Return ASCII text as it stands in a string of CEL inside a format: what either gives a meaning is escaped."""
    return "".join(
        character if character.isalnum() or character in " -_/;=,." else f"\\x{ord(character):02x}"
        for character in text
    )


def _forwarded_for(options: ListenerOptions) -> list[HeaderValueOption]:
    if options.forwarded_for is not ForwardedFor.APPEND:
        return []
    peer = (
        "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%"
        if options.forwarded_for_port
        else "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%"
    )
    # EDGE-11: both look at the request as it came, so exactly one of them acts.
    return [
        HeaderValueOption(
            header=HeaderValue(key=_FORWARDED_FOR, value=f"%REQ({_FORWARDED_FOR})%, {peer}"),
            append_action=HeaderValueOption.OVERWRITE_IF_EXISTS,
        ),
        HeaderValueOption(
            header=HeaderValue(key=_FORWARDED_FOR, value=peer),
            append_action=HeaderValueOption.ADD_IF_ABSENT,
        ),
    ]
