"""The discovery document of a tenant (OpenID Connect Discovery 1.0 section 3).

Members as on https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery.
Endpoints that are not run here stand in it too, as they do for the real tenant.
"""

from typing import Any

from sekisho.model.tenants import Tenant

_CLAIMS = (
    "aud auth_time created_at email email_verified exp family_name given_name iat identities iss name "
    "nickname phone_number picture sub"
)

_SCOPES = (
    "openid profile offline_access name given_name family_name nickname email email_verified picture created_at "
    "identities phone address"
)


def discovery_document(tenant: Tenant) -> dict[str, Any]:
    """Return the document; every URL in it is the one of the real domain (AUTH0-23)."""
    base = tenant.issuer
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}authorize",
        "token_endpoint": f"{base}oauth/token",
        "device_authorization_endpoint": f"{base}oauth/device/code",
        "userinfo_endpoint": f"{base}userinfo",
        "mfa_challenge_endpoint": f"{base}mfa/challenge",
        "jwks_uri": f"{base}.well-known/jwks.json",
        "registration_endpoint": f"{base}oidc/register",
        "revocation_endpoint": f"{base}oauth/revoke",
        "scopes_supported": _SCOPES.split(),
        "response_types_supported": [
            "code",
            "token",
            "id_token",
            "code token",
            "code id_token",
            "token id_token",
            "code token id_token",
        ],
        "code_challenge_methods_supported": ["S256", "plain"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["HS256", "RS256", "PS256"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
        ],
        "claims_supported": _CLAIMS.split(),
        "request_uri_parameter_supported": False,
        "request_parameter_supported": False,
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "PS256"],
    }
