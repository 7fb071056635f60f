"""``sekisho status``: what a running server has to say of itself."""

import sys
from typing import Any

from sekisho.cli.client import get_json
from sekisho.cli.console import FAILED, out, print_json, reports_errors
from sekisho.cli.options import Json, ServerHost, ServerPort, ServerUrl, server_url
from sekisho.cli.report import print_diagnostics, print_endpoints


@reports_errors
def status(
    host: ServerHost = None, port: ServerPort = None, url: ServerUrl = None, json: Json = False
) -> None:
    """Show health, what listens where, and what is wrong.

    Asks a running server for its health, its endpoints and the diagnostics of its configuration.

    Exit status 0 when every part is ready and no diagnostic is an error, 1 when not, 2 when no server answers.
    """
    server = server_url(url, host, port)
    found: dict[str, Any] = {
        name: get_json(server, f"/_sekisho/{name}")[1] for name in ("health", "endpoints", "diagnostics")
    }
    errors = [one for one in found["diagnostics"] if one["severity"] == "error"]
    is_well = found["health"]["status"] == "ok" and not errors
    if json:
        print_json({"url": server, **found})
    else:
        _print(server, found)
    if not is_well:
        sys.exit(FAILED)


def _print(server: str, found: dict[str, Any]) -> None:
    health = found["health"]
    out.print(f"sekisho {health['version']} on {server}: {health['status']}")
    for part, state in health["parts"].items():
        if state != "ok":
            out.print(f"  {part}: {state}", style="red", markup=False)
    print_endpoints(found["endpoints"])
    print_diagnostics(found["diagnostics"])
