"""``sekisho up``: a server with stacks in it, from templates, cloud assemblies and examples."""

from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.collector import spare_what_is_there
from sekisho.cli.console import print_json, reports_errors
from sekisho.cli.options import CaBundle, Data, Ephemeral, Host, Json, LogLevel, Port, settings_from
from sekisho.cli.signals import run, until_interrupted
from sekisho.kernel.settings import Settings

Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH",
        help="A CloudFormation template, a cdk.out, or a folder that holds one, beside a sekisho.yaml or not.",
        show_default=False,
    ),
]
ShowSecrets = Annotated[
    bool, typer.Option("--show-secrets", help="Print the client secrets of the declared applications.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Leave out what containers print.")]


@reports_errors
def up(  # noqa: PLR0913, PLR0917 - a parameter for each option
    paths: Paths,
    host: Host = None,
    port: Port = None,
    data: Data = None,
    ephemeral: Ephemeral = False,
    ca_bundle: CaBundle = None,
    log_level: LogLevel = None,
    json: Json = False,
    quiet: Quiet = False,
    show_secrets: ShowSecrets = False,
) -> None:
    """Serve, and deploy what the paths name; stay until Ctrl-C.

    Each path is a template, what cdk synth wrote, or a folder with one of them. A sekisho.yaml beside it binds what a
    laptop has no cloud for: containers, token issuers, parameters, ports, certificates. The state is kept: a second
    run changes what has changed in the template and nothing else.

    Exit status 1 when a stack is refused or rolled back, with the line of the template at fault.
    """
    settings = settings_from(
        host=host, port=port, data=data, ephemeral=ephemeral, ca_bundle=ca_bundle, log_level=log_level
    )
    run(_up(paths, settings, as_json=json, quiet=quiet, show_secrets=show_secrets))


async def _up(
    paths: list[Path], settings: Settings, *, as_json: bool, quiet: bool, show_secrets: bool
) -> None:
    from sekisho.app import Server
    from sekisho.cli.deployed import describe, print_description
    from sekisho.cli.progress import DeploymentProgress
    from sekisho.serve.logs import configure_logging
    from sekisho.serve.sources import load_source

    configure_logging(settings.log_level)
    sources = [load_source(path) for path in paths]
    async with Server(settings) as server:
        progress = DeploymentProgress(show_output=not quiet)
        with progress:
            deployed = await server.deployer.deploy(sources, progress)
        description = await describe(server, deployed, show_secrets=show_secrets)
        if as_json:
            print_json(description)
        else:
            print_description(description)
        spare_what_is_there()
        await until_interrupted()
