"""The HTTP endpoints beside the AWS API, from the routes of the server."""

import inspect
from collections.abc import Iterable
from typing import Any

import msgspec
from scripts.reference.markdown import page, table
from scripts.reference.project_file import attributes
from starlette.routing import BaseRoute, Mount, Route

from sekisho.issuer.cognito.urls import DOMAINS_PATH
from sekisho.model.decisions import Decision
from sekisho.model.diagnostics import Diagnostic
from sekisho.model.explanation import Explanation
from sekisho.serve.domains.common import DomainDeps
from sekisho.serve.domains.login import MISSING_PAGES
from sekisho.serve.endpoints import ListeningEndpoint
from sekisho.serve.explain_api import ExplainApi, ExplainRequest
from sekisho.serve.index_api import IndexApi
from sekisho.serve.outbox import outbox_route
from sekisho.serve.system_api import SystemApi
from sekisho.serve.tenants.common import TenantDeps
from sekisho.serve.tenants.registry import TENANTS_PATH
from sekisho.serve.tenants.routes import tenant_routes
from sekisho.serve.user_pools import user_pool_routes

# The routes are read, not called: nothing looks at what the endpoints work with.
_NOTHING: Any = None


def render() -> str:
    """Return the page."""
    intro = (
        "Everything listens on the server's one port, by default 4566, beside the AWS API. Bodies are JSON unless "
        "something else is said. Pages of other web sites, known by `Origin`, and names that are not this machine's, "
        "known by `Host`, get 403 from what belongs to the operator. The answers of load balancers and HTTP APIs "
        "come "
        "from ports of their own: [ports, names and files](ports-and-files.md)."
    )
    return page("Endpoints", intro, _operator(), *_answers(), _tenants(), _domains(), _pools(), _host_names())


def _operator() -> str:
    system = SystemApi("", *[_NOTHING] * 5)
    explain = Route("/_sekisho/explain", ExplainApi(_NOTHING, _NOTHING).handle, methods=["POST"])
    routes = [IndexApi(()).routes[0], *system.routes, explain, outbox_route(_NOTHING)]
    return f"## Of the server\n\n{_rows(routes)}"


def _answers() -> list[str]:
    asked = table(
        ["Member", "Type", "Default"], [_field(one) for one in msgspec.structs.fields(ExplainRequest)]
    )
    return [
        f"### What endpoints answers\n\nA list; a member of it has\n\n{_members(ListeningEndpoint)}",
        f"### What diagnostics answers\n\nA list; the codes are [here](diagnostics.md).\n\n{_members(Diagnostic)}",
        f"### What decisions answers\n\nA list, the oldest request first.\n\n{_members(Decision)}",
        f"### What explain takes\n\n{asked}",
        f"### What explain answers\n\n{_members(Explanation)}",
    ]


def _tenants() -> str:
    text = (
        "An issuer of machine-to-machine tokens, shaped like an Auth0 tenant. The last of these is the "
        "[Management API](management-api.md)."
    )
    return f"## Of tenants\n\n{text}\n\n{_rows(tenant_routes(TenantDeps(*[_NOTHING] * 4)), TENANTS_PATH)}"


def _domains() -> str:
    text = (
        f"Below `{DOMAINS_PATH}/{{domain}}` and at the host names of a user pool's domain, as on AWS: "
        "https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-userpools-server-contract-reference.html"
    )
    return f"## Of domains of user pools\n\n{text}\n\n{_rows(_pool_routes(), DOMAINS_PATH)}\n\n{_missing_pages()}"


def _missing_pages() -> str:
    return (
        "A page that says what to do instead stands at "
        + ", ".join(f"`{path}`" for path in MISSING_PAGES)
        + "."
    )


def _pools() -> str:
    found = [route for route in _pool_routes() if isinstance(route, Route)]
    return f"## Of issuers of user pools\n\n{_rows(found)}"


def _host_names() -> str:
    text = (
        "A domain or a tenant that is asked by its host name needs no path before its own. A client that cannot "
        "resolve `*.localhost` can send the name in the `Host` header."
    )
    return f"## By host name\n\n{text}"


def _pool_routes() -> list[BaseRoute]:
    return user_pool_routes(DomainDeps(*[_NOTHING] * len(DomainDeps.__dataclass_fields__)))


def _rows(routes: Iterable[BaseRoute], below: str = "") -> str:
    """Return the table of the routes, with those that are mounted below a path; without the pages that are "
    "missing."""
    rows = []
    for prefix, route in _flat(routes, ""):
        path = prefix + route.path
        if path.startswith(below) and route.path not in MISSING_PAGES:
            methods = " ".join(sorted(set(route.methods or ()) - {"HEAD"}))
            rows.append([f"`{methods}`", f"`{path.replace(':path', '')}`", _meaning(route)])
    return table(["Method", "Path", "Meaning"], rows)


def _flat(routes: Iterable[BaseRoute], prefix: str) -> Iterable[tuple[str, Route]]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _flat(route.routes, prefix + route.path)
        elif isinstance(route, Route):
            yield prefix, route


def _meaning(route: Route) -> str:
    text = inspect.getdoc(route.endpoint)
    if not text:
        raise ValueError(f"the endpoint of {route.path} has no docstring")
    return _plain(text.partition("\n\n")[0])


def _members(kind: type) -> str:
    described = attributes(kind)
    return table(["Member", "Meaning"], [[f"`{name}`", _plain(text)] for name, text in described.items()])


def _field(field: msgspec.structs.FieldInfo) -> list[str]:
    default = (
        ""
        if field.required
        else f"`{field.default_factory() if callable(field.default_factory) else field.default}`"
    )
    kind = field.type.__name__ if isinstance(field.type, type) else str(field.type)
    return [f"`{field.encode_name}`", f"`{kind}`", default]


def _plain(text: str) -> str:
    return text.replace("``", "`")
