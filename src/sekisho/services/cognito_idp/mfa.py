"""Second factors: what a pool offers is kept, and nobody has one.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import get_pool, get_user
from sekisho.services.cognito_idp.owner import find_owner
from sekisho.services.cognito_idp.pool_settings import check_mfa
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

_METHODS = "SmsMfaConfiguration SoftwareTokenMfaConfiguration EmailMfaConfiguration WebAuthnConfiguration"
_PREFERENCES = "SMSMfaSettings SoftwareTokenMfaSettings EmailMfaSettings WebAuthnMfaSettings"

LEDGER = {
    "GetUserPoolMfaConfigRequest": members(enforced="UserPoolId"),
    "SetUserPoolMfaConfigRequest": members(enforced="UserPoolId MfaConfiguration", stored=_METHODS),
    "SmsMfaConfigType": members(stored="SmsAuthenticationMessage SmsConfiguration"),
    "SoftwareTokenMfaConfigType": members(stored="Enabled"),
    "EmailMfaConfigType": members(stored="Message Subject"),
    "WebAuthnConfigurationType": members(stored="RelyingPartyId UserVerification FactorConfiguration"),
    "SetUserMFAPreferenceRequest": members(enforced=f"{_PREFERENCES} AccessToken"),
    "AdminSetUserMFAPreferenceRequest": members(enforced=f"{_PREFERENCES} UserPoolId Username"),
    "SMSMfaSettingsType": members(enforced="Enabled PreferredMfa"),
    "SoftwareTokenMfaSettingsType": members(enforced="Enabled PreferredMfa"),
    "EmailMfaSettingsType": members(enforced="Enabled PreferredMfa"),
    "WebAuthnMfaSettingsType": members(enforced="Enabled"),
}


@operation("GetUserPoolMfaConfig", reads=True)
def get_user_pool_mfa_config(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Tell whether a pool asks for a second factor, and which it was said to offer."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    return {**pool.settings.get("MfaMethods", {}), "MfaConfiguration": pool.settings["MfaConfiguration"]}


@operation("SetUserPoolMfaConfig")
def set_user_pool_mfa_config(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Set whether a pool asks for a second factor; ``ON`` is refused (COGNITO-32)."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    check_mfa(request.get("MfaConfiguration"))
    mode = request.get("MfaConfiguration") or "OFF"
    methods = {name: request[name] for name in _METHODS.split() if request.get(name) is not None}
    settings = {**pool.settings, "MfaConfiguration": mode, "MfaMethods": methods}
    ctx.state.put(dataclasses.replace(pool, settings=settings, modified=ctx.clock.now()))
    return {**methods, "MfaConfiguration": mode}


@operation("SetUserMFAPreference", reads=True)
def set_user_mfa_preference(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Turn second factors of one's own off, which they are (COGNITO-34)."""
    find_owner(ctx, ctx.state, request["AccessToken"])
    _check_preferences(request)
    return {}


@operation("AdminSetUserMFAPreference", reads=True)
def admin_set_user_mfa_preference(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Turn second factors of a user off, which they are (COGNITO-34)."""
    get_user(ctx.state, get_pool(ctx, ctx.state, request["UserPoolId"]), request["Username"])
    _check_preferences(request)
    return {}


# --- helpers -------------------------------------------------------------------------------------------------


def _check_preferences(request: Mapping[str, Any]) -> None:
    for name in _PREFERENCES.split():
        if any((request.get(name) or {}).values()):
            raise errors.invalid_parameter(f"Sekisho does not support multi-factor authentication: {name}.")
