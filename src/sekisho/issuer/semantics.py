"""The rules of Auth0-style issuers: what a token request gets, what a token says, who may manage a tenant."""

from sekisho.kernel.semantics import Kind, Rule

_PROFILES = "https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles"
_FLOW = (
    "https://auth0.com/docs/get-started/authentication-and-authorization-flow/client-credentials-flow/"
    "call-your-api-using-the-client-credentials-flow"
)
_DISCOVERY = "https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery"
_ROTATE = "https://auth0.com/docs/get-started/tenant-settings/signing-keys/rotate-signing-keys"
_REVOKE = "https://auth0.com/docs/get-started/tenant-settings/signing-keys/revoke-signing-keys"
_API = "https://auth0.com/docs/api/management/v2"
_OAUTH = "https://www.rfc-editor.org/rfc/rfc6749"
_JWT_PROFILE = "https://www.rfc-editor.org/rfc/rfc9068"

AUTH0_01 = Rule(
    "AUTH0-01",
    "A token request without grant_type gets 400 invalid_request, Missing required parameter: grant_type.",
    Kind.CHOSEN,
    f"{_OAUTH}#section-5.2",
    "The RFC gives code and status; the text is the one that emulators of Auth0 use.",
)
AUTH0_02 = Rule(
    "AUTH0-02",
    "A grant type that a tenant does not have gets 403 unsupported_grant_type.",
    Kind.CHOSEN,
    f"{_OAUTH}#section-5.2",
    "The RFC says 400; Auth0 refuses grants with 403.",
)
AUTH0_03 = Rule(
    "AUTH0-03",
    "A client that is unknown, or whose secret is wrong or missing, gets 401 access_denied, Unauthorized.",
    Kind.OBSERVED,
    "https://github.com/auth0/node-auth0/issues/682",
)
AUTH0_04 = Rule(
    "AUTH0-04",
    "A token request without a client id gets 401 invalid_client, Missing client_id.",
    Kind.CHOSEN,
    f"{_OAUTH}#section-5.2",
    "The RFC gives the code; the text is the one that emulators of Auth0 use.",
)
AUTH0_05 = Rule(
    "AUTH0-05",
    "A grant that is not enabled on the client, or client credentials for a public client, get 403 "
    "unauthorized_client.",
    Kind.OBSERVED,
    "https://github.com/auth0/ruby-auth0/issues/190",
)
AUTH0_06 = Rule(
    "AUTH0-06",
    "Client credentials without an audience get 403 access_denied; a default audience is not applied.",
    Kind.DOCUMENTED,
    "https://support.auth0.com/center/s/article/Client-credentials-grant-requires-audience-parameter",
    "Tenants with a legacy flag answer with an opaque token instead; Sekisho has no such tenants.",
)
AUTH0_07 = Rule(
    "AUTH0-07",
    "An audience that no API has gets 403 access_denied, Service not found.",
    Kind.OBSERVED,
    "https://github.com/aws-samples/ask-around-me/issues/2",
)
AUTH0_08 = Rule(
    "AUTH0-08",
    "An API that the client has no client grant for gets 403 access_denied, naming the audience.",
    Kind.OBSERVED,
    "https://github.com/auth0/ruby-auth0/issues/610",
)
AUTH0_09 = Rule(
    "AUTH0-09",
    "A requested scope outside the client grant gets 403 access_denied, naming the scopes that are missing.",
    Kind.OBSERVED,
    "https://github.com/auth0/node-auth0/issues/737",
)
AUTH0_10 = Rule(
    "AUTH0-10",
    "A request without scope gets every scope of the client grant.",
    Kind.OBSERVED,
    "https://github.com/auth0/docs/issues/5466",
)
AUTH0_11 = Rule(
    "AUTH0-11",
    "The answer and the token have the member scope only if a scope was granted.",
    Kind.DOCUMENTED,
    _PROFILES,
)
AUTH0_12 = Rule(
    "AUTH0-12",
    "A machine-to-machine token has sub <client id>@clients and aud as one string.",
    Kind.DOCUMENTED,
    _PROFILES,
)
AUTH0_13 = Rule(
    "AUTH0-13",
    "In the Auth0 profile typ is JWT, azp names the client, gty is client-credentials, and there is no jti.",
    Kind.DOCUMENTED,
    _PROFILES,
    "The order of the claims is that of published tokens of 2025.",
)
AUTH0_14 = Rule(
    "AUTH0-14",
    "In the RFC 9068 profile typ is at+jwt, client_id names the client, jti is there, and azp and gty are not.",
    Kind.DOCUMENTED,
    f"{_JWT_PROFILE}#section-2.2",
)
AUTH0_15 = Rule(
    "AUTH0-15",
    "Tokens of an *_authz profile have a permissions array that equals the granted scopes.",
    Kind.DOCUMENTED,
    "https://auth0.com/docs/get-started/apis/configure-access-token-profile",
)
AUTH0_16 = Rule(
    "AUTH0-16",
    "A parameter that is given twice gets 400 invalid_request; one without a value counts as omitted.",
    Kind.DOCUMENTED,
    f"{_OAUTH}#section-3.2",
)
AUTH0_17 = Rule(
    "AUTH0-17",
    "A client that authenticates in two ways at once gets 400 invalid_request.",
    Kind.DOCUMENTED,
    f"{_OAUTH}#section-2.3",
)
AUTH0_18 = Rule(
    "AUTH0-18",
    "A token lives as long as the token_lifetime of its API, 86400 seconds by default, and expires_in says so.",
    Kind.DOCUMENTED,
    _FLOW,
)
AUTH0_19 = Rule(
    "AUTH0-19",
    "A token request for an organization is refused, because organizations are not run here.",
    Kind.CHOSEN,
    _FLOW,
    "A token without org_id for a request with one would pass checks that it must not pass.",
)
AUTH0_20 = Rule(
    "AUTH0-20",
    "A tenant publishes its current key and its next key, both RSA-2048.",
    Kind.DOCUMENTED,
    _ROTATE,
)
AUTH0_21 = Rule(
    "AUTH0-21",
    "Rotating lets the next key sign, makes a new next key and keeps the previous one published; revoking the "
    "previous one, or rotating again, withdraws it.",
    Kind.DOCUMENTED,
    _REVOKE,
    "That a second rotation withdraws is chosen: an ALB reads no more than 10 keys.",
)
AUTH0_22 = Rule(
    "AUTH0-22",
    "A key set may be cached for 15 seconds, and used stale for a day when the issuer fails.",
    Kind.OBSERVED,
    "https://community.auth0.com/t/caching-jwks-signing-key/17654",
)
AUTH0_23 = Rule(
    "AUTH0-23",
    "The issuer is https://<domain>/ with the slash, and every URL in the discovery document is below it.",
    Kind.DOCUMENTED,
    _DISCOVERY,
)
AUTH0_24 = Rule(
    "AUTH0-24",
    "A token for the Management API is one of the tenant for https://<domain>/api/v2/ with a scope that the "
    "endpoint names.",
    Kind.DOCUMENTED,
    "https://auth0.com/docs/secure/tokens/access-tokens/management-api-access-tokens",
)
AUTH0_25 = Rule(
    "AUTH0-25",
    "Without an Authorization header only a request from this machine to a local name may manage tenants.",
    Kind.CHOSEN,
    "https://auth0.com/docs/secure/tokens/access-tokens/management-api-access-tokens",
    "A new tenant has no client that could get a token; AWS credentials are not asked for on loopback either.",
)
AUTH0_26 = Rule(
    "AUTH0-26",
    "A new tenant has the system API https://<domain>/api/v2/, which cannot be deleted.",
    Kind.DOCUMENTED,
    _API,
)
AUTH0_27 = Rule(
    "AUTH0-27",
    "A body of the Management API with an unknown, wrong or unsupported member gets 400 invalid_body and "
    "changes nothing.",
    Kind.DOCUMENTED,
    _API,
)
AUTH0_28 = Rule(
    "AUTH0-28",
    "The URLs of a hosted issuer are answered here and never over the network.",
    Kind.CHOSEN,
    _DISCOVERY,
    "A template that was written for the real tenant runs unchanged.",
)
AUTH0_29 = Rule(
    "AUTH0-29",
    "A client secret is told to its creator, to whoever rotates it and to holders of read:client_keys.",
    Kind.DOCUMENTED,
    f"{_API}/clients/get-clients-by-id",
)
AUTH0_30 = Rule(
    "AUTH0-30",
    "Answers of the token endpoint must not be stored by caches.",
    Kind.DOCUMENTED,
    f"{_OAUTH}#section-5.1",
)

RULES: tuple[Rule, ...] = (
    AUTH0_01,
    AUTH0_02,
    AUTH0_03,
    AUTH0_04,
    AUTH0_05,
    AUTH0_06,
    AUTH0_07,
    AUTH0_08,
    AUTH0_09,
    AUTH0_10,
    AUTH0_11,
    AUTH0_12,
    AUTH0_13,
    AUTH0_14,
    AUTH0_15,
    AUTH0_16,
    AUTH0_17,
    AUTH0_18,
    AUTH0_19,
    AUTH0_20,
    AUTH0_21,
    AUTH0_22,
    AUTH0_23,
    AUTH0_24,
    AUTH0_25,
    AUTH0_26,
    AUTH0_27,
    AUTH0_28,
    AUTH0_29,
    AUTH0_30,
)
"""Every rule about Auth0-style issuers, in the order of their ids."""
