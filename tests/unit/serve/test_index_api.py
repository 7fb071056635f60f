"""What is answered below ``/_sekisho`` where nothing is."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from sekisho.serve.index_api import IndexApi

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def client() -> httpx.AsyncClient:
    async def own(_request: object) -> PlainTextResponse:
        return PlainTextResponse("own")

    routes = [
        Route("/_sekisho/health", own),
        Mount("/_sekisho/tenants/{domain}", routes=[Route("/keys", own)]),
        Route("/elsewhere", own),
    ]
    app = Starlette(routes=[*routes, *IndexApi(routes).routes])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


async def test_the_root_lists_what_there_is(client: httpx.AsyncClient) -> None:
    answer = await client.get("/_sekisho")
    assert answer.json() == {"endpoints": ["/_sekisho/health", "/_sekisho/tenants/{domain}"]}


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_what_is_not_there_leads_to_what_is(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, "/_sekisho/helth")
    assert answer.status_code == 404
    assert answer.json() == {
        "message": f"there is nothing for {method} at /_sekisho/helth",
        "endpoints": ["/_sekisho/health", "/_sekisho/tenants/{domain}"],
    }
    assert (await client.get("/_sekisho/health")).text == "own"
