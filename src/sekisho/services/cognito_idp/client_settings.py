"""What an app client is set to, from the members of CreateUserPoolClient to the model and back.

Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from sekisho.model.cognito import AppClient, ResourceServer, UserPool, Validity
from sekisho.model.user_tokens import API_SCOPE
from sekisho.services.cognito_idp import errors
from sekisho.services.ledger import members
from sekisho.store.api import Reader

_SETTINGS = (
    "UserPoolId ClientName RefreshTokenValidity AccessTokenValidity IdTokenValidity TokenValidityUnits"
    " ReadAttributes WriteAttributes ExplicitAuthFlows SupportedIdentityProviders CallbackURLs LogoutURLs"
    " DefaultRedirectURI AllowedOAuthFlows AllowedOAuthScopes AllowedOAuthFlowsUserPoolClient"
    " PreventUserExistenceErrors EnableTokenRevocation AuthSessionValidity RefreshTokenRotation"
)
_ECHOED = "AnalyticsConfiguration EnablePropagateAdditionalUserContextData"

LEDGER = {
    "CreateUserPoolClientRequest": members(
        enforced=f"{_SETTINGS} GenerateSecret ClientSecret", stored=_ECHOED
    ),
    "UpdateUserPoolClientRequest": members(enforced=f"{_SETTINGS} ClientId", stored=_ECHOED),
    "TokenValidityUnitsType": members(enforced="AccessToken IdToken RefreshToken"),
    "RefreshTokenRotationType": members(enforced="Feature RetryGracePeriodSeconds"),
    "AnalyticsConfigurationType": members(
        stored="ApplicationId ApplicationArn RoleArn ExternalId UserDataShared"
    ),
}

SYSTEM_SCOPES = frozenset({"phone", "email", "openid", "profile", API_SCOPE})
"""Scopes that every pool has. Source: the page that the module names."""

SCOPES_PER_CLIENT = 50
_SCRIPT_SCHEMES = frozenset({"javascript", "data", "vbscript", "file"})
_DEFAULT_FLOWS = ("ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH")
_LEGACY_FLOWS = {
    "ADMIN_NO_SRP_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "CUSTOM_AUTH_FLOW_ONLY": "ALLOW_CUSTOM_AUTH",
    "USER_PASSWORD_AUTH": "ALLOW_USER_PASSWORD_AUTH",
}
_UNSUPPORTED_FLOWS = ("ALLOW_TOKEN_EXCHANGE_DELEGATION", "ALLOW_TOKEN_EXCHANGE_IMPERSONATION")
# Least and greatest lifetime in seconds:
# https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
_LIMITS = {"AccessToken": (300, 86400), "IdToken": (300, 86400), "RefreshToken": (3600, 315360000)}
_DEFAULT_SECONDS = {"AccessToken": 3600, "IdToken": 3600, "RefreshToken": 30 * 86400}


def decode_settings(
    state: Reader, pool: UserPool, request: Mapping[str, Any], *, has_secret: bool
) -> dict[str, Any]:
    """Return the fields of the model that a request sets; what it leaves out gets its default (COGNITO-30).

    Raises:
        ServiceError: InvalidParameterException, InvalidOAuthFlowException or ScopeDoesNotExistException.
    """
    given = tuple(request.get("ExplicitAuthFlows") or ())
    rotation = request.get("RefreshTokenRotation") or {}
    rotates = rotation.get("Feature") == "ENABLED"
    if rotates and "ALLOW_REFRESH_TOKEN_AUTH" in given:
        raise errors.invalid_parameter(
            "Refresh token rotation cannot be enabled with the ALLOW_REFRESH_TOKEN_AUTH flow."
        )
    return {
        **_decode_validities(request),
        **_decode_hosted(state, pool, request, has_secret=has_secret),
        "read_attributes": _attributes(pool, request.get("ReadAttributes")),
        "write_attributes": _writable(pool, request.get("WriteAttributes")),
        "auth_flows": _flows(given, rotates=rotates),
        "given_auth_flows": given,
        "hides_users": request.get("PreventUserExistenceErrors") == "ENABLED",
        "revocation": request.get("EnableTokenRevocation", True) is not False,
        "session_minutes": request.get("AuthSessionValidity") or 3,
        "rotation": rotates,
        "rotation_grace": rotation.get("RetryGracePeriodSeconds") or 0,
        "settings": {name: request[name] for name in _ECHOED.split() if name in request},
    }


def encode_client(client: AppClient) -> dict[str, Any]:
    """Return an app client as DescribeUserPoolClient answers it."""
    encoded: dict[str, Any] = {
        "UserPoolId": client.pool_id,
        "ClientName": client.name,
        "ClientId": client.client_id,
        "ClientSecret": client.secrets[0].value if client.secrets else None,
        "LastModifiedDate": client.modified,
        "CreationDate": client.created,
        "RefreshTokenValidity": 30
        if client.refresh_validity.value is None
        else client.refresh_validity.value,
        "AccessTokenValidity": client.access_validity.value,
        "IdTokenValidity": client.id_validity.value,
        "TokenValidityUnits": _encode_units(client),
        "ReadAttributes": list(client.read_attributes) or None,
        "WriteAttributes": list(client.write_attributes) or None,
        "ExplicitAuthFlows": list(client.given_auth_flows) or None,
        "SupportedIdentityProviders": list(client.identity_providers) or None,
        "CallbackURLs": list(client.callback_urls) or None,
        "LogoutURLs": list(client.logout_urls) or None,
        "DefaultRedirectURI": client.default_redirect_uri,
        "AllowedOAuthFlows": list(client.allowed_oauth_flows) or None,
        "AllowedOAuthScopes": list(client.allowed_oauth_scopes) or None,
        "AllowedOAuthFlowsUserPoolClient": client.oauth_enabled,
        "PreventUserExistenceErrors": "ENABLED" if client.hides_users else "LEGACY",
        "EnableTokenRevocation": client.revocation,
        "EnablePropagateAdditionalUserContextData": False,
        "AuthSessionValidity": client.session_minutes,
        **client.settings,
    }
    if client.rotation:
        encoded["RefreshTokenRotation"] = {
            "Feature": "ENABLED",
            "RetryGracePeriodSeconds": client.rotation_grace,
        }
    return encoded


def _encode_units(client: AppClient) -> dict[str, str] | None:
    validities = {
        "AccessToken": client.access_validity,
        "IdToken": client.id_validity,
        "RefreshToken": client.refresh_validity,
    }
    return {name: one.unit for name, one in validities.items() if one.given_unit} or None


def _decode_validities(request: Mapping[str, Any]) -> dict[str, Validity]:
    units = request.get("TokenValidityUnits") or {}
    return {
        "access_validity": _validity("AccessToken", request.get("AccessTokenValidity"), units, "hours"),
        "id_validity": _validity("IdToken", request.get("IdTokenValidity"), units, "hours"),
        # 0 means the default: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
        "refresh_validity": _validity(
            "RefreshToken", request.get("RefreshTokenValidity") or None, units, "days"
        ),
    }


def _validity(name: str, value: int | None, units: Mapping[str, str], default_unit: str) -> Validity:
    validity = Validity(value, units.get(name) or default_unit, name in units)
    least, most = _LIMITS[name]
    if not least <= validity.seconds(_DEFAULT_SECONDS[name]) <= most:  # COGNITO-08
        raise errors.invalid_parameter(
            f"Invalid range for token validity. {name} must be valid for {least} to {most} seconds."
        )
    return validity


def _flows(given: Sequence[str], *, rotates: bool) -> tuple[str, ...]:
    if not given:
        return tuple(flow for flow in _DEFAULT_FLOWS if not (rotates and flow == "ALLOW_REFRESH_TOKEN_AUTH"))
    legacy = [flow for flow in given if flow in _LEGACY_FLOWS]
    if legacy and len(legacy) != len(given):
        raise errors.invalid_parameter(
            "Cannot specify both legacy values and new values (starting with ALLOW_) for ExplicitAuthFlows."
        )
    for flow in _UNSUPPORTED_FLOWS:
        if flow in given:
            raise errors.invalid_parameter(f"Sekisho does not support the flow {flow}.")
    if not legacy:
        return tuple(dict.fromkeys(given))
    always = () if "CUSTOM_AUTH_FLOW_ONLY" in given else ("ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
    named = (_LEGACY_FLOWS[flow] for flow in given)
    return tuple(dict.fromkeys([*named, *always, "ALLOW_REFRESH_TOKEN_AUTH"]))


def _decode_hosted(
    state: Reader, pool: UserPool, request: Mapping[str, Any], *, has_secret: bool
) -> dict[str, Any]:
    """Return what the pool's domain does for the client."""
    flows, scopes = _decode_oauth(state, pool, request, has_secret=has_secret)
    callbacks = _urls(request.get("CallbackURLs"), "callback")
    default_uri = request.get("DefaultRedirectURI")
    if default_uri is not None and default_uri not in callbacks:
        raise errors.invalid_parameter(f"{default_uri} is not in the list of CallbackURLs.")
    if flows and set(flows) != {"client_credentials"} and not callbacks:
        raise errors.invalid_oauth_flow("code or implicit flow need at least one callback URL")
    return {
        "identity_providers": _providers(request.get("SupportedIdentityProviders")),
        "callback_urls": callbacks,
        "logout_urls": _urls(request.get("LogoutURLs"), "logout"),
        "default_redirect_uri": default_uri,
        "allowed_oauth_flows": flows,
        "allowed_oauth_scopes": scopes,
        "oauth_enabled": bool(request.get("AllowedOAuthFlowsUserPoolClient")),
    }


