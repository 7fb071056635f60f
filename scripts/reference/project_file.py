"""The format of ``sekisho.yaml``, from the docstrings of what reads it."""

import inspect
import re
import textwrap
from dataclasses import fields

from scripts.reference.markdown import page, table

from sekisho.issuer.tenants import spec
from sekisho.model.project import CertificateFiles, ContainerBinding, Project
from sekisho.serve.project import FILE_NAMES

_FILES_ROWS = [
    ["chain", "PEM file of the certificate and its intermediates"],
    ["key", "PEM file of the private key"],
]


def render() -> str:
    """Return the page."""
    intro = (
        f"`{FILE_NAMES[0]}` stands beside a template, or in a folder with a `cdk.out`, and binds what a laptop has no "
        "cloud for. `sekisho up` reads it. Every member is optional; one that is not known is refused with its line. "
        "Paths are relative to the file."
    )
    containers = (
        "A container is found by its name, or by `<logical id of the task definition>/<name>` where several have the "
        "same. Give either `command` or `url`. The container's address is registered in the target group of its ECS "
        "service, on the container port of the task definition."
    )
    certificates = (
        "By the ARN of an ACM certificate. Listeners with any other ARN get a certificate from Sekisho's own "
        "authority."
    )
    return page(
        "sekisho.yaml",
        intro,
        _members(Project, without={"file"}),
        f"## containers\n\n{containers}",
        _members(ContainerBinding, without={"name", "task_definition"}),
        f"## certificates\n\n{certificates}",
        table(["Member", "Meaning"], [[f"`{name}`", meaning] for name, meaning in _FILES_ROWS]),
        f"## tenants\n\nIssuers of machine-to-machine tokens, as Auth0 has them.\n\n```yaml\n{_tenants_example()}\n```",
        f"## An example\n\n```yaml\n{EXAMPLE}```",
    )


EXAMPLE = """template: template.yaml        # or a cdk.out, or a folder with one; default: what stands beside this file
stack: orders                  # default: from the name of the template
region: eu-central-1
parameters:
  Stage: dev
  Subnets: [subnet-1, subnet-2]
ports:
  HttpsListener: 8443          # logical id of a listener or an HTTP API
containers:
  web:                         # Sekisho runs it, restarts it and stops it
    command: ["gunicorn", "-b", "{host}:{port}", "app:app"]
    directory: app
    requirements: app/requirements.txt
    environment: {LOG_LEVEL: debug}
  sidecar:                     # somebody else runs it
    url: http://127.0.0.1:9000
certificates:
  "arn:aws:acm:eu-central-1:123456789012:certificate/0d4f9d2c-7d9b-4c0e-9d3b-1f2e3a4b5c6d":
    chain: tls/chain.pem
    key: tls/key.pem
assets:
  Handler: src/handler         # logical id of a function: its code, instead of the asset
tenants:
  - domain: dev-example.us.auth0.com
    apis:
      - {identifier: "https://api.example.com/", profile: rfc9068, scopes: ["read:orders"]}
    applications:
      - {name: batch, apis: ["https://api.example.com/"]}
"""


def _members(kind: type[Project | ContainerBinding | CertificateFiles], without: set[str]) -> str:
    described = attributes(kind)
    rows = [[f"`{one.name}`", described[one.name]] for one in fields(kind) if one.name not in without]
    return table(["Member", "Meaning"], rows)


def attributes(kind: type) -> dict[str, str]:
    """Return the section ``Attributes`` of a docstring, by name."""
    text = inspect.getdoc(kind) or ""
    section = textwrap.dedent(text.partition("Attributes:\n")[2])
    joined = re.sub(r"\n\s+", " ", section)
    pairs = (line.partition(": ") for line in joined.splitlines() if line)
    return {name: meaning.replace("``", "`") for name, _, meaning in pairs}


def _tenants_example() -> str:
    return textwrap.dedent((spec.__doc__ or "").partition("::\n")[2]).strip()
