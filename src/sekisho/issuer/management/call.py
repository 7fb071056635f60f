"""One call of the Management API, and how its answers are listed."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sekisho.issuer.context import IssuerContext
from sekisho.issuer.management.errors import invalid_query
from sekisho.model.tenants import Tenant

_PAGING = ("page", "per_page", "include_totals", "fields", "include_fields")
_PER_PAGE = 50
_MOST_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is allowed.

    Attributes:
        ctx: state, clock, ids.
        tenant: whose API is called.
        path: the variable parts of the path by name.
        query: the parameters of the query string.
        body: the JSON body, or None.
        permissions: those of the token, or None for the operator of this machine, who may do everything.
    """

    ctx: IssuerContext
    tenant: Tenant
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = field(repr=False)
    permissions: Collection[str] | None

    def has(self, permission: str) -> bool:
        """Tell whether the caller has the permission."""
        return self.permissions is None or permission in self.permissions


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer; ``body`` None is an empty one."""

    status: int
    body: Any = field(default=None, repr=False)


Handler = Callable[[Call], Answer]


def check_query(call: Call, known: Collection[str] = ()) -> None:
    """Check that the query string has no other parameters than those.

    Raises:
        ManagementError: it has.
    """
    for name in call.query:
        if name not in known:
            raise invalid_query(f"Additional properties not allowed: {name}")


def answer_list(
    call: Call, member: str, items: Sequence[dict[str, Any]], filters: Collection[str] = ()
) -> Answer:
    """Return a page of a list, and the totals where they are asked for.

    Raises:
        ManagementError: a parameter is not known or not valid.
    """
    check_query(call, (*_PAGING, *filters))
    page = _number(call, "page", 0, None)
    per_page = _number(call, "per_page", _PER_PAGE, _MOST_PER_PAGE)
    start = page * per_page
    shown = [choose_fields(call, item) for item in items[start : start + per_page]]
    if not _flag(call, "include_totals", default=False):
        return Answer(200, shown)
    totals = {"start": start, "limit": per_page, "length": len(shown), "total": len(items)}
    return Answer(200, {**totals, member: shown})


def choose_fields(call: Call, item: dict[str, Any]) -> dict[str, Any]:
    """Return the members that ``fields`` and ``include_fields`` ask for."""
    if "fields" not in call.query:
        return item
    named = call.query["fields"].split(",")
    include = _flag(call, "include_fields", default=True)
    return {name: value for name, value in item.items() if (name in named) is include}


def _number(call: Call, name: str, default: int, most: int | None) -> int:
    text = call.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise invalid_query("Expected type integer but found type string", name)
    number = int(text)
    if most is not None and number > most:
        raise invalid_query(f"Value {number} is greater than maximum {most}", name)
    return number


def _flag(call: Call, name: str, *, default: bool) -> bool:
    text = call.query.get(name)
    if text is None:
        return default
    if text not in ("true", "false"):
        raise invalid_query("Expected type boolean but found type string", name)
    return text == "true"
