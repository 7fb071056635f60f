"""``sekisho demo``: an example, deployed and played."""

import sys
from typing import Annotated

import typer

from sekisho.cli.console import FAILED, err, out, reports_errors
from sekisho.cli.signals import run, until_interrupted

NAMES = ("alb-m2m", "tenant-routing", "http-api")
"""The examples that have a scenario."""

Name = Annotated[
    str,
    typer.Argument(
        help=f"Which example: {', '.join(NAMES)}.", metavar="NAME", autocompletion=lambda: list(NAMES)
    ),
]
Exit = Annotated[
    bool,
    typer.Option("--exit", help="Stop after the scenario; status 0 only if every answer was as expected."),
]


@reports_errors
def demo(name: Name = NAMES[0], exit_: Exit = False) -> None:
    """Run an article's system on this machine and play its requests.

    Everything is real: a token issuer, a load balancer or an HTTP API, an application or functions behind it. It uses
    free ports and a temporary folder, and needs neither AWS nor Node.js. The first run of alb-m2m installs the
    example's requirements with pip.
    """
    if name not in NAMES:
        raise typer.BadParameter(f"there is no demo {name!r}; there is {', '.join(NAMES)}")
    failures = run(_demo(name, leave=exit_))
    if failures:
        err.print(f"[bold red]{failures} of the answers were not as expected[/]")
        sys.exit(FAILED)


async def _demo(name: str, *, leave: bool) -> int:
    """Return how many answers were not as expected."""
    from sekisho.app import Server
    from sekisho.cli.demo.examples import find_example
    from sekisho.cli.demo.scenarios import SCENARIOS
    from sekisho.cli.demo.stage import Stage
    from sekisho.cli.progress import DeploymentProgress
    from sekisho.kernel.settings import cache_folder, load_settings
    from sekisho.serve.logs import configure_logging
    from sekisho.serve.sources import load_source

    settings = load_settings(port=0, ephemeral=True)
    configure_logging("error")
    source = load_source(find_example(name))
    out.print(f"[bold]sekisho demo {name}[/]: deploying {source.stacks[0].template}")
    async with Server(settings, environments=cache_folder()) as server:
        progress = DeploymentProgress()
        with progress:
            deployed = await server.deployer.deploy([source], progress)
        progress.mute()
        stage = Stage(server.url, server.ca_path)
        try:
            scenario = SCENARIOS[name](server, stage, source, deployed)
            await scenario.play()
            if stage.failures == 0:
                out.print("\n[bold green]Every answer was as expected.[/]")
            if not leave:
                scenario.tell_more()
                await until_interrupted()
        finally:
            await stage.close()
    return stage.failures
