"""Marker and PageSize of the Describe operations."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sekisho.services.elbv2.errors import validation_error

T = TypeVar("T")

_LARGEST_PAGE = 400


def page(items: Sequence[T], request: Mapping[str, Any]) -> tuple[Sequence[T], dict[str, str]]:
    """Return one page of the items, and ``NextMarker`` as an output member where more follow.

    A marker holds how many items came before; without a PageSize a page is as large as AWS allows.

    Raises:
        ServiceError: ValidationError for a marker that was not handed out here.
    """
    start = _decode_marker(request["Marker"]) if request.get("Marker") else 0
    end = start + (request.get("PageSize") or _LARGEST_PAGE)
    more = {"NextMarker": base64.urlsafe_b64encode(str(end).encode()).decode()} if end < len(items) else {}
    return items[start:end], more


def _decode_marker(marker: str) -> int:
    try:
        text = base64.b64decode(marker.encode("ascii"), altchars=b"-_", validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        text = ""
    if not text.isdigit() or len(text) > 9:
        raise validation_error(f"The marker '{marker}' is not valid")
    return int(text)
