"""The Management API of a tenant, over HTTP."""

from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sekisho.issuer.management.call import Answer
from sekisho.issuer.management.errors import ManagementError
from sekisho.issuer.management.router import ManagementRequest, answer_management_request
from sekisho.model.tenants import Tenant
from sekisho.serve.hosts import is_local
from sekisho.serve.tenants.common import TenantDeps, read_json, require_tenant, write


class ManagementEndpoint:
    """Everything below ``/api/v2/``."""

    def __init__(self, deps: TenantDeps) -> None:
        self._deps = deps

    async def answer(self, request: Request) -> Response:
        """Answer a call of the Management API."""
        domain = request.path_params["domain"]
        try:
            asked = await _decode_management(request)
            answer = await write(
                self._deps,
                lambda ctx: answer_management_request(
                    ctx, require_tenant(ctx.state.find(Tenant, domain)), asked
                ),
                changes=request.method != "GET",
            )
        except ManagementError as error:
            return JSONResponse(error.render(), error.status)
        return _render_answer(answer)


async def _decode_management(request: Request) -> ManagementRequest:
    raw = request.scope["raw_path"].decode("ascii", "replace")
    query: dict[str, str] = {}
    for name, value in parse_qsl(request.url.query, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    return ManagementRequest(
        method=request.method,
        path=[unquote(segment) for segment in raw.partition("/api/v2/")[2].split("/")],
        query=query,
        body=await read_json(request),
        authorization=request.headers.get("authorization"),
        is_local=is_local(request),
    )


def _render_answer(answer: Answer) -> Response:
    return (
        Response(status_code=answer.status)
        if answer.body is None
        else JSONResponse(answer.body, answer.status)
    )
