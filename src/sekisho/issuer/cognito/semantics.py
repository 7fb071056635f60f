"""What user pools promise as issuers of tokens, rule by rule, with the page that says so."""

from sekisho.kernel.semantics import Kind, Rule

_API = "https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference"
_GUIDE = "https://docs.aws.amazon.com/cognito/latest/developerguide"

RULES: tuple[Rule, ...] = (
    Rule(
        "COGNITO-01",
        "A pool's tokens carry the issuer that AWS would write, or this server's own URL when "
        "SEKISHO_COGNITO_ISSUER is local.",
        Kind.CHOSEN,
        f"{_GUIDE}/federation-endpoints.html",
        "A template that was written for AWS runs unchanged; a backend that fetches keys itself needs a URL "
        "that it reaches.",
    ),
    Rule(
        "COGNITO-02",
        "A pool has two RSA-2048 keys: one signs ID tokens, the other access tokens; both are in the key "
        "set.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html",
    ),
    Rule(
        "COGNITO-03",
        "The URLs of a pool that is here are answered here and never over the network.",
        Kind.CHOSEN,
        f"{_GUIDE}/federation-endpoints.html",
        "The edge resolves AWS's issuer without leaving the machine.",
    ),
    Rule(
        "COGNITO-04",
        "The discovery document of a pool without a domain names no endpoints.",
        Kind.CHOSEN,
        f"{_GUIDE}/federation-endpoints.html",
        "They would point nowhere.",
    ),
    Rule(
        "COGNITO-05",
        "A prefix domain is <prefix>.auth.<region>.amazoncognito.com; <prefix>.auth.localhost leads to it as "
        "well.",
        Kind.CHOSEN,
        f"{_GUIDE}/cognito-user-pools-assign-domain.html",
        "No name server knows AWS's name here.",
    ),
    Rule(
        "COGNITO-06",
        "cognito:groups lists groups by precedence; the preferred role is the one of the lowest precedence or the "
        "only one there is, and none where two groups share the lowest with different roles.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/role-based-access-control.html",
    ),
    Rule(
        "COGNITO-07",
        "Access tokens from a pool's domain carry version 2; those of API sign-ins carry no version.",
        Kind.OBSERVED,
        f"{_GUIDE}/amazon-cognito-user-pools-using-the-access-token.html",
    ),
    Rule(
        "COGNITO-08",
        "Access and ID tokens are valid for 5 minutes to 1 day, 1 hour by default; refresh tokens for 1 hour "
        "to 3650 days, 30 days by default.",
        Kind.DOCUMENTED,
        f"{_API}/API_CreateUserPoolClient.html",
    ),
    Rule(
        "COGNITO-09",
        "An app client's own access token has its client id as sub and as client_id, its scopes, version 2, "
        "and no aud.",
        Kind.OBSERVED,
        f"{_GUIDE}/cognito-user-pools-define-resource-servers.html",
    ),
    Rule(
        "COGNITO-10",
        "ID token and user information hold the attributes that the client may read; with the scopes email "
        "or phone and without profile only what these are about.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/cognito-user-pools-define-resource-servers.html",
    ),
    Rule(
        "COGNITO-11",
        "The trigger PreTokenGeneration may add, replace and suppress claims, scopes (V2, V3) and groups, "
        "but not what identifies and dates a token.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/user-pool-lambda-pre-token-generation.html",
    ),
    Rule(
        "COGNITO-12",
        "aud of an access token may be set by the trigger to the app client id only.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/user-pool-lambda-pre-token-generation.html",
    ),
    Rule(
        "COGNITO-14",
        "A refresh token ends when it is revoked, when its user signs out everywhere, and at the end of its "
        "validity.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/token-revocation.html",
    ),
    Rule(
        "COGNITO-15",
        "With rotation a refresh token is replaced when it is used; the old one is good for the client's "
        "grace period.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/amazon-cognito-user-pools-using-the-refresh-token.html",
    ),
    Rule(
        "COGNITO-18",
        "The revocation endpoint takes refresh tokens only, and answers an unknown one as a revoked one.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/revocation-endpoint.html",
    ),
    Rule(
        "COGNITO-60",
        "A wrong pair of client id and secret gets 400 invalid_client at the token endpoint, however it was "
        "sent.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/token-endpoint.html",
    ),
    Rule(
        "COGNITO-61",
        "A client whose AllowedOAuthFlowsUserPoolClient is false gets invalid_grant at the token endpoint.",
        Kind.OBSERVED,
        "https://github.com/boto/boto3/issues/3916",
    ),
    Rule(
        "COGNITO-62",
        "A client credentials request without scope gets every scope of the client.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/token-endpoint.html",
    ),
    Rule(
        "COGNITO-63",
        "A scope that no resource server of the pool has gets invalid_scope; one that exists and is not the "
        "client's gets invalid_grant.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/token-endpoint.html",
    ),
    Rule(
        "COGNITO-64",
        "A trigger that fails makes the token endpoint answer invalid_request with the trigger's message.",
        Kind.CHOSEN,
        f"{_GUIDE}/token-endpoint.html",
        "The table of errors names no other for it.",
    ),
    Rule(
        "COGNITO-65",
        "An authorization code is good for 5 minutes and once; a second use revokes what the first one got.",
        Kind.DOCUMENTED,
        "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2",
    ),
    Rule(
        "COGNITO-66",
        "PKCE takes S256 only; a verifier without a challenge, like a challenge without its verifier, is "
        "refused.",
        Kind.DOCUMENTED,
        "https://www.rfc-editor.org/rfc/rfc9700#section-2.1.1",
    ),
    Rule(
        "COGNITO-67",
        "An Authorization header that says Basic and cannot be read gets 400 invalid_client.",
        Kind.CHOSEN,
        f"{_GUIDE}/token-endpoint.html",
        "The table of errors lists 400 for every failure of client authentication.",
    ),
    Rule(
        "COGNITO-80",
        "An authorization request with an unknown client or redirect URI gets a page, never a redirect.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/authorization-endpoint.html",
    ),
    Rule(
        "COGNITO-81",
        "An authorization request without scope gets every scope of the client; one that is not the client's "
        "gets invalid_scope.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/authorization-endpoint.html",
    ),
    Rule(
        "COGNITO-82",
        "The login page takes forms of its own only.",
        Kind.CHOSEN,
        "https://www.rfc-editor.org/rfc/rfc6749#section-10.12",
        "Another site could otherwise sign a browser in as somebody else.",
    ),
    Rule(
        "COGNITO-83",
        "Logout goes only to a registered logout URL, or back to the login page for a registered redirect "
        "URI.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/logout-endpoint.html",
    ),
    Rule(
        "COGNITO-84",
        "The user information endpoint needs an access token with the scope openid.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/userinfo-endpoint.html",
    ),
    Rule(
        "COGNITO-85",
        "A sign-in at the domain gives an ID token with the scope openid only; one over the API always does.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/token-endpoint.html",
    ),
    Rule(
        "COGNITO-86",
        "resource of an authorization request, a URL, is the aud of the access tokens of that sign-in.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/authorization-endpoint.html",
    ),
    Rule(
        "COGNITO-87",
        "Signing out everywhere ends tokens and codes; a browser stays signed in at the domain until it logs out, an "
        "hour has passed or the user is disabled.",
        Kind.DOCUMENTED,
        f"{_API}/API_GlobalSignOut.html",
    ),
)
"""Every rule of this part, in the order of their ids."""
