"""What the endpoints of a domain share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from urllib.parse import parse_qsl

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sekisho.issuer.cognito.user_tokens import PoolTokens
from sekisho.model.cognito import UserPool, UserPoolDomain
from sekisho.serve.bodies import BodyTooLargeError, read_body
from sekisho.services.context import LongContext
from sekisho.store.api import Reader, Store

log = structlog.get_logger(__name__)

BODY_LIMIT = 100_000
"""Most bytes of a request body."""

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class DomainDeps:
    """What the endpoints need: the state, the issuer with its clock and identifiers, and the context of a region."""

    store: Store
    tokens: PoolTokens
    context: Callable[[str], LongContext]


class UnknownDomainError(Exception):
    """There is no domain of the name that was asked for."""


def guarded(deps: DomainDeps, handler: Handler) -> Handler:
    """Return the handler with what every answer of a domain has: a request id, and an answer to a bug of ours."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        request_id = deps.tokens.ids.uuid()
        try:
            response = await handler(request)
        except UnknownDomainError:
            response = JSONResponse({"message": "there is no such domain"}, 404)
        except BodyTooLargeError:
            response = JSONResponse({"error": "invalid_request"}, 413)
        except Exception:
            log.exception("a domain's endpoint failed", path=request.url.path, request_id=request_id)
            response = JSONResponse({"error": "server_error"}, 500)
        response.headers["x-amz-cognito-request-id"] = request_id
        return response

    return answer


def pool_of(state: Reader, request: Request) -> UserPool:
    """Return the pool whose domain a request is for.

    Raises:
        UnknownDomainError: there is none.
    """
    domain = state.find(UserPoolDomain, request.path_params["domain"])
    if domain is None:
        raise UnknownDomainError
    return state.get(UserPool, domain.pool_id)


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form; empty where the body is none.

    Raises:
        BodyTooLargeError: it is too large.
    """
    body = await read_body(request, BODY_LIMIT)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        return {}
    return dict(pairs)
