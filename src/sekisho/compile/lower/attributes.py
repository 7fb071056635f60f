"""Reading attributes: they are stored as text under AWS's keys.

Keys and defaults: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
"""

import re
from collections.abc import Mapping

from sekisho.model.ir import ForwardedFor, ListenerOptions

_TOKEN = re.compile(r"[a-z0-9_-]+")
_FRAMING = frozenset({"host", "connection", "content-length", "transfer-encoding", "te", "upgrade", "expect"})
_EDGES_OWN = ("x-sekisho-", "x-envoy-")
_RESPONSE_HEADERS = (
    "strict_transport_security",
    "access_control_allow_origin",
    "access_control_allow_methods",
    "access_control_allow_headers",
    "access_control_allow_credentials",
    "access_control_expose_headers",
    "access_control_max_age",
    "content_security_policy",
    "x_content_type_options",
    "x_frame_options",
)


def is_on(attributes: Mapping[str, str], key: str, *, default: bool) -> bool:
    """Return a boolean attribute."""
    return {"true": True, "false": False}.get(attributes.get(key, ""), default)


def number(attributes: Mapping[str, str], key: str, default: int) -> int:
    """Return a numeric attribute; the default stands for anything that is not a number."""
    text = attributes.get(key, "")
    return int(text) if text.isascii() and text.isdigit() else default


def lower_options(balancer: Mapping[str, str], listener: Mapping[str, str]) -> ListenerOptions:
    """Return the options of a listener from its load balancer's attributes and its own."""
    mode = balancer.get("routing.http.xff_header_processing.mode", "append")
    return ListenerOptions(
        idle_timeout=number(balancer, "idle_timeout.timeout_seconds", 60),
        client_keep_alive=number(balancer, "client_keep_alive.seconds", 3600),
        http2=is_on(balancer, "routing.http2.enabled", default=True),
        preserve_host=is_on(balancer, "routing.http.preserve_host_header.enabled", default=False),
        drop_invalid_headers=is_on(
            balancer, "routing.http.drop_invalid_header_fields.enabled", default=False
        ),
        forwarded_for=ForwardedFor(mode) if mode in set(ForwardedFor) else ForwardedFor.APPEND,
        forwarded_for_port=is_on(balancer, "routing.http.xff_client_port.enabled", default=False),
        tls_headers=_tls_headers(balancer, listener),
        server_header=is_on(listener, "routing.http.response.server.enabled", default=True),
        response_headers=tuple(_response_headers(listener)),
    )


def _tls_headers(balancer: Mapping[str, str], listener: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the names of the headers that tell targets the TLS version and cipher; None where they are not told."""
    if not is_on(balancer, "routing.http.x_amzn_tls_version_and_cipher_suite.enabled", default=False):
        return None
    return _renamed(listener, "x-amzn-tls-version"), _renamed(listener, "x-amzn-tls-cipher-suite")


def _renamed(listener: Mapping[str, str], name: str) -> str:
    """Return the name that a listener gives a request header, or the header's own where that would break requests."""
    given = listener.get(f"routing.http.request.{name.replace('-', '_')}.header_name", "").lower()
    is_free = _TOKEN.fullmatch(given) and given not in _FRAMING and not given.startswith(_EDGES_OWN)
    return given if is_free else name


def _response_headers(listener: Mapping[str, str]) -> list[tuple[str, str]]:
    found = []
    for name in _RESPONSE_HEADERS:
        value = listener.get(f"routing.http.response.{name}.header_value", "")
        if value and value.isascii() and value.isprintable():
            found.append((name.replace("_", "-"), value))
    return found
