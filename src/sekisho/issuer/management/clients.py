"""``/api/v2/clients``: the applications of a tenant."""

from dataclasses import replace
from typing import Any

from sekisho.issuer.management.call import Answer, Call, answer_list, check_query, choose_fields
from sekisho.issuer.management.errors import ManagementError
from sekisho.issuer.management.payload import Support, check_payload, select
from sekisho.issuer.management.shapes import CLIENT, GRANT_TYPES
from sekisho.issuer.tenants.resources import (
    delete_client,
    find_client,
    new_client_id,
    new_client_secret,
    rotate_secret,
)
from sekisho.model.tenants import TenantClient

_PUBLIC_GRANTS = ("authorization_code", "implicit", "refresh_token")
_DEFAULTS = {"is_first_party": True, "oidc_conformant": False}


def list_clients(call: Call) -> Answer:
    """Return the applications."""
    clients = call.ctx.state.list(TenantClient, call.tenant.domain)
    for name in ("app_type", "is_first_party"):
        if name in call.query:
            clients = [one for one in clients if _text(_settings(one).get(name)) == call.query[name]]
    return answer_list(
        call, "clients", [_render(call, one) for one in clients], ("app_type", "is_first_party")
    )


def create_client(call: Call) -> Answer:
    """Make an application; the answer holds its secret whatever the caller may read later."""
    check_query(call)
    payload = check_payload(CLIENT, call.body, ("name",))
    domain, ctx = call.tenant.domain, call.ctx
    blank = TenantClient(domain, new_client_id(ctx), new_client_secret(ctx), payload["name"], ())
    client = _change(blank, {"grant_types": _default_grants(payload), **payload})
    ctx.state.put(client)
    return Answer(201, {**_render(call, client), "client_secret": client.client_secret})


def get_client(call: Call) -> Answer:
    """Return one application."""
    check_query(call, ("fields", "include_fields"))
    return Answer(200, choose_fields(call, _render(call, _find(call))))


def update_client(call: Call) -> Answer:
    """Change an application."""
    check_query(call)
    payload = check_payload(CLIENT, call.body)
    client = _change(_find(call), payload)
    call.ctx.state.put(client)
    return Answer(200, _render(call, client))


def remove_client(call: Call) -> Answer:
    """Delete an application and its grants; one that does not exist is as good as deleted."""
    check_query(call)
    client = find_client(call.ctx.state, call.tenant.domain, call.path["id"])
    if client is not None:
        delete_client(call.ctx, client)
    return Answer(204)


def rotate_client_secret(call: Call) -> Answer:
    """Give an application a new secret; the answer holds it."""
    check_query(call)
    client = rotate_secret(call.ctx, _find(call))
    return Answer(200, {**_render(call, client), "client_secret": client.client_secret})


def _find(call: Call) -> TenantClient:
    client = find_client(call.ctx.state, call.tenant.domain, call.path["id"])
    if client is None:
        raise ManagementError(404, "The client does not exist", "inexistent_client")
    return client


def _default_grants(payload: dict[str, Any]) -> list[str]:
    if payload.get("app_type") == "non_interactive":
        return ["client_credentials"]
    public = payload.get("token_endpoint_auth_method") == "none" or payload.get("app_type") in (
        "spa",
        "native",
    )
    return list(_PUBLIC_GRANTS) if public else [*_PUBLIC_GRANTS, "client_credentials"]


def _change(client: TenantClient, payload: dict[str, Any]) -> TenantClient:
    grant_types = tuple(payload.get("grant_types", client.grant_types))
    unknown = [name for name in grant_types if name not in GRANT_TYPES]
    if unknown:
        raise ManagementError(400, f"Invalid grant types: {', '.join(unknown)}", "invalid_body")
    return replace(
        client,
        name=payload.get("name", client.name),
        grant_types=grant_types,
        token_endpoint_auth_method=payload.get(
            "token_endpoint_auth_method", client.token_endpoint_auth_method
        ),
        settings={**client.settings, **select(CLIENT, payload, Support.STORED)},
    )


def _settings(client: TenantClient) -> dict[str, Any]:
    return {**_DEFAULTS, **client.settings}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _render(call: Call, client: TenantClient) -> dict[str, Any]:
    body: dict[str, Any] = {
        "tenant": client.domain.partition(".")[0],
        "global": False,
        "client_id": client.client_id,
        "name": client.name,
        "grant_types": list(client.grant_types),
        "token_endpoint_auth_method": client.token_endpoint_auth_method,
        **_settings(client),
    }
    if call.has("read:client_keys"):  # AUTH0-29
        body["client_secret"] = client.client_secret
    return body
