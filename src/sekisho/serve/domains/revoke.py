"""``POST /oauth2/revoke`` of a domain (RFC 7009).

https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html
"""

import anyio.to_thread
import structlog
from starlette.requests import Request
from starlette.responses import Response

from sekisho.issuer.cognito.pool_issuer import authenticate_client
from sekisho.kernel.errors import OAuthError, TokenRefusedError
from sekisho.serve.bodies import read_body
from sekisho.serve.domains.common import BODY_LIMIT, DomainDeps, pool_of
from sekisho.serve.domains.token import decode, json_response

log = structlog.get_logger(__name__)


class RevocationEndpoint:
    """The revocation endpoint of every domain."""

    def __init__(self, deps: DomainDeps) -> None:
        self._deps = deps

    async def handle(self, request: Request) -> Response:
        """Revoke a refresh token; one that is not known is as good as revoked (RFC 7009 section 2.2)."""
        body = await read_body(request, BODY_LIMIT)
        try:
            await anyio.to_thread.run_sync(self._revoke, request, body)
        except OAuthError as error:
            log.info(
                "revocation refused", domain=request.path_params["domain"], error=error.error, hint=error.hint
            )
            status = 401 if error.error == "invalid_client" else 400
            return json_response({"error": error.error}, status)
        return Response(status_code=200, headers={"access-control-allow-origin": "*"})

    def _revoke(self, request: Request, body: bytes) -> None:
        decoded = decode(request, body)
        token = decoded.get("token")
        with self._deps.store.write() as state:
            pool = pool_of(state, request)
            client = authenticate_client(state, pool, decoded.client_id, decoded.client_secret)
            if token is None or not client.revocation:  # COGNITO-18
                raise OAuthError(
                    "invalid_request", hint="no token, or token revocation is off for the client"
                )
            if token.count(".") == 2:
                raise OAuthError("unsupported_token_type", hint="only refresh tokens can be revoked")
            try:
                self._deps.tokens.revoke(state, client.client_id, token)
            except TokenRefusedError:
                return
