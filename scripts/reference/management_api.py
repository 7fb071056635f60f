"""The Management API of tenants: its endpoints and what becomes of their members."""

import inspect

from scripts.reference.markdown import codes, page, table

from sekisho.issuer.management.payload import Shape, Support
from sekisho.issuer.management.router import ENDPOINTS, Endpoint
from sekisho.issuer.management.shapes import CLIENT, CLIENT_GRANT, GRANT_TYPES, RESOURCE_SERVER
from sekisho.serve.tenants.registry import TENANTS_PATH

_SHAPES = {
    "resource servers": RESOURCE_SERVER,
    "clients": CLIENT,
    "client grants": CLIENT_GRANT,
}


def render() -> str:
    """Return the page."""
    intro = (
        "A tenant answers a part of Auth0's Management API v2, with its shapes and errors "
        "(https://auth0.com/docs/api/management/v2): enough to make APIs, machine clients and grants, and to "
        "rotate keys. "
        f"It stands at `{TENANTS_PATH}/{{domain}}/api/v2/` and at the tenant's host name. Calls from this machine "
        "need no "
        "token. From elsewhere one is needed with one of the permissions below; a client gets it with the audience "
        "`https://{domain}/api/v2/`. What is not in these tables answers 404 or 405."
    )
    lists = (
        "Lists take `page`, `per_page` and `include_totals`, and `fields` with `include_fields` where single "
        "objects do. "
        "Members are in one of three sets, as everywhere: enforced (it changes tokens or who gets them), stored "
        "(kept and "
        "echoed) or rejected (refused by name)."
    )
    return page(
        "Management API",
        intro,
        table(["Method", "Path", "Permission, one of", "Meaning"], map(_row, ENDPOINTS)),
        lists,
        *(_members(name, shape) for name, shape in _SHAPES.items()),
        f"## Grant types\n\nA client may have these among its `grant_types`; the token endpoint serves "
        f"`client_credentials` only: {codes(GRANT_TYPES)}.",
    )


def _row(endpoint: Endpoint) -> list[str]:
    meaning = (inspect.getdoc(endpoint.handler) or "").partition("\n\n")[0]
    return [f"`{endpoint.method}`", f"`{endpoint.path}`", codes(endpoint.permissions), meaning]


def _members(name: str, shape: Shape) -> str:
    rows = []
    for support in Support:
        names = [member for member, described in shape.items() if described.support is support]
        rows.append([str(support), codes(sorted(names))])
    return f"## Members of {name}\n\n{table(['', 'Members'], rows)}"
