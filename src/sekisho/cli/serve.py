"""``sekisho serve``: the AWS API, the issuers and the edge, until Ctrl-C."""

import asyncio

from sekisho.cli.console import out, reports_errors
from sekisho.cli.options import CaBundle, Data, Ephemeral, Host, LogLevel, Port
from sekisho.cli.signals import until_interrupted
from sekisho.kernel.settings import Settings, load_settings


@reports_errors
def serve(
    host: Host = None,
    port: Port = None,
    data: Data = None,
    ephemeral: Ephemeral = False,
    ca_bundle: CaBundle = None,
    log_level: LogLevel = None,
) -> None:
    """Serve the AWS API, the token issuers and the edge on this machine, until Ctrl-C.

    Point a client at it with [bold]AWS_ENDPOINT_URL=http://127.0.0.1:4566[/]; any credentials do.
    """
    settings = load_settings(
        host=host,
        port=port,
        data=data,
        ephemeral=ephemeral or None,
        ca_bundle=tuple(ca_bundle) if ca_bundle else None,
        log_level=log_level,
    )
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    from sekisho.app import Server
    from sekisho.serve.logs import configure_logging

    configure_logging(settings.log_level)
    async with Server(settings) as server:
        out.print(f"sekisho ready on {server.url} (certificate authority: {server.ca_path})")
        await until_interrupted()
