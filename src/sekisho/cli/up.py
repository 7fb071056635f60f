"""``sekisho up``: a server with stacks in it, from templates, cloud assemblies and examples."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sekisho.cli.collector import spare_what_is_there
from sekisho.cli.console import print_json, reports_errors
from sekisho.cli.options import CaBundle, Data, Ephemeral, Host, Json, LogLevel, Port, settings_from
from sekisho.cli.signals import run, until_interrupted
from sekisho.kernel.settings import Settings, inherited_environment

if TYPE_CHECKING:
    from sekisho.serve.sources import Source

Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH",
        help="A CloudFormation template, a cdk.out, a CDK app, or a folder with a template.",
        show_default=False,
    ),
]
Synth = Annotated[
    bool,
    typer.Option(
        "--synth", help="Run CDK apps anew. Without it an app runs only where it has not written a cdk.out."
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
    synth: Synth = False,
    quiet: Quiet = False,
    show_secrets: ShowSecrets = False,
) -> None:
    """Serve, and deploy what the paths name; stay until Ctrl-C.

    Each path is a template, what cdk synth wrote, a CDK app, or a folder with a template. A sekisho.yaml beside it
    binds what a laptop has no cloud for: containers, token issuers, parameters, ports, certificates. The state is kept:
    a second run changes what has changed in the template and nothing else.

    Exit status 1 when a stack is refused or rolled back, with the line of the template at fault.
    """
    settings = settings_from(
        host=host, port=port, data=data, ephemeral=ephemeral, ca_bundle=ca_bundle, log_level=log_level
    )
    run(_up(paths, settings, as_json=json, synth=synth, quiet=quiet, show_secrets=show_secrets))


async def _up(
    paths: list[Path], settings: Settings, *, as_json: bool, synth: bool, quiet: bool, show_secrets: bool
) -> None:
    from sekisho.app import Server
    from sekisho.cli.deployed import describe, print_description
    from sekisho.cli.progress import DeploymentProgress
    from sekisho.serve.logs import configure_logging

    configure_logging(settings.log_level)
    sources = [await _load(path, settings, synth=synth) for path in paths]
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


async def _load(path: Path, settings: Settings, *, synth: bool) -> "Source":
    """Find out what a path means, and run the CDK app that it may be."""
    from sekisho.cli.progress import DeploymentProgress
    from sekisho.serve.cdk_app import synthesize
    from sekisho.serve.sources import find_app_to_run, load_source

    app = find_app_to_run(path, anew=synth)
    if app is None:
        return load_source(path)
    with DeploymentProgress() as progress:
        progress.begin(f"running the CDK app in {path}")
        await synthesize(
            app, settings.region, settings.account_id, inherited_environment(), progress.app_line
        )
    return load_source(path, app.output)
