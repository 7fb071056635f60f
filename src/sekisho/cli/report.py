"""How what listens, and what is wrong, is shown on a terminal; the values are those of the JSON endpoints."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.markup import escape

from sekisho.cli.console import out

_ORDER = {"error": 0, "warning": 1, "info": 2}
_STYLE = {"error": "bold red", "warning": "yellow", "info": "dim"}
KINDS = {
    "alb-listener": "load balancer",
    "http-api": "HTTP API",
    "user-pool": "user pool",
    "tenant": "token issuer",
}
"""The kinds of things that listen, and what people call them."""


def heading(text: str) -> None:
    """Print the heading of a section."""
    out.print(f"\n[bold]{escape(text)}[/]")


def print_endpoints(endpoints: Iterable[Mapping[str, Any]]) -> None:
    """Print what listens, and where."""
    found = list(endpoints)
    heading("Listening" if found else "Nothing listens yet")
    width = max((len(one["url"]) for one in found), default=0)
    for one in found:
        kind = KINDS.get(one["kind"], one["kind"])
        also = f", also {one['hostname']}" if one.get("hostname") else ""
        out.print(f"  [cyan]{one['url']:<{width}}[/]  {kind} {escape(one['name'] + also)}")


def print_diagnostics(diagnostics: Iterable[Mapping[str, Any]]) -> None:
    """Print what is wrong, errors first; nothing where nothing is."""
    found = sorted(diagnostics, key=lambda one: _ORDER[one["severity"]])
    if not found:
        return
    heading("Diagnostics")
    for one in found:
        style = _STYLE[one["severity"]]
        out.print(f"  [{style}]{one['severity']} {one['code']}[/] {escape(one['arn'])}")
        out.print(f"    {escape(one['message'])}")
