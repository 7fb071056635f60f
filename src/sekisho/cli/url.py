"""``sekisho url``: where one thing listens, for scripts and shells."""

from typing import Annotated

import typer

from sekisho.cli.client import get_json
from sekisho.cli.console import reports_errors
from sekisho.cli.options import ServerHost, ServerPort, ServerUrl, server_url
from sekisho.cli.report import KINDS
from sekisho.kernel.errors import UsageError

What = Annotated[
    str,
    typer.Argument(
        metavar="WHAT",
        help=f"A kind ({', '.join(KINDS)}), a name as status shows it, or an ARN.",
        autocompletion=lambda: list(KINDS),
        show_default=False,
    ),
]


@reports_errors
def url(what: What, host: ServerHost = None, port: ServerPort = None, server: ServerUrl = None) -> None:
    """Print the URL of one thing that listens.

    For instance: curl $(sekisho url http-api)/items. The URL is the base to which AWS's own path is appended. Exit
    status 2 when nothing is called so, or more than one thing.
    """
    _, endpoints = get_json(server_url(server, host, port), "/_sekisho/endpoints")
    found = [one for one in endpoints if what in {one["kind"], one["name"], one["arn"]}]
    if len(found) != 1:
        listed = "".join(f"\n  {one['kind']} {one['name']} {one['url']}" for one in found or endpoints)
        told = "more than one thing is" if found else "nothing that listens is"
        raise UsageError(
            f"{told} called {what!r}{':' if found else '; there is:' if endpoints else ''}{listed}"
        )
    typer.echo(found[0]["url"])
