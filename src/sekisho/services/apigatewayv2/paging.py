"""MaxResults and NextToken of the operations that list."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sekisho.services.apigatewayv2.errors import bad_request

T = TypeVar("T")

_LARGEST_PAGE = 500


def page(
    items: Sequence[T], request: Mapping[str, Any], encode: Callable[[T], dict[str, Any]]
) -> dict[str, Any]:
    """Return one page as ``Items``, with ``NextToken`` where more follow.

    Raises:
        ServiceError: MaxResults is no positive number, or the token was not handed out here.
    """
    start = _decode_token(request["NextToken"]) if request.get("NextToken") else 0
    end = start + _decode_size(request.get("MaxResults"))
    listed: dict[str, Any] = {"Items": [encode(each) for each in items[start:end]]}
    if end < len(items):
        listed["NextToken"] = base64.urlsafe_b64encode(str(end).encode()).decode()
    return listed


def _decode_size(text: str | None) -> int:
    if text is None:
        return _LARGEST_PAGE
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise bad_request(f"Invalid value '{text}' specified for MaxResults")
    return min(int(text), _LARGEST_PAGE)


def _decode_token(token: str) -> int:
    try:
        text = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        text = ""
    if not text.isdigit() or len(text) > 9:
        raise bad_request("Invalid next token specified")
    return int(text)
