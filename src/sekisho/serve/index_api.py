"""``/_sekisho`` itself, and what is not below it: a list of what is."""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

_ROOT = "/_sekisho"
_EVERY_METHOD = ["DELETE", "GET", "PATCH", "POST", "PUT"]


class IndexApi:
    """Answers for the paths below ``/_sekisho`` that nothing else answers for."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        """Take the routes that come first."""
        named = (route.path for route in routes if isinstance(route, Route | Mount))
        self._paths = sorted({path for path in named if path.startswith(_ROOT)})

    @property
    def routes(self) -> list[Route]:
        """Return the routes to mount after all others below the path."""
        return [
            Route(_ROOT, self.index),
            Route(f"{_ROOT}/{{rest:path}}", self.unknown, methods=_EVERY_METHOD),
        ]

    async def index(self, _request: Request) -> Response:
        """List what there is."""
        return JSONResponse({"endpoints": self._paths})

    async def unknown(self, request: Request) -> Response:
        """Say that there is nothing, and list what there is."""
        message = f"there is nothing for {request.method} at {request.url.path}"
        return JSONResponse({"message": message, "endpoints": self._paths}, 404)
