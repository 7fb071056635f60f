"""The ledger: what becomes of every member of every AWS shape.

Each member is in exactly one set. *Enforced*: it changes traffic or tokens. *Stored*: accepted and echoed. *Rejected*:
refused with a clear error. The compatibility tables are generated from here, and the refusals are made from here.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

Ledger = Mapping[str, Mapping[str, "Support"]]
"""Shape name -> member name -> support."""


class Support(StrEnum):
    """What becomes of a member."""

    ENFORCED = "enforced"
    STORED = "stored"
    REJECTED = "rejected"


def members(*, enforced: str = "", stored: str = "", rejected: str = "") -> dict[str, Support]:
    """Return the ledger of one shape from three space-separated lists of member names.

    Raises:
        ValueError: a member is named twice.
    """
    ledger: dict[str, Support] = {}
    lists = ((Support.ENFORCED, enforced), (Support.STORED, stored), (Support.REJECTED, rejected))
    for support, names in lists:
        for name in names.split():
            if name in ledger:
                raise ValueError(f"member {name} stands in the ledger twice")
            ledger[name] = support
    return ledger


def merge(*ledgers: Ledger) -> Ledger:
    """Return one ledger of several; a shape may stand in one only.

    Raises:
        ValueError: two ledgers name the same shape.
    """
    merged: dict[str, Mapping[str, Support]] = {}
    for ledger in ledgers:
        twice = merged.keys() & ledger.keys()
        if twice:
            raise ValueError(f"shapes in two ledgers: {sorted(twice)}")
        merged.update(ledger)
    return merged


def find_rejected(ledger: Ledger, shape: Shape, value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each rejected member that the value uses, e.g. ``actions.1.member.authenticateOidcConfig``."""
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        support = ledger.get(shape.name, {})
        for name, inner in value.items():
            if inner is None or name not in shape.members:
                continue
            step = f"{path}.{_lower_first(name)}" if path else _lower_first(name)
            if support.get(name) is Support.REJECTED:
                yield step
            else:
                yield from find_rejected(ledger, shape.members[name], inner, step)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from find_rejected(ledger, shape.member, inner, f"{path}.{number}.member")
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        for key, inner in value.items():
            yield from find_rejected(ledger, shape.value, inner, f"{path}.{key}")


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]
