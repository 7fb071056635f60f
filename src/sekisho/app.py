"""The one module that knows every part: it builds them, starts them in order and stops them in reverse."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import anyio.lowlevel
import structlog
from starlette.applications import Starlette
from starlette.routing import Route

from sekisho import __version__
from sekisho.cfn.engine import Engine
from sekisho.cfn.work import Parts
from sekisho.functions.bridges import Bridges
from sekisho.functions.http_api_authorizers import LambdaAuthorizers
from sekisho.functions.runner import Functions
from sekisho.issuer.cognito.urls import PoolUrls
from sekisho.issuer.cognito.user_tokens import PoolTokens
from sekisho.kernel.addresses import is_loopback
from sekisho.kernel.clock import Clock, SystemClock
from sekisho.kernel.errors import UsageError
from sekisho.kernel.ids import RandomIds
from sekisho.kernel.settings import Settings, inherited_environment, parse_access_keys, proxy_for
from sekisho.model.diagnostics import Diagnostic
from sekisho.model.project import CertificateFiles
from sekisho.serve.aws_api import AwsApi
from sekisho.serve.certificates import CertificateAuthority
from sekisho.serve.control import ControlPlane
from sekisho.serve.deployment import Deployer, DeploymentParts
from sekisho.serve.discovery import Discovery
from sekisho.serve.domains.common import DomainDeps
from sekisho.serve.endpoints import ListeningEndpoint, list_endpoints
from sekisho.serve.envoy import find_envoy
from sekisho.serve.explain_api import ExplainApi
from sekisho.serve.followers import FollowFunctions, FollowTargets
from sekisho.serve.foreign_pages import without_foreign_pages
from sekisho.serve.health_checks import HealthChecks
from sekisho.serve.holdings import Holdings
from sekisho.serve.index_api import IndexApi
from sekisho.serve.key_broker import KeyBroker
from sekisho.serve.key_fetcher import KeyFetcher
from sekisho.serve.local_envoy import LocalEnvoy
from sekisho.serve.local_keys import local_keys_from
from sekisho.serve.outbox import outbox_route
from sekisho.serve.questions import Questions
from sekisho.serve.roots import write_roots
from sekisho.serve.runtime import ServerRuntime
from sekisho.serve.snapshots import Places, Snapshots
from sekisho.serve.sweeper import Sweeper
from sekisho.serve.system_api import SystemApi
from sekisho.serve.task_targets import TaskTargets
from sekisho.serve.tenants.common import TenantDeps
from sekisho.serve.tenants.routes import tenant_routes
from sekisho.serve.user_pools import user_pool_routes
from sekisho.serve.web import WebServer
from sekisho.services import SERVICES
from sekisho.services.cloudformation.engine import TRANSFORMS, TYPES
from sekisho.services.cognito_idp.triggers import PoolTriggers
from sekisho.services.registry import Dispatcher

log = structlog.get_logger(__name__)


class Server:
    """A whole Sekisho in this process: ``async with Server(settings) as server``."""

    def __init__(
        self,
        settings: Settings,
        certificates: Mapping[str, CertificateFiles] | None = None,
        environments: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Build the parts; nothing runs yet. It must be called inside the event loop that will run them.

        Args:
            settings: where it listens, and where it keeps its state.
            certificates: files of the user's for ACM ARNs.
            environments: where Python environments of containers are kept, if not in the data folder.
            clock: the time, if not the machine's.

        Raises:
            UsageError: the data folder is in use, the port is taken, or there is no Envoy.
        """
        _check_reach(settings)
        self.settings = settings
        self._access_keys = parse_access_keys(settings.access_keys)
        self.clock, self.ids = clock or SystemClock(), RandomIds()
        binary, pool_urls = find_envoy(settings.envoy), PoolUrls(self._local_issuers(settings.cognito_issuer))
        self._fetcher = KeyFetcher(settings.ca_bundle, proxy_for)
        # Nothing below this line can be refused: what is held is given back when the server stops.
        self._held = Holdings(settings)
        self.store = self._held.store
        self._certificates = CertificateAuthority(self.data_path, self.clock, certificates)
        self._roots = self.data_path.resolve() / "trusted-roots.pem"
        self.broker = KeyBroker(
            self.clock, self._fetcher.fetch, local_keys_from(self.store), on_change=self._reconcile
        )
        self.health = HealthChecks(on_change=self._reconcile)
        self._runtime = ServerRuntime(self.health)
        self.functions = Functions(self.store, self.data_path / "functions", self.clock, self.ids)
        pool_tokens = PoolTokens(self.clock, self.ids, PoolTriggers(self.functions), pool_urls)
        dispatcher = self._build_dispatcher(pool_tokens)
        self._domains = DomainDeps(self.store, pool_tokens, dispatcher.long_context)
        self._bridges = Bridges(self.store, self.functions, self.clock)
        self.envoy = self._build_envoy(binary)
        self.control = self._build_control(dispatcher)
        self._engine = self._build_engine(dispatcher)
        self.tasks = TaskTargets(
            self.store, self.control.call, environments or self.data_path, inherited_environment()
        )
        self.deployer = self._build_deployer()
        self._web = WebServer(self._build_app(), self._held.listener)
        self._running = AsyncExitStack()

    def _build_dispatcher(self, tokens: PoolTokens) -> Dispatcher:
        return Dispatcher(
            SERVICES,
            self.store,
            self.clock,
            self.ids,
            self.settings.account_id,
            self._runtime,
            self.functions,
            tokens,
            hosting=self.functions,
            discovery=Discovery(self._fetcher, asyncio.get_running_loop()),
        )

    def _build_envoy(self, binary: Path) -> LocalEnvoy:
        authorizers = LambdaAuthorizers(self.functions, self.clock)
        questions = Questions(authorizers, self.clock, self._access_keys)
        return LocalEnvoy(binary, self.settings, self._held, self.broker, questions)

    def _build_engine(self, dispatcher: Dispatcher) -> Engine:
        account_id = self.settings.account_id
        return Engine(
            Parts(self.store, dispatcher, TYPES, self.clock, self.ids, account_id, transforms=TRANSFORMS)
        )

    def _build_control(self, dispatcher: Dispatcher) -> ControlPlane:
        places = Places(
            # Nobody can guess the header that asks the edge for a decision.
            probe=f"x-probe-{self.ids.text(32)}",
            functions_socket=str(self._held.sockets.load_balancers),
            apis_socket=str(self._held.sockets.http_apis),
            roots=str(self._roots),
        )
        certificate_for = self._certificates.certificate_for
        snapshots = Snapshots(
            self.store, self.settings, certificate_for, self.broker, self.health.is_healthy, places
        )
        followers = (FollowTargets(self.health), FollowFunctions(self.functions))
        return ControlPlane(self.store, dispatcher, self.envoy.edge, snapshots.take, followers)

    def _build_deployer(self) -> Deployer:
        return Deployer(
            DeploymentParts(
                store=self.store,
                engine=self._engine,
                tasks=self.tasks,
                clock=self.clock,
                ids=self.ids,
                changed=self.control.changed,
                reconcile=self.control.reconcile,
                bind_runtimes=self.functions.bind_runtimes,
                bind_certificates=self._certificates.bind,
                target_health=self._runtime.target_health,
                region=self.settings.region,
                host=self.settings.host,
            )
        )

    @property
    def url(self) -> str:
        """Return the base URL of the AWS API."""
        return f"http://{self.settings.host}:{self._web.port}"

    @property
    def ca_path(self) -> Path:
        """Return the certificate of the CA that signs for TLS listeners."""
        return self._certificates.ca_path

    @property
    def data_path(self) -> Path:
        """Return the folder that holds the state."""
        return self._held.data.path

    def _local_issuers(self, choice: str) -> Callable[[], str] | None:
        """Return where pools say they issue from, None for AWS's own URLs."""
        if choice not in ("aws", "local"):
            raise UsageError(f"SEKISHO_COGNITO_ISSUER is aws or local, not {choice!r}")
        return None if choice == "aws" else lambda: self.url

    def _build_app(self) -> Starlette:
        aws = AwsApi(self.control.call, self.clock, self.ids, self.settings.region, self._access_keys)
        reset = self._reset if self.settings.ephemeral else None
        recent = self.envoy.decisions.recent
        system = SystemApi(
            __version__, self.parts, self.endpoints, self.diagnostics, lambda: tuple(recent), reset
        )
        issuers = tenant_routes(TenantDeps(self.store, self.clock, self.ids, self.control.changed))
        pools = [outbox_route(self.store), *user_pool_routes(self._domains)]
        explain = Route(
            "/_sekisho/explain",
            ExplainApi(lambda: self.control.state, self.clock).handle,
            methods=["POST"],
        )
        catch_all = Route("/{path:path}", aws.handle, methods=AwsApi.METHODS)
        own = without_foreign_pages((*system.routes, explain), self.settings.host)
        known = [*own, *issuers, *pools]
        rest = (*IndexApi(known).routes, catch_all)
        return Starlette(routes=[*known, *without_foreign_pages(rest, self.settings.host)])

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._running.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._running.aclose()

    async def _start(self) -> None:
        """Start the parts, each after what it needs; the stack stops them in reverse."""
        running = self._running
        running.callback(self._held.close)
        self._certificates.prepare()
        write_roots(self._roots, (self.ca_path, *self.settings.ca_bundle))
        running.push_async_callback(self._fetcher.close)
        # Ctrl-C while the parts were built takes effect here; gRPC cannot be stopped in the middle of its start.
        await anyio.lowlevel.checkpoint()
        running.push_async_callback(self.envoy.stop)
        await self.envoy.start()
        await self.broker.start()
        running.push_async_callback(self.broker.stop)
        await self.health.start()
        running.push_async_callback(self.health.stop)
        running.push_async_callback(self.control.stop)
        await asyncio.to_thread(self._take_up_stacks)
        await self.functions.start({"AWS_ENDPOINT_URL": self.url})
        running.push_async_callback(self.functions.stop)
        running.push_async_callback(self._bridges.stop)
        await self._bridges.start(self._held.sockets.load_balancers, self._held.sockets.http_apis)
        sweeper = Sweeper(self.store, self.clock)
        sweeper.start()
        running.push_async_callback(sweeper.stop)
        await self.envoy.wait_connected()
        await self.control.reconcile()
        await self._web.start()
        running.push_async_callback(self._web.stop)
        await self.tasks.start()
        running.push_async_callback(self.tasks.stop)

    def _take_up_stacks(self) -> None:
        """Bring to rest the stacks that an earlier server was ended in the middle of."""
        for stack_id in self._engine.interrupted():
            for event in self._engine.run(stack_id):
                log.info("stack taken up", stack=event.stack_name, status=event.status, reason=event.reason)

    def parts(self) -> dict[str, str]:
        """Return ``ok``, or what is wrong, for each part."""
        compiler = {"compiler": self.control.failure or "ok"}
        return {**self.envoy.parts(), **compiler}

    async def endpoints(self) -> list[ListeningEndpoint]:
        """Return what listens."""
        with self.store.read() as state:
            return list_endpoints(state, self.settings.host, self.url, self._web.port)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return what there is to say about the configuration that was compiled last."""
        compiled = self.control.state.compiled.diagnostics if self.control.state is not None else ()
        return (*compiled, *self.tasks.findings)

    async def _reconcile(self) -> None:
        await self.control.reconcile()

    async def _reset(self) -> None:
        self.store.clear()
        await self.control.changed()


def _check_reach(settings: Settings) -> None:
    """Refuse to let others in who need no key.

    Raises:
        UsageError: the address is not loopback and no access keys are configured.
    """
    if not settings.access_keys and not is_loopback(settings.host):
        raise UsageError(
            f"{settings.host} can be reached by others, and any credentials would be accepted; "
            "set SEKISHO_ACCESS_KEYS=ID:SECRET, or bind to 127.0.0.1"
        )
