"""The scenarios by the names of their examples."""

from collections.abc import Callable, Mapping
from typing import Protocol

from sekisho.app import Server
from sekisho.cli.demo.alb_m2m import AlbM2m
from sekisho.cli.demo.http_api import HttpApi
from sekisho.cli.demo.stage import Stage
from sekisho.cli.demo.tenant_routing import TenantRouting
from sekisho.serve.deployment import Deployed
from sekisho.serve.sources import Source


class Scenario(Protocol):
    """Plays an article on a server where its stack is deployed."""

    async def play(self) -> None:
        """Play every scene."""

    def tell_more(self) -> None:
        """Say what can be tried now."""


SCENARIOS: Mapping[str, Callable[[Server, Stage, Source, Deployed], Scenario]] = {
    "alb-m2m": AlbM2m,
    "http-api": HttpApi,
    "tenant-routing": TenantRouting,
}
"""How to begin each scenario."""
