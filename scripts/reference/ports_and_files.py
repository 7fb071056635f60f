"""Where a server listens, by which names, and what it keeps in files."""

from scripts.reference.markdown import page, table

from sekisho.kernel.settings import SETTINGS
from sekisho.serve.ports import RANGE

DATA_FILES = {
    "state.db": "The state, an SQLite database; `state.db-wal` and `state.db-shm` belong to it. Copy it only "
    "while nothing runs",
    "ca.pem": "The certificate authority of the TLS listeners; `sekisho ca` prints the path. Give it to clients",
    "ca-key.pem": "Its private key. Whoever has it can pretend to be any listener to your clients",
    "certificates": "Keys and certificates that the authority has signed, one file for each set of names",
    "trusted-roots.pem": "What Envoy trusts: the system's roots, `--ca-bundle` and the authority",
    "functions": "The code of functions, by its hash",
    "environments": "Python environments of containers, by the hash of their requirements, each with the log of "
    "its making",
    "access-logs": "Access logs of HTTP APIs, a file for each log group",
    "lock": "Held by the server that uses the folder; holds its process id",
    ".gitignore": "Keeps the folder out of the repository that it stands in",
}
"""Name in the data folder -> what it is. A test compares it with the folder of a server."""

_NAMES = [
    ["a load balancer", "`NAME-ID.REGION.elb.localhost`, its `DNSName`", "the listener's own port"],
    ["an HTTP API", "`APIID.execute-api.localhost`", "the API's own port"],
    [
        "a custom domain name of an HTTP API",
        "the name itself, if it leads to this machine",
        "the name's own port",
    ],
    [
        "the domain of a user pool",
        "`PREFIX.auth.localhost`, `PREFIX.auth.REGION.amazoncognito.com`",
        "the server's",
    ],
    ["a custom domain of a user pool", "the name itself, with `.localhost` behind it or not", "the server's"],
    ["the issuer of a user pool", "any, at `/POOLID/.well-known/…`", "the server's"],
    ["a tenant", "`DOMAIN`, `DOMAIN.localhost`", "the server's"],
]


def render() -> str:
    """Return the page."""
    defaults = {setting.name: setting.default for setting in SETTINGS}
    ports = (
        f"Everything listens on `{defaults['host']}` unless `--host` says otherwise.\n\n"
        f"- `{defaults['port']}` (`--port`): the AWS API, the issuers and [Sekisho's own endpoints](endpoints.md).\n"
        f"- {RANGE.start} to {RANGE.stop - 1}: a port for each listener of a load balancer, each HTTP API and "
        "each custom "
        "domain name. It is chosen when the thing is made, kept over restarts, and given back when it is "
        "deleted; `ports` in "
        "[sekisho.yaml](sekisho-yaml.md) chooses another. `sekisho url` prints the URL.\n"
        "- The port of a container that `sekisho.yaml` binds to a command: the container port, on the first "
        "loopback address "
        "where it is free.\n\n"
        "Envoy, the functions and the server talk over Unix sockets in a folder of the system's temporary folder "
        "that only "
        "your user can read. Nothing else is opened."
    )
    names = (
        "Names that end in `.localhost` lead to this machine without any DNS entry, in browsers and in most "
        "resolvers; where "
        "they do not, use the URLs of `sekisho url`. Names of AWS and Auth0 lead here only if you resolve them "
        "to this machine; "
        "tokens and templates hold them all the same, and issuers that run here are known by them."
    )
    files = (
        f"`{defaults['data']}` in the folder where the server was started, or what `--data` says. Only your user "
        "can read it. "
        "With `--ephemeral` it is a temporary folder that is removed on exit. One server uses it at a time. "
        "Removing it forgets "
        "everything; clients then have to trust the new authority."
    )
    rows = [[f"`{name}`", meaning] for name, meaning in DATA_FILES.items()]
    return page(
        "Ports, names and files",
        f"## Ports\n\n{ports}",
        f"## Host names\n\n{names}\n\n{table(['What', 'Names', 'Port'], _NAMES)}",
        f"## The data folder\n\n{files}\n\n{table(['Name', 'What it is'], rows)}",
        "`sekisho demo` keeps environments in `$XDG_CACHE_HOME/sekisho`, by default `~/.cache/sekisho`, and "
        "nothing else.",
    )
