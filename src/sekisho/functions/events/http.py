"""What the event shapes share: one request, one response, and when a body is text."""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sekisho.kernel.errors import SekishoError


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request on its way to a function: header names in lower case and in their order, the query as it was sent.

    ``spelling`` maps names of headers to what the client has written, where that is known.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    spelling: Mapping[str, str] = field(default_factory=dict)


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


_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def encode_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return headers as they can be sent: each character of a value is one byte, its text being UTF-8.

    Raises:
        InvalidResponseError: a name is none, or a value has a line break or another control character in it.
    """
    encoded: list[tuple[str, str]] = []
    for name, value in headers:
        text = _to_utf8(value.strip(" \t")).decode("latin-1")
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(text):
            raise InvalidResponseError(f"the header {name!r} cannot be sent")
        encoded.append((name, text))
    return tuple(encoded)


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
        return _to_utf8(text)
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise InvalidResponseError("body is not valid base64 though isBase64Encoded is true") from None


def _to_utf8(text: str) -> bytes:
    """Return text as UTF-8; half a surrogate pair, which JSON can hold, is replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
