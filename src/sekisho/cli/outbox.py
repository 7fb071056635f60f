"""``sekisho outbox``: the messages that user pools would have sent."""

from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from sekisho.cli.client import get_json
from sekisho.cli.console import out, print_json, reports_errors
from sekisho.cli.options import Json, ServerHost, ServerPort, ServerUrl, server_url
from sekisho.kernel.errors import SekishoError

Pool = Annotated[
    str | None, typer.Option("--pool", metavar="ID", help="Id of the user pool; by default all of them.")
]


@reports_errors
def outbox(
    pool: Pool = None,
    host: ServerHost = None,
    port: ServerPort = None,
    url: ServerUrl = None,
    json: Json = False,
) -> None:
    """Show the codes that user pools would have sent.

    Confirmation codes and invitations, which on AWS go out by mail or SMS; the newest last.
    """
    server = server_url(url, host, port)
    query = "" if pool is None else f"?{urlencode({'userPoolId': pool})}"
    status, messages = get_json(server, f"/_sekisho/outbox{query}")
    if status != 200:
        raise SekishoError(str(messages["message"]))
    if json:
        print_json(messages)
    else:
        _print(messages)


def _print(messages: list[dict[str, Any]]) -> None:
    if not messages:
        out.print("no messages")
    for message in messages:
        out.print(
            f"{message['created']}  {message['userPoolName']}  {message['username']} <{message['destination']}>",
            markup=False,
        )
        out.print(f"  {message['subject'] or message['reason']}: {message['body']}", markup=False)
