"""Where an HTTP API's authorizer finds the token: one header or one query parameter."""

from collections.abc import Sequence
from urllib.parse import unquote


def read_header(headers: Sequence[tuple[str, str]], name: str) -> str:
    """Return the values of a header joined by commas (HTTP-JWT-04); empty when there is none."""
    return ",".join(value.strip(" \t") for key, value in headers if key.lower() == name.lower())


def read_parameter(query: str, name: str) -> str:
    """Return the values of a query parameter, percent-decoded and joined by commas (HTTP-JWT-05).

    A plus sign stays one, a percent sign that starts no escape too.
    """
    pairs = [pair.partition("=") for pair in query.split("&")]
    found = (unquote(value, "latin-1") for key, _, value in pairs if unquote(key, "latin-1") == name)
    return ",".join(found)
