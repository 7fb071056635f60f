"""The discovery document of a user pool (OpenID Connect Discovery 1.0 section 3).

Members: https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html
"""

from typing import Any

from sekisho.issuer.cognito.urls import PoolUrls
from sekisho.model.cognito import UserPool, UserPoolDomain
from sekisho.store.api import Reader


def discovery_document(state: Reader, pool: UserPool, urls: PoolUrls) -> dict[str, Any]:
    """Return the document; a pool without a domain has no endpoints to name (COGNITO-04)."""
    issuer = urls.issuer(pool)
    document: dict[str, Any] = {
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": issuer,
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "response_types_supported": ["code", "token"],
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
    }
    domains = state.list(UserPoolDomain, pool.id)
    if domains:
        base = urls.domain(pool, domains[-1])
        document |= {
            "authorization_endpoint": f"{base}/oauth2/authorize",
            "end_session_endpoint": f"{base}/logout",
            "revocation_endpoint": f"{base}/oauth2/revoke",
            "token_endpoint": f"{base}/oauth2/token",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "userinfo_endpoint": f"{base}/oauth2/userInfo",
        }
    return dict(sorted(document.items()))
