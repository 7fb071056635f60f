"""One HTTP request and one HTTP response, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

REQUEST_ID_HEADER = "x-amzn-RequestId"

_PRINTABLE = frozenset(chr(code) for code in range(0x20, 0x7F))


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as it came over the wire.

    Attributes:
        method: upper-case.
        path: the raw path, still percent-encoded: an ARN in it needs its ``%2F``, and so does a signature.
        query: the raw query string without ``?``.
        headers: names in lower case; several headers of one name joined with a comma.
        body: the whole body.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def query_pairs(self) -> list[tuple[str, str]]:
        """Return the names and values of the query string, decoded, in their order."""
        return parse_qsl(self.query, keep_blank_values=True)


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response. ``headers`` keep their order; ``Content-Length`` is the server's to add."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def header_value(text: str) -> str:
    """Return the text as one safe header value: what is not printable ASCII becomes ``?``, spaces around it go.

    Source: RFC 9110 section 5.5.
    """
    return "".join(char if char in _PRINTABLE else "?" for char in text).strip(" ")
