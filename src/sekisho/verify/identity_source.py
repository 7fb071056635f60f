"""Where an HTTP API's authorizer finds the token: one header or one query parameter."""

from collections.abc import Sequence
from urllib.parse import unquote_to_bytes


def read_values(headers: Sequence[tuple[str, str]], name: str) -> list[str]:
    """Return the values of a header, without the white space around them.

    Of several Authorization headers the empty ones vanish: Envoy folds the fields of this name into one.
    """
    values = [value.strip(" \t") for key, value in headers if key.lower() == name.lower()]
    if name.lower() != "authorization":
        return values
    return [value for value in values if value] or values[:1]


def read_header(headers: Sequence[tuple[str, str]], name: str) -> str:
    """Return the values of a header joined by commas (HTTP-JWT-04); empty when there is none."""
    return ",".join(read_values(headers, name))


def read_parameter(query: str, name: str) -> str:
    """Return the values of a query parameter, percent-decoded and joined by commas (HTTP-JWT-05).

    A plus sign stays one, a percent sign that starts no escape too.
    """
    pairs = [pair.partition("=") for pair in query.split("&")]
    values = [value for key, _, value in pairs if unquote_to_bytes(key) == name.encode()]
    return ",".join(unquote_to_bytes(value).decode("latin-1") for value in values)
