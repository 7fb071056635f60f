"""How a pool's pages should look: kept and told again; the pages here have one look.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-branding.html
"""

import base64
import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.branding import ManagedLoginBranding
from sekisho.model.cognito import UserPool
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import get_client, get_pool
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

_LOOK = "Settings Assets UseCognitoProvidedValues"

LEDGER = {
    "CreateManagedLoginBrandingRequest": members(enforced="UserPoolId ClientId", stored=_LOOK),
    "UpdateManagedLoginBrandingRequest": members(enforced="UserPoolId ManagedLoginBrandingId", stored=_LOOK),
    "DescribeManagedLoginBrandingRequest": members(
        enforced="UserPoolId ManagedLoginBrandingId", stored="ReturnMergedResources"
    ),
    "DescribeManagedLoginBrandingByClientRequest": members(
        enforced="UserPoolId ClientId", stored="ReturnMergedResources"
    ),
    "DeleteManagedLoginBrandingRequest": members(enforced="UserPoolId ManagedLoginBrandingId"),
    "AssetType": members(stored="Category ColorMode Extension Bytes ResourceId"),
    "Document": members(),
    "GetUICustomizationRequest": members(enforced="UserPoolId ClientId"),
    "SetUICustomizationRequest": members(enforced="UserPoolId ClientId", stored="CSS", rejected="ImageFile"),
}

_EVERY_CLIENT = "ALL"


@operation("CreateManagedLoginBranding")
def create_managed_login_branding(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the branding of an app client; it has one at most."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    client = get_client(ctx.state, pool, request["ClientId"])
    if any(each.client_id == client.client_id for each in ctx.state.list(ManagedLoginBranding, pool.id)):
        raise ServiceError(
            "ManagedLoginBrandingExistsException", "A branding style already exists for the app client."
        )
    now = ctx.clock.now()
    branding = ManagedLoginBranding(
        ctx.ids.uuid(), pool.id, client.client_id, now, now, **_decode_look(request)
    )
    ctx.state.put(branding)
    return {"ManagedLoginBranding": _encode(branding)}


@operation("UpdateManagedLoginBranding")
def update_managed_login_branding(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Replace a branding."""
    for name in ("UserPoolId", "ManagedLoginBrandingId"):
        if not request.get(name):
            raise errors.missing_parameter(name)
    changed = dataclasses.replace(_branding(ctx, request), modified=ctx.clock.now(), **_decode_look(request))
    ctx.state.put(changed)
    return {"ManagedLoginBranding": _encode(changed)}


@operation("DescribeManagedLoginBranding", reads=True)
def describe_managed_login_branding(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a branding by its id."""
    return {"ManagedLoginBranding": _encode(_branding(ctx, request))}


@operation("DescribeManagedLoginBrandingByClient", reads=True)
def describe_managed_login_branding_by_client(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the branding of an app client."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    client = get_client(ctx.state, pool, request["ClientId"])
    for branding in ctx.state.list(ManagedLoginBranding, pool.id):
        if branding.client_id == client.client_id:
            return {"ManagedLoginBranding": _encode(branding)}
    raise errors.not_found(f"No managed login branding exists for client {client.client_id}.")


@operation("DeleteManagedLoginBranding")
def delete_managed_login_branding(ctx: Context, request: Mapping[str, Any]) -> None:
    """Forget a branding."""
    ctx.state.delete(ManagedLoginBranding, _branding(ctx, request).key)


@operation("GetUICustomization", reads=True)
def get_ui_customization(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Tell the style of the classic pages: an app client's own, or else that of every one."""
    pool, client_id = _styled(ctx, request)
    styles = pool.settings.get("UICustomizations", {})
    style = styles.get(client_id) or styles.get(_EVERY_CLIENT) or {}
    return {"UICustomization": _encode_style(pool, client_id, style)}


@operation("SetUICustomization")
def set_ui_customization(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the style of the classic pages for an app client, or for every one."""
    pool, client_id = _styled(ctx, request)
    now = ctx.clock.now()
    styles = pool.settings.get("UICustomizations", {})
    since = styles.get(client_id, {}).get("CreationDate", now.isoformat())
    style = {
        "CSS": request.get("CSS"),
        "CSSVersion": f"{now:%Y%m%d%H%M%S}",
        "CreationDate": since,
        "LastModifiedDate": now.isoformat(),
    }
    settings = {**pool.settings, "UICustomizations": {**styles, client_id: style}}
    ctx.state.put(dataclasses.replace(pool, settings=settings, modified=now))
    return {"UICustomization": _encode_style(pool, client_id, style)}


# --- helpers -------------------------------------------------------------------------------------------------


def _branding(ctx: ReadContext, request: Mapping[str, Any]) -> ManagedLoginBranding:
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    branding = ctx.state.find(ManagedLoginBranding, f"{pool.id} {request['ManagedLoginBrandingId']}")
    if branding is None:
        raise errors.not_found(f"Managed login branding {request['ManagedLoginBrandingId']} does not exist.")
    return branding


def _styled(ctx: ReadContext, request: Mapping[str, Any]) -> tuple[UserPool, str]:
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    client_id = request.get("ClientId") or _EVERY_CLIENT
    if client_id != _EVERY_CLIENT:
        get_client(ctx.state, pool, client_id)
    return pool, client_id


def _encode_style(pool: UserPool, client_id: str, style: Mapping[str, str | None]) -> dict[str, Any]:
    dates = ("CreationDate", "LastModifiedDate")
    told = {name: datetime.fromisoformat(style[name] or "") for name in dates if name in style}
    return {"UserPoolId": pool.id, "ClientId": client_id, **style, **told}


def _decode_look(request: Mapping[str, Any]) -> dict[str, Any]:
    has_defaults = bool(request.get("UseCognitoProvidedValues"))
    settings, assets = request.get("Settings") or {}, request.get("Assets") or ()
    if has_defaults and (settings or assets):
        raise errors.invalid_parameter("UseCognitoProvidedValues cannot be combined with Settings or Assets.")
    return {"has_defaults": has_defaults, "settings": settings, "assets": _decode_assets(assets)}


def _decode_assets(assets: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {name: base64.b64encode(value).decode() if name == "Bytes" else value for name, value in each.items()}
        for each in assets
    )


def _encode(branding: ManagedLoginBranding) -> dict[str, Any]:
    assets = [
        {name: base64.b64decode(value) if name == "Bytes" else value for name, value in each.items()}
        for each in branding.assets
    ]
    return {
        "ManagedLoginBrandingId": branding.id,
        "UserPoolId": branding.pool_id,
        "UseCognitoProvidedValues": branding.has_defaults,
        "Settings": branding.settings,
        "Assets": assets,
        "CreationDate": branding.created,
        "LastModifiedDate": branding.modified,
    }
