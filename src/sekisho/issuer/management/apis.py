"""``/api/v2/resource-servers``: the APIs of a tenant."""

from dataclasses import replace
from typing import Any

from sekisho.issuer.management.call import Answer, Call, answer_list, check_query, choose_fields
from sekisho.issuer.management.errors import ManagementError, invalid_body
from sekisho.issuer.management.payload import Shape, Support, check_payload, select
from sekisho.issuer.management.shapes import RESOURCE_SERVER
from sekisho.issuer.tenants.resources import delete_api, find_api, new_api_id
from sekisho.model.tenants import ApiScope, TenantApi, TokenDialect

_PATCH: Shape = {name: member for name, member in RESOURCE_SERVER.items() if name != "identifier"}
_SYSTEM_PATCH = ("token_lifetime", "skip_consent_for_verifiable_first_party_clients")
_DEFAULTS = {
    "allow_offline_access": False,
    "skip_consent_for_verifiable_first_party_clients": True,
    "token_lifetime_for_web": 7200,
}


def list_apis(call: Call) -> Answer:
    """Return the APIs, the system API first."""
    apis = call.ctx.state.list(TenantApi, call.tenant.domain)
    if "identifiers" in call.query:
        wanted = call.query["identifiers"].split(",")
        apis = [api for api in apis if api.identifier in wanted]
    return answer_list(call, "resource_servers", [_render(api) for api in apis], ("identifiers",))


def create_api(call: Call) -> Answer:
    """Make an API."""
    check_query(call)
    payload = check_payload(RESOURCE_SERVER, call.body, ("identifier",))
    identifier = payload["identifier"]
    if find_api(call.ctx.state, call.tenant.domain, identifier) is not None:
        raise ManagementError(
            409, "A resource server with the same identifier already exists", "resource_server_conflict"
        )
    name = payload.get("name", identifier[:200])
    api = _change(TenantApi(call.tenant.domain, identifier, new_api_id(call.ctx), name), payload)
    call.ctx.state.put(api)
    return Answer(201, _render(api))


def get_api(call: Call) -> Answer:
    """Return one API."""
    check_query(call, ("fields", "include_fields"))
    return Answer(200, choose_fields(call, _render(_find(call))))


def update_api(call: Call) -> Answer:
    """Change an API; its identifier never changes, and of the system API hardly anything does."""
    check_query(call)
    payload = check_payload(_PATCH, call.body)
    api = _find(call)
    fixed = [name for name in payload if api.is_system and name not in _SYSTEM_PATCH]
    if fixed:
        raise ManagementError(
            400,
            f"The property {fixed[0]} of a system resource server cannot be changed",
            "operation_not_supported",
        )
    changed = _change(api, payload)
    call.ctx.state.put(changed)
    return Answer(200, _render(changed))


def remove_api(call: Call) -> Answer:
    """Delete an API and the client grants for it."""
    check_query(call)
    api = _find(call)
    if api.is_system:
        raise ManagementError(400, "A system resource server cannot be deleted", "operation_not_supported")
    delete_api(call.ctx, api)
    return Answer(204)


def _find(call: Call) -> TenantApi:
    api = find_api(call.ctx.state, call.tenant.domain, call.path["id"])
    if api is None:
        raise ManagementError(404, "The resource server does not exist", "inexistent_resource_server")
    return api


def _change(api: TenantApi, payload: dict[str, Any]) -> TenantApi:
    scopes = api.scopes
    if "scopes" in payload:
        scopes = tuple(ApiScope(one["value"], one.get("description") or "") for one in payload["scopes"])
        if len({scope.value for scope in scopes}) != len(scopes):
            raise invalid_body("Array items are not unique", "scopes")
    return replace(
        api,
        name=payload.get("name", api.name),
        scopes=scopes,
        token_lifetime=payload.get("token_lifetime", api.token_lifetime),
        token_dialect=TokenDialect(payload.get("token_dialect", api.token_dialect)),
        settings={**api.settings, **select(RESOURCE_SERVER, payload, Support.STORED)},
    )


def _render(api: TenantApi) -> dict[str, Any]:
    scopes = [
        {"value": scope.value, **({"description": scope.description} if scope.description else {})}
        for scope in api.scopes
    ]
    return {
        "id": api.id,
        "name": api.name,
        "is_system": api.is_system,
        "identifier": api.identifier,
        "scopes": scopes,
        "signing_alg": "RS256",
        "token_lifetime": api.token_lifetime,
        "token_dialect": api.token_dialect.value,
        **_DEFAULTS,
        **api.settings,
    }
