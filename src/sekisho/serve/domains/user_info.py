"""``/oauth2/userInfo`` of a domain.

https://docs.aws.amazon.com/cognito/latest/developerguide/userinfo-endpoint.html
"""

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sekisho.issuer.cognito.claims import readable_attributes
from sekisho.kernel.errors import TokenRefusedError
from sekisho.model.cognito import AppClient, User, UserAlias
from sekisho.serve.domains.common import DomainDeps, pool_of

_HEADERS = {"access-control-allow-origin": "*", "cache-control": "no-store"}
_BAD_REQUEST = "Bad OAuth2 request at UserInfo Endpoint"
_INVALID_TOKEN = "Access token is expired, disabled, or deleted, or the user has globally signed out."


class UserInfoEndpoint:
    """The user information endpoint of every domain."""

    def __init__(self, deps: DomainDeps) -> None:
        self._deps = deps

    async def handle(self, request: Request) -> Response:
        """Describe the user that an access token is for."""
        return await anyio.to_thread.run_sync(self._answer, request)

    def _answer(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return _refusal(400, "invalid_request", _BAD_REQUEST)
        with self._deps.store.read() as state:
            pool = pool_of(state, request)
            try:
                claims = self._deps.tokens.read_access_token(state, token.strip())
            except TokenRefusedError:
                return _refusal(401, "invalid_token", _INVALID_TOKEN)
            if claims.pool_id != pool.id:
                return _refusal(401, "invalid_token", _INVALID_TOKEN)
            client = state.get(AppClient, claims.client_id)
            user = state.get(User, f"{pool.id} {state.get(UserAlias, f'{pool.id} sub {claims.sub}').folded}")
        if not user.enabled:
            return _refusal(401, "invalid_token", _INVALID_TOKEN)
        if "openid" not in claims.scopes:  # COGNITO-84
            return _refusal(401, "invalid_token", "Access token does not contain openid scope")
        attributes = readable_attributes(client, user, claims.scopes)
        return JSONResponse({"sub": user.sub, **attributes, "username": user.username}, headers=_HEADERS)


def _refusal(status: int, error: str, description: str) -> Response:
    challenge = f'error="{error}", error_description="{description}"'
    return JSONResponse(
        {"error": error, "error_description": description},
        status,
        {**_HEADERS, "www-authenticate": challenge},
    )
