"""Token requests, from bytes to parameters: JSON, form, HTTP Basic (RFC 6749 sections 2.3.1 and 3.2)."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from sekisho.kernel.errors import OAuthError
from sekisho.kernel.secret import Secret

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_MAX_PARAMETERS = 100


class MalformedCredentialsError(OAuthError):
    """The Authorization header says Basic and is not that."""

    def __init__(self) -> None:
        super().__init__("invalid_request", "The Authorization header is not HTTP Basic")


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A token request, read once.

    Attributes:
        params: the parameters but the client's credentials; one without a value was omitted.
        client_id: from the body or from HTTP Basic, or None.
        client_secret: likewise.
    """

    params: Mapping[str, str] = field(repr=False)
    client_id: str | None
    client_secret: Secret | None

    def get(self, name: str) -> str | None:
        """Return a parameter, or None where it was omitted."""
        return self.params.get(name)


def decode_token_request(
    content_type: str, authorization: str | None, body: bytes, *, accept_json: bool = True
) -> TokenRequest:
    """Return what a token request asks for.

    ``content_type`` and ``authorization`` are the headers; a body without a type is a form.

    Raises:
        OAuthError: ``invalid_request``: it cannot be read, or says a thing twice.
        MalformedCredentialsError: the same, for the Authorization header.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == JSON and accept_json:
        pairs = _decode_json(body)
    elif media_type in (FORM, ""):
        pairs = _decode_form(body)
    else:
        allowed = f"{JSON} or {FORM}" if accept_json else FORM
        raise OAuthError("invalid_request", f"Content-Type must be {allowed}")
    params = {name: value for name, value in pairs if value}
    if len({name for name, _ in pairs}) != len(pairs):  # AUTH0-16
        raise OAuthError("invalid_request", "A parameter is included more than once")
    client_id, secret = params.pop("client_id", None), params.pop("client_secret", None)
    basic_id, basic_secret = _decode_basic(authorization)
    if (basic_id is not None and client_id not in (None, basic_id)) or (secret and basic_secret):  # AUTH0-17
        raise OAuthError("invalid_request", "The client authenticates in more than one way")
    secret = secret or basic_secret
    return TokenRequest(params, client_id or basic_id, Secret(secret) if secret else None)


def _decode_json(body: bytes) -> list[tuple[str, str]]:
    malformed = OAuthError("invalid_request", "The body is not a JSON object of strings")
    try:
        pairs = json.loads(body, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        raise malformed from None
    if not isinstance(pairs, _Pairs):
        raise malformed
    for name, value in pairs:
        if not isinstance(value, str):
            raise OAuthError("invalid_request", f"The parameter {name[:40]} is not a string")
    return list(pairs)


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object, duplicates included; not to be mistaken for a JSON array."""


def _decode_form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS
        )
    except ValueError:
        raise OAuthError("invalid_request", "The body is not a form") from None


def _decode_basic(authorization: str | None) -> tuple[str | None, str | None]:
    scheme, _, credentials = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise MalformedCredentialsError from None
    name, colon, secret = text.partition(":")
    if not colon or not name:
        raise MalformedCredentialsError
    # RFC 6749 section 2.3.1 has both form-encoded, which most clients leave out: a "+" stays the "+" of a secret.
    return unquote(name), unquote(secret) or None
