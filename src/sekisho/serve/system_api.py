"""Sekisho's own endpoints under ``/_sekisho``: health, what listens where, what is wrong, and reset."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sekisho.model.decisions import Decision
from sekisho.model.diagnostics import Diagnostic
from sekisho.serve.endpoints import ListeningEndpoint

Health = Callable[[], dict[str, str]]


class SystemApi:
    """Answers under ``/_sekisho``."""

    def __init__(
        self,
        version: str,
        parts: Health,
        endpoints: Callable[[], Awaitable[list[ListeningEndpoint]]],
        diagnostics: Callable[[], Iterable[Diagnostic]],
        decisions: Callable[[], Iterable[Decision]],
        reset: Callable[[], Awaitable[None]] | None,
    ) -> None:
        """Take what is asked: ``parts`` gives ``ok`` or what is wrong by part; ``reset`` is None when refused."""
        self._version = version
        self._parts = parts
        self._endpoints = endpoints
        self._diagnostics = diagnostics
        self._decisions = decisions
        self._reset = reset

    @property
    def routes(self) -> list[Route]:
        """Return the routes to mount at the root."""
        return [
            Route("/_sekisho/health", self.health),
            Route("/_sekisho/endpoints", self.endpoints),
            Route("/_sekisho/diagnostics", self.diagnostics),
            Route("/_sekisho/decisions", self.decisions),
            Route("/_sekisho/reset", self.reset, methods=["POST"]),
        ]

    async def health(self, _request: Request) -> Response:
        """200 when every part is ready, else 503 with what is wrong in the part that is not."""
        parts = self._parts()
        ready = all(state == "ok" for state in parts.values())
        body: dict[str, Any] = {
            "status": "ok" if ready else "degraded",
            "version": self._version,
            "parts": parts,
        }
        return JSONResponse(body, 200 if ready else 503)

    async def endpoints(self, _request: Request) -> Response:
        """List what listens."""
        return JSONResponse([asdict(endpoint) for endpoint in await self._endpoints()])

    async def diagnostics(self, _request: Request) -> Response:
        """List the findings about the configuration that was compiled last."""
        return JSONResponse([asdict(finding) for finding in self._diagnostics()])

    async def decisions(self, _request: Request) -> Response:
        """List the last requests and what became of each, the oldest first."""
        found = [{**asdict(decision), "time": decision.time.isoformat()} for decision in self._decisions()]
        return JSONResponse(found)

    async def reset(self, _request: Request) -> Response:
        """Empty the state; refused for a server that keeps its state."""
        if self._reset is None:
            message = "reset is refused: this server keeps its state; start it with --ephemeral to allow it"
            return JSONResponse({"message": message}, 409)
        await self._reset()
        return JSONResponse({"status": "reset"})
