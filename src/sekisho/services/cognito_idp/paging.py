"""The pages of the List operations: a token says how many items came before."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sekisho.services.cognito_idp import errors

T = TypeVar("T")

LARGEST_PAGE = 60


def page(items: Sequence[T], limit: int | None, token: str | None) -> tuple[Sequence[T], str | None]:
    """Return one page of the items, and the token for the next where more follow.

    Raises:
        ServiceError: InvalidParameterException for a token that was not handed out here.
    """
    start = _decode(token) if token else 0
    end = start + (limit or LARGEST_PAGE)
    more = base64.urlsafe_b64encode(f"{end}".encode()).decode() if end < len(items) else None
    return items[start:end], more


def list_page(
    request: Mapping[str, Any], items: Sequence[T], name: str, encode: Callable[[T], Any], *, limit: str
) -> dict[str, Any]:
    """Return the output of a List operation: one page, encoded, under a name; ``limit`` is the member with its size.

    Raises:
        ServiceError: as for :func:`page`.
    """
    shown, token = page(items, request.get(limit), request.get("NextToken"))
    return {name: [encode(item) for item in shown], "NextToken": token}


def _decode(token: str) -> int:
    try:
        return int(base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)[:9])
    except (ValueError, binascii.Error):
        raise errors.invalid_parameter("Invalid pagination token") from None
