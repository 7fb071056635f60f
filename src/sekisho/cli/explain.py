"""``sekisho explain``: why a request would be let through or refused."""

import sys
from typing import Annotated, Any

import typer

from sekisho.cli.client import post_json
from sekisho.cli.console import out, print_json, reports_errors
from sekisho.cli.options import Json, ServerHost, ServerPort, ServerUrl, server_url
from sekisho.kernel.errors import UsageError

Url = Annotated[
    str,
    typer.Argument(
        metavar="URL",
        help="The URL that the request is for, with the local port of the listener or the API.",
        show_default=False,
    ),
]
Method = Annotated[str, typer.Option("--request", "-X", metavar="METHOD", help="Method of the request.")]
Header = Annotated[
    list[str] | None,
    typer.Option("--header", "-H", metavar="LINE", help="A header, 'Name: value', as for curl; repeatable."),
]
Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        metavar="TOKEN",
        envvar="TOKEN",
        show_envvar=False,
        help="Sent as 'Authorization: Bearer TOKEN'; '-' reads it from standard input. [env: TOKEN]",
    ),
]
SourceIp = Annotated[
    str,
    typer.Option("--source-ip", metavar="ADDRESS", help="Address of the client, for source-ip conditions."),
]

_DENIED = 1


@reports_errors
def explain(  # noqa: PLR0913, PLR0917 - a parameter for each option
    url: Url,
    method: Method = "GET",
    header: Header = None,
    token: Token = None,
    source_ip: SourceIp = "127.0.0.1",
    host: ServerHost = None,
    port: ServerPort = None,
    server: ServerUrl = None,
    json: Json = False,
) -> None:
    """Say why a request is let through or refused.

    Prints the answer in one line, the rule that takes the request, then every check with its source. Nothing reaches
    the target. Exit status 0 when the request is let through, 1 when it is refused, 2 when there is no answer.
    """
    question = {
        "url": url,
        "method": method,
        "headers": _read_headers(header or []),
        "token": sys.stdin.readline().strip() if token == "-" else token,
        "source_ip": source_ip,
    }
    answer = post_json(server_url(server, host, port), "/_sekisho/explain", question)
    if json:
        print_json(answer)
    else:
        _print(answer)
    if answer["decision"] != "allow":
        sys.exit(_DENIED)


def _read_headers(lines: list[str]) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise UsageError(f"--header wants 'Name: value', not {name!r}")
        headers.setdefault(name.strip(), []).append(value.strip())
    return headers


def _print(answer: dict[str, Any]) -> None:
    out.print(answer["why"], style="bold", markup=False)
    if answer["rule"]:
        out.print(f"rule    {answer['rule']}", markup=False)
    for check in answer["checks"]:
        mark, style = ("ok  ", "green") if check["ok"] else ("FAIL", "bold red")
        out.print(f"{mark} {check['id']}  {check['claim']}", style=style, markup=False)
        out.print(f"     {check['detail']}", markup=False)
        out.print(f"     {check['source']}", style="dim", markup=False)
    edge = answer["edge"]
    if edge is not None:
        agreed = "agrees" if edge["agrees"] else "DISAGREES; please report it"
        out.print(f"edge    answered {edge['status']} {edge['reason']}: {agreed}", markup=False)
