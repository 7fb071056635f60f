"""What ``sekisho up`` says when everything is there: as values for ``--json``, and as text for people."""

import shlex
from collections import Counter
from dataclasses import asdict
from typing import Any

from rich.markup import escape

from sekisho.app import Server
from sekisho.cli.console import out
from sekisho.cli.report import heading, print_diagnostics, print_endpoints
from sekisho.serve.deployment import Deployed

_READ_TOKEN = """python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])'"""


async def describe(server: Server, deployed: Deployed, *, show_secrets: bool = False) -> dict[str, Any]:
    """Return what is there, as JSON would have it."""
    endpoints = [asdict(endpoint) for endpoint in await server.endpoints()]
    urls = {one["name"]: one["url"] for one in endpoints if one["kind"] == "tenant"}
    return {
        "url": server.url,
        "ca": str(server.ca_path),
        "data": str(server.data_path),
        "endpoints": endpoints,
        "stacks": [
            {
                "name": stack.name,
                "id": stack.id,
                "region": stack.region,
                "status": stack.status,
                "changed": stack.changed,
                "running": dict(stack.running),
                "declared": dict(stack.declared),
                "outputs": {output.key: output.value for output in stack.outputs},
            }
            for stack in deployed.stacks
        ],
        "containers": [
            {
                "name": one.name,
                "service": one.service,
                "address": None if one.address is None else f"{one.address[0]}:{one.address[1]}",
                "failure": one.failure,
            }
            for one in deployed.containers
        ],
        "applications": [
            {
                "tenant": one.tenant,
                "name": one.name,
                "client_id": one.client_id,
                **({"client_secret": one.client_secret.reveal()} if show_secrets else {}),
                "token_url": f"{urls[one.tenant]}/oauth/token",
                "audiences": list(one.audiences),
            }
            for one in deployed.applications
        ],
        "diagnostics": [asdict(finding) for finding in server.diagnostics()],
    }


def print_description(found: dict[str, Any]) -> None:
    """Print it for people: what was made, where it listens, what is only declared, what is wrong, how to try it."""
    _print_stacks(found)
    print_endpoints(found["endpoints"])
    _print_containers(found)
    _print_applications(found)
    _print_declared(found)
    heading("Certificate authority of the TLS listeners")
    out.print(f"  {found['ca']}", markup=False)
    print_diagnostics(found["diagnostics"])
    _print_tries(found)
    out.print(f"\nReady. AWS API: [cyan]AWS_ENDPOINT_URL={found['url']}[/]; Ctrl-C stops everything.")


def _print_stacks(found: dict[str, Any]) -> None:
    heading("Stacks")
    for stack in found["stacks"]:
        result = stack["status"] if stack["changed"] else "no changes"
        running = sum(stack["running"].values())
        declared = sum(stack["declared"].values())
        out.print(
            f"  {stack['name']} in {stack['region']}: {result}; {running} resources run here, "
            f"{declared} are only declared",
            markup=False,
        )
        for key, value in stack["outputs"].items():
            out.print(f"    {key} = {value}", markup=False)


def _print_containers(found: dict[str, Any]) -> None:
    if found["containers"]:
        heading("Containers")
    for one in found["containers"]:
        if one["address"] is None:
            out.print(f"  [red]{escape(one['name'])} is not running: {escape(one['failure'])}[/]")
        else:
            out.print(f"  {escape(one['name'])} listens on {one['address']}")


def _print_applications(found: dict[str, Any]) -> None:
    if found["applications"]:
        heading("Machine clients")
    for one in found["applications"]:
        out.print(f"  {escape(one['name'])}: client_id [cyan]{escape(one['client_id'])}[/]")
        if "client_secret" in one:
            out.print(f"    client_secret {one['client_secret']}", markup=False)
        out.print(
            f"    tokens from {one['token_url']} for {', '.join(one['audiences']) or 'no API'}", markup=False
        )


def _print_declared(found: dict[str, Any]) -> None:
    declared: Counter[str] = Counter()
    for stack in found["stacks"]:
        declared.update(stack["declared"])
    if declared:
        heading("Only declared: they have ids and attributes, and nothing runs")
        out.print(
            "  " + ", ".join(f"{count} {name}" for name, count in sorted(declared.items())), markup=False
        )


def _print_tries(found: dict[str, Any]) -> None:
    doors = [one for one in found["endpoints"] if one["kind"] in {"alb-listener", "http-api"}]
    clients = [one for one in found["applications"] if one["audiences"]]
    if not doors:
        return
    heading("Try")
    url = doors[0]["url"]
    trust = f"--cacert {shlex.quote(found['ca'])} " if doors[0]["tls"] else ""
    out.print(f"  curl -i {trust}{url}/", markup=False)
    out.print(f"  sekisho explain --server {found['url']} {url}/", markup=False)
    if clients and doors[0]["kind"] == "alb-listener":
        one = clients[0]
        secret = one.get("client_secret", "…    # sekisho up --show-secrets prints it")
        out.print(f"  CLIENT_SECRET={secret}", markup=False)
        body = (
            f'{{"client_id": "{one["client_id"]}", "client_secret": "\'$CLIENT_SECRET\'", '
            f'"audience": "{one["audiences"][0]}", "grant_type": "client_credentials"}}'
        )
        request = f"curl -s {one['token_url']} -H 'content-type: application/json' -d '{body}'"
        out.print(f"  TOKEN=$({request} | {_READ_TOKEN})", markup=False)
        out.print(f'  curl -i {trust}{url}/ -H "authorization: Bearer $TOKEN"', markup=False)
