"""Which operations of which AWS service run here, and what becomes of every member of their shapes."""

from collections.abc import Mapping
from dataclasses import dataclass

from scripts.reference.markdown import codes, page, table

from sekisho.services import SERVICES
from sekisho.services.ledger import Support
from sekisho.services.registry import Service
from sekisho.wire.models import load_service_model

_PROTOCOLS = {"query": "the query protocol", "json": "JSON 1.1", "rest-json": "REST and JSON"}


@dataclass(frozen=True, slots=True)
class Count:
    """How much of a service runs here."""

    title: str
    supported: int
    all_operations: int
    enforced: int
    stored: int
    rejected: int


def title_of(service: Service) -> str:
    """Return the service's full name, e.g. ``AWS Lambda``."""
    return str(load_service_model(service.name).metadata["serviceFullName"])


def count(service: Service) -> Count:
    """Count operations, and members by what becomes of them."""
    supports = [support for members in service.ledger.values() for support in members.values()]
    return Count(
        title_of(service),
        len(service.operations),
        len(load_service_model(service.name).operation_names),
        *(supports.count(support) for support in (Support.ENFORCED, Support.STORED, Support.REJECTED)),
    )


def render_operations() -> str:
    """Return the page of operations."""
    rows = [
        [f"[{one.title}](#{service.name})", str(one.supported), str(one.all_operations - one.supported)]
        for service in SERVICES
        for one in [count(service)]
    ]
    intro = (
        "An operation is supported, or it is refused with HTTP 501 and nothing is changed. No operation answers "
        "without doing what it says. What becomes of each member of a supported operation stands in the ledger of "
        "its service. The list of operations is botocore's."
    )
    parts = [intro, table(["Service", "Supported", "Refused"], rows)]
    for service in SERVICES:
        parts += _operations_of(service)
    return page("Operations", *parts)


def _operations_of(service: Service) -> list[str]:
    model = load_service_model(service.name)
    refused = [name for name in model.operation_names if name not in service.operations]
    protocol = model.metadata["protocol"]
    facts = (
        f"botocore's name: `{service.name}`, API version {model.api_version}, over {_PROTOCOLS[protocol]}."
    )
    return [
        f'<a id="{service.name}"></a>\n\n## {title_of(service)}',
        f"{facts} Members: [ledger](ledger-{service.name}.md).",
        f"Supported ({len(service.operations)}): {codes(sorted(service.operations))}",
        f"Refused ({len(refused)}): {codes(refused)}" if refused else "",
    ]


def render_ledger(service: Service) -> str:
    """Return the page of a service's ledger."""
    found = count(service)
    intro = (
        "*Enforced*: it changes traffic, tokens or what other operations answer. *Stored*: accepted and echoed, and "
        "nothing else. *Rejected*: a request that uses it is refused with an error that names it, and nothing is "
        "changed."
    )
    total = f"{found.enforced} members are enforced, {found.stored} stored and {found.rejected} rejected."
    rows = [_ledger_row(shape, members) for shape, members in sorted(service.ledger.items())]
    return page(
        f"Ledger of {title_of(service)}",
        intro,
        total,
        table(["Shape", "Enforced", "Stored", "Rejected"], rows),
    )


def _ledger_row(shape: str, members: Mapping[str, Support]) -> list[str]:
    kinds = (Support.ENFORCED, Support.STORED, Support.REJECTED)
    return [
        f"`{shape}`",
        *(codes(name for name, support in members.items() if support is kind) for kind in kinds),
    ]
