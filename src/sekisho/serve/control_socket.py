"""The socket between the control plane and its Envoys: gRPC on a Unix socket."""

from pathlib import Path

import grpc
from envoy.service.accesslog.v3 import als_pb2_grpc
from envoy.service.auth.v3 import external_auth_pb2_grpc
from envoy.service.discovery.v3 import ads_pb2_grpc

from sekisho.serve.access_log import AccessLogSink
from sekisho.serve.questions import Questions
from sekisho.serve.xds import AdsServer


class ControlSocket:
    """Serves ADS, and whatever else Envoy calls."""

    def __init__(self, path: Path, ads: AdsServer, access_log: AccessLogSink, questions: Questions) -> None:
        self._server = grpc.aio.server()
        ads_pb2_grpc.add_AggregatedDiscoveryServiceServicer_to_server(ads, self._server)
        external_auth_pb2_grpc.add_AuthorizationServicer_to_server(questions, self._server)
        als_pb2_grpc.add_AccessLogServiceServicer_to_server(access_log, self._server)
        self._server.add_insecure_port(f"unix:{path}")

    async def start(self) -> None:
        """Accept calls."""
        await self._server.start()

    async def stop(self) -> None:
        """End all calls."""
        await self._server.stop(None)
