"""``sekisho serve``: the AWS API, the issuers and the edge, until Ctrl-C."""

from sekisho.cli.collector import spare_what_is_there
from sekisho.cli.console import out, print_json, reports_errors
from sekisho.cli.options import CaBundle, Data, Ephemeral, Host, Json, LogLevel, Port, settings_from
from sekisho.cli.signals import run, until_interrupted
from sekisho.kernel.settings import Settings


@reports_errors
def serve(
    host: Host = None,
    port: Port = None,
    data: Data = None,
    ephemeral: Ephemeral = False,
    ca_bundle: CaBundle = None,
    log_level: LogLevel = None,
    json: Json = False,
) -> None:
    """Serve the AWS API, the issuers and the edge until Ctrl-C.

    Point a client at it with AWS_ENDPOINT_URL=http://127.0.0.1:4566; any credentials do. One line says when everything
    is ready.
    """
    settings = settings_from(
        host=host, port=port, data=data, ephemeral=ephemeral, ca_bundle=ca_bundle, log_level=log_level
    )
    run(_serve(settings, as_json=json))


async def _serve(settings: Settings, *, as_json: bool) -> None:
    from sekisho.app import Server
    from sekisho.serve.logs import configure_logging

    configure_logging(settings.log_level)
    async with Server(settings) as server:
        if as_json:
            print_json({"url": server.url, "ca": str(server.ca_path), "data": str(server.data_path)})
        else:
            out.print(f"sekisho ready on {server.url} (certificate authority: {server.ca_path})")
        spare_what_is_there()
        await until_interrupted()
