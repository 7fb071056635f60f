"""The ``sekisho`` command: its subcommands, in the order that help shows them."""

import typer

from sekisho import __version__
from sekisho.cli.ca import ca
from sekisho.cli.demo.command import demo
from sekisho.cli.explain import explain
from sekisho.cli.outbox import outbox
from sekisho.cli.serve import serve
from sekisho.cli.status import status
from sekisho.cli.up import up
from sekisho.cli.url import url

app = typer.Typer(
    name="sekisho",
    help="A self-hosted JWT edge compatible with AWS: ALB jwt-validation, HTTP API authorizers and token issuers.",
    no_args_is_help=True,
    # Plain help keeps to the width of the terminal and reads the same in a log.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sekisho {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", help="Print the version and exit.", is_eager=True, callback=_print_version
    ),
) -> None:
    """Hold what belongs to every subcommand."""


app.command()(demo)
app.command()(up)
app.command()(serve)
app.command()(explain)
app.command()(status)
app.command()(url)
app.command()(outbox)
app.command()(ca)
