"""``POST /oauth2/token`` of a domain.

https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
"""

import json
from typing import Any

import anyio.to_thread
import structlog
from starlette.requests import Request
from starlette.responses import Response

from sekisho.issuer.cognito.pool_issuer import PoolIssuer
from sekisho.issuer.request import MalformedCredentialsError, TokenRequest, decode_token_request
from sekisho.issuer.token import answer_token_request
from sekisho.kernel.errors import OAuthError
from sekisho.serve.bodies import read_body
from sekisho.serve.domains.common import BODY_LIMIT, DomainDeps, pool_of

log = structlog.get_logger(__name__)

_HEADERS = {
    "content-type": "application/json;charset=UTF-8",
    "cache-control": "no-cache, no-store, max-age=0, must-revalidate",
    "pragma": "no-cache",
    "expires": "0",
    "access-control-allow-origin": "*",
}


class TokenEndpoint:
    """The token endpoint of every domain."""

    def __init__(self, deps: DomainDeps) -> None:
        self._deps = deps

    async def handle(self, request: Request) -> Response:
        """Answer a token request."""
        body = await read_body(request, BODY_LIMIT)
        try:
            answer = await anyio.to_thread.run_sync(self._answer, request, body)
        except OAuthError as error:
            log.info(
                "token request refused",
                domain=request.path_params["domain"],
                error=error.error,
                hint=error.hint or error.description,
            )
            return json_response(_render(error), error.status)
        return json_response(answer, 200)

    def _answer(self, request: Request, body: bytes) -> dict[str, Any]:
        deps = self._deps
        decoded = decode(request, body)
        with deps.store.read() as state:
            issuer = PoolIssuer(state, deps.store, pool_of(state, request), deps.tokens)
            return answer_token_request(issuer, decoded)


def decode(request: Request, body: bytes) -> TokenRequest:
    """Return what a form says, and who sends it.

    Raises:
        OAuthError: it is no form, or the credentials cannot be read (COGNITO-67).
    """
    headers = request.headers
    try:
        return decode_token_request(
            headers.get("content-type", ""), headers.get("authorization"), body, accept_json=False
        )
    except MalformedCredentialsError as error:
        raise OAuthError("invalid_client", hint=error.message) from None
    except OAuthError as error:
        raise OAuthError(error.error, hint=error.description) from None


def json_response(members: dict[str, Any], status: int) -> Response:
    """Return an answer of the token and revocation endpoints."""
    return Response(json.dumps(members, separators=(",", ":")), status, _HEADERS)


def _render(error: OAuthError) -> dict[str, str]:
    """Return the members of an error; most have no description."""
    description = {} if error.description is None else {"error_description": error.description}
    return {"error": error.error, **description}
