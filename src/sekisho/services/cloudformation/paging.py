"""NextToken of the list operations."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sekisho.kernel.errors import ServiceError

T = TypeVar("T")

_PAGE = 100


def page(items: Sequence[T], request: Mapping[str, Any]) -> tuple[Sequence[T], dict[str, str]]:
    """Return one page of the items, and ``NextToken`` as an output member where more follow.

    A token holds how many items came before.

    Raises:
        ServiceError: ValidationError for a token that was not handed out here.
    """
    token = request.get("NextToken") or "0"
    if not (token.isascii() and token.isdigit()):
        raise ServiceError("ValidationError", f"NextToken {token} is not valid")
    end = int(token) + _PAGE
    return items[int(token) : end], {"NextToken": str(end)} if end < len(items) else {}
