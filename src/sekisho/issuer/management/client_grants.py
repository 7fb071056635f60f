"""``/api/v2/client-grants``: which permissions of an API an application may have."""

from dataclasses import replace
from typing import Any

from sekisho.issuer.management.call import Answer, Call, answer_list, check_query
from sekisho.issuer.management.errors import ManagementError
from sekisho.issuer.management.payload import Shape, Support, check_payload, select
from sekisho.issuer.management.shapes import CLIENT_GRANT
from sekisho.issuer.tenants.resources import find_api, find_client, find_grant, new_grant_id
from sekisho.model.tenants import ClientGrant, TenantApi

_FIXED = ("client_id", "audience", "subject_type")
_PATCH: Shape = {name: member for name, member in CLIENT_GRANT.items() if name not in _FIXED}


def list_client_grants(call: Call) -> Answer:
    """Return the grants, all or those of a client or for an audience."""
    grants = call.ctx.state.list(ClientGrant, call.tenant.domain)
    shown = [_render(grant) for grant in grants]
    for name in ("client_id", "audience", "subject_type"):
        if name in call.query:
            shown = [grant for grant in shown if grant[name] == call.query[name]]
    return answer_list(call, "client_grants", shown, ("client_id", "audience", "subject_type"))


def create_client_grant(call: Call) -> Answer:
    """Grant a client permissions of an API."""
    check_query(call)
    payload = check_payload(CLIENT_GRANT, call.body, ("client_id", "audience"))
    state, domain = call.ctx.state, call.tenant.domain
    if find_client(state, domain, payload["client_id"]) is None:
        raise ManagementError(404, "Client not found", "inexistent_client")
    api = _find_api(call, payload["audience"])
    if find_grant(state, domain, payload["client_id"], payload["audience"]) is not None:
        raise ManagementError(
            409, "A client grant for this client and audience already exists", "client_grant_conflict"
        )
    blank = ClientGrant(domain, payload["client_id"], payload["audience"], new_grant_id(call.ctx))
    grant = _change(blank, payload, api)
    state.put(grant)
    return Answer(201, _render(grant))


def get_client_grant(call: Call) -> Answer:
    """Return one grant."""
    check_query(call)
    return Answer(200, _render(_find(call)))


def update_client_grant(call: Call) -> Answer:
    """Change the permissions of a grant; its client and audience never change."""
    check_query(call)
    payload = check_payload(_PATCH, call.body)
    grant = _find(call)
    changed = _change(grant, payload, _find_api(call, grant.audience))
    call.ctx.state.put(changed)
    return Answer(200, _render(changed))


def remove_client_grant(call: Call) -> Answer:
    """Delete a grant."""
    check_query(call)
    call.ctx.state.delete(ClientGrant, _find(call).key)
    return Answer(204)


def _find(call: Call) -> ClientGrant:
    grants = call.ctx.state.list(ClientGrant, call.tenant.domain)
    found = next((grant for grant in grants if grant.id == call.path["id"]), None)
    if found is None:
        raise ManagementError(404, "The client grant does not exist", "inexistent_client_grant")
    return found


def _find_api(call: Call, audience: str) -> TenantApi:
    api = find_api(call.ctx.state, call.tenant.domain, audience)
    if api is None or api.identifier != audience:
        raise ManagementError(404, f"No resource with identifier {audience}", "inexistent_resource_server")
    return api


def _change(grant: ClientGrant, payload: dict[str, Any], api: TenantApi) -> ClientGrant:
    permissions = tuple(dict.fromkeys(payload.get("scope", grant.permissions)))
    existing = {scope.value for scope in api.scopes}
    unknown = [one for one in payload.get("scope", ()) if one not in existing]
    if unknown:
        message = f"The following scopes are not defined in the resource server: {', '.join(unknown)}"
        raise ManagementError(400, message, "invalid_body")
    return replace(
        grant,
        permissions=permissions,
        allow_all_scopes=payload.get("allow_all_scopes", grant.allow_all_scopes),
        settings={**grant.settings, **select(CLIENT_GRANT, payload, Support.STORED)},
    )


def _render(grant: ClientGrant) -> dict[str, Any]:
    return {
        "id": grant.id,
        "client_id": grant.client_id,
        "audience": grant.audience,
        "scope": list(grant.permissions),
        "subject_type": "client",
        **({"allow_all_scopes": True} if grant.allow_all_scopes else {}),
        **grant.settings,
    }
