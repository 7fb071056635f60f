"""The ledger of the Management API: what becomes of every member of every shape.

Members and limits: https://auth0.com/docs/api/management/v2 (resource servers, clients, client grants).
"""

from sekisho.issuer.management.payload import Member, Shape, Support
from sekisho.model.tenants import TokenDialect

_REJECTED = Member(Support.REJECTED)
_FLAG = Member(Support.STORED, "boolean")
_TEXT = Member(Support.STORED, "string")
_OBJECT = Member(Support.STORED, "object")
_URLS = Member(Support.STORED, "array", items=Member(Support.STORED, "string"))
_ORGANIZATION_USAGE = Member(Support.STORED, "string", choices=("deny", "allow", "require"))

SCOPE = Member(
    Support.ENFORCED,
    "object",
    members={
        "value": Member(Support.ENFORCED, "string", 1, 280, forbidden=" \t\r\n"),
        "description": Member(Support.STORED, "string", longest=500),
    },
    required=("value",),
)

RESOURCE_SERVER: Shape = {
    "identifier": Member(Support.ENFORCED, "string", 1, 600),
    "name": Member(Support.ENFORCED, "string", longest=200, forbidden="<>"),
    "scopes": Member(Support.ENFORCED, "array", items=SCOPE),
    "signing_alg": Member(
        Support.ENFORCED, "string", choices=("RS256",), hint="Sekisho signs with RS256 only"
    ),
    "token_lifetime": Member(Support.ENFORCED, "integer", longest=2592000),
    "token_dialect": Member(Support.ENFORCED, "string", choices=tuple(TokenDialect)),
    "token_lifetime_for_web": Member(Support.STORED, "integer", longest=2592000),
    "allow_offline_access": _FLAG,
    "skip_consent_for_verifiable_first_party_clients": _FLAG,
    "enforce_policies": _FLAG,
    "signing_secret": _REJECTED,
    "token_encryption": _REJECTED,
    "consent_policy": _REJECTED,
    "authorization_details": _REJECTED,
    "proof_of_possession": _REJECTED,
    "subject_type_authorization": _REJECTED,
}

GRANT_TYPES = (
    "authorization_code",
    "implicit",
    "refresh_token",
    "client_credentials",
    "password",
    "http://auth0.com/oauth/grant-type/password-realm",
    "http://auth0.com/oauth/grant-type/mfa-oob",
    "http://auth0.com/oauth/grant-type/mfa-otp",
    "http://auth0.com/oauth/grant-type/mfa-recovery-code",
    "http://auth0.com/oauth/grant-type/passwordless/otp",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
)
"""The grant types that a client may have enabled; only those of the token endpoint can be used."""

CLIENT: Shape = {
    "name": Member(Support.ENFORCED, "string", 1, forbidden="<>"),
    "grant_types": Member(Support.ENFORCED, "array", items=Member(Support.ENFORCED, "string")),
    "token_endpoint_auth_method": Member(
        Support.ENFORCED, "string", choices=("none", "client_secret_post", "client_secret_basic")
    ),
    "description": Member(Support.STORED, "string", longest=140),
    "app_type": Member(
        Support.STORED,
        "string",
        choices=("native", "spa", "regular_web", "non_interactive", "resource_server"),
    ),
    "callbacks": _URLS,
    "allowed_logout_urls": _URLS,
    "allowed_origins": _URLS,
    "web_origins": _URLS,
    "client_aliases": _URLS,
    "logo_uri": _TEXT,
    "initiate_login_uri": _TEXT,
    "jwt_configuration": _OBJECT,
    "client_metadata": _OBJECT,
    "refresh_token": _OBJECT,
    "oidc_conformant": _FLAG,
    "is_first_party": _FLAG,
    "sso": _FLAG,
    "cross_origin_authentication": _FLAG,
    "organization_usage": _ORGANIZATION_USAGE,
    "client_secret": _REJECTED,
    "client_authentication_methods": _REJECTED,
    "addons": _REJECTED,
    "mobile": _REJECTED,
    "native_social_login": _REJECTED,
    "oidc_logout": _REJECTED,
    "default_organization": _REJECTED,
    "organization_require_behavior": _REJECTED,
    "require_pushed_authorization_requests": _REJECTED,
    "require_proof_of_possession": _REJECTED,
    "signed_request_object": _REJECTED,
    "compliance_level": _REJECTED,
    "token_exchange": _REJECTED,
    "encryption_key": _REJECTED,
    "session_transfer": _REJECTED,
}

CLIENT_GRANT: Shape = {
    "client_id": Member(Support.ENFORCED, "string", 1),
    "audience": Member(Support.ENFORCED, "string", 1),
    "scope": Member(Support.ENFORCED, "array", items=Member(Support.ENFORCED, "string", 1, 280)),
    "allow_all_scopes": Member(Support.ENFORCED, "boolean"),
    "subject_type": Member(
        Support.ENFORCED, "string", choices=("client",), hint="Sekisho has no users' grants"
    ),
    "organization_usage": _ORGANIZATION_USAGE,
    "allow_any_organization": _FLAG,
    "authorization_details_types": _REJECTED,
    "default_for": _REJECTED,
}