def _decode_oauth(
    state: Reader, pool: UserPool, request: Mapping[str, Any], *, has_secret: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    flows = tuple(dict.fromkeys(request.get("AllowedOAuthFlows") or ()))
    scopes = tuple(dict.fromkeys(request.get("AllowedOAuthScopes") or ()))
    if len(scopes) > SCOPES_PER_CLIENT:
        raise errors.limit_exceeded(f"An app client has at most {SCOPES_PER_CLIENT} scopes.")
    for scope in scopes:
        if not scope_exists(state, pool, scope):
            raise errors.scope_does_not_exist(scope)
    if "client_credentials" in flows:  # COGNITO-40
        if len(flows) > 1:
            raise errors.invalid_oauth_flow(
                "client_credentials flow can not be selected along with code flow or implicit flow"
            )
        if not has_secret:
            raise errors.invalid_oauth_flow(
                "client_credentials flow can not be selected if client does not have a client secret"
            )
        for scope in scopes:
            if scope in SYSTEM_SCOPES:
                raise errors.invalid_oauth_flow(
                    f"{scope} scope is not supported with client_credentials flow"
                )
    return flows, scopes


def scope_exists(state: Reader, pool: UserPool, scope: str) -> bool:
    """Tell whether the pool has the scope: one of every pool's, or one of a resource server."""
    if scope in SYSTEM_SCOPES:
        return True
    identifier, _, name = scope.rpartition("/")
    server = state.find(ResourceServer, f"{pool.id} {identifier}")
    return server is not None and any(one.name == name for one in server.scopes)


def _providers(given: Sequence[str] | None) -> tuple[str, ...]:
    for provider in given or ():
        if provider != "COGNITO":
            raise errors.invalid_parameter(f"The provider {provider} does not exist for User Pool.")
    return tuple(dict.fromkeys(given or ()))


def _urls(given: Sequence[str] | None, what: str) -> tuple[str, ...]:
    for url in given or ():
        _check_url(url, what)
    return tuple(given or ())


def _check_url(url: str, what: str) -> None:
    """Check a redirect URI: absolute, no fragment, HTTPS but for localhost and for apps' own schemes (COGNITO-41)."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host, parts = None, urlsplit("")
    if not parts.scheme or not (parts.netloc or parts.path) or parts.fragment or "#" in url:
        raise errors.invalid_parameter(f"{url} is not a valid {what} URL.")
    if parts.scheme in ("http", "https") and not host:
        raise errors.invalid_parameter(f"{url} is not a valid {what} URL.")
    if parts.scheme in _SCRIPT_SCHEMES:
        raise errors.invalid_parameter(f"{url} is not a valid {what} URL.")
    if parts.scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
        raise errors.invalid_parameter(f"{url} cannot use the HTTP protocol.")


def _attributes(pool: UserPool, given: Sequence[str] | None) -> tuple[str, ...]:
    known = {attribute.name for attribute in pool.schema} | {"identities"}
    for name in given or ():
        if name not in known:
            raise errors.invalid_parameter(
                f"Invalid read or write attributes specified while creating a client: {name}"
            )
    return tuple(given or ())


def _writable(pool: UserPool, given: Sequence[str] | None) -> tuple[str, ...]:
    names = _attributes(pool, given)
    for name in names:
        if name in ("sub", "email_verified", "phone_number_verified", "identities"):
            raise errors.invalid_parameter(
                f"Invalid write attributes specified while creating a client: {name}"
            )
    return names
