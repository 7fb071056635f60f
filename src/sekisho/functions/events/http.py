"""What the event shapes share: one request, one response, and when a body is text."""

import base64
from dataclasses import dataclass

from sekisho.kernel.errors import SekishoError


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request on its way to a function: header names in lower case and in their order, the query as it was sent."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A function's answer; ``reason`` is the status text where the function gave one."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    reason: str = ""


class InvalidResponseError(SekishoError):
    """A function's answer does not have the documented form; the message says what is wrong."""


_HOP_BY_HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "trailers",
        "transfer-encoding", "upgrade", "content-length",
    }
)  # fmt: skip


def is_hop_by_hop(name: str) -> bool:
    """Tell whether a header belongs to one connection (RFC 9110 section 7.6.1), or is computed anew."""
    return name.lower() in _HOP_BY_HOP


def encode_body(body: bytes, *, is_text: bool) -> tuple[str, bool]:
    """Return the body as a string, and whether it is base64; what is not UTF-8 always is."""
    if is_text:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True


def decode_body(text: str, *, is_base64: bool) -> bytes:
    """Return the bytes of a body.

    Raises:
        InvalidResponseError: it claims to be base64 and is not.
    """
    if not is_base64:
        return text.encode()
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise InvalidResponseError("body is not valid base64 though isBase64Encoded is true") from None
