"""The socket between the control plane and its Envoys: gRPC on a Unix socket in a short-named folder."""

import shutil
import tempfile
from pathlib import Path

import grpc
from envoy.service.accesslog.v3 import als_pb2_grpc
from envoy.service.auth.v3 import external_auth_pb2_grpc
from envoy.service.discovery.v3 import ads_pb2_grpc

from sekisho.serve.access_log import AccessLogSink
from sekisho.serve.questions import Questions
from sekisho.serve.xds import AdsServer


class ControlSocket:
    """Serves ADS, and whatever else Envoy calls, where only this user can reach it."""

    def __init__(self, ads: AdsServer, access_log: AccessLogSink, questions: Questions) -> None:
        # Not in the data folder: a Unix socket's path may have 107 characters only.
        self._folder = Path(tempfile.mkdtemp(prefix="sekisho-"))
        self.path = self._folder / "control.sock"
        self.admin_path = self._folder / "admin.sock"
        self.functions_path = self._folder / "functions.sock"
        self.apis_path = self._folder / "apis.sock"
        self.server = grpc.aio.server()
        ads_pb2_grpc.add_AggregatedDiscoveryServiceServicer_to_server(ads, self.server)
        external_auth_pb2_grpc.add_AuthorizationServicer_to_server(questions, self.server)
        als_pb2_grpc.add_AccessLogServiceServicer_to_server(access_log, self.server)
        self.server.add_insecure_port(f"unix:{self.path}")

    @property
    def folder(self) -> Path:
        """Return the folder, readable by this user only."""
        return self._folder

    async def start(self) -> None:
        """Accept calls."""
        await self.server.start()

    async def stop(self) -> None:
        """End all calls and remove the folder."""
        await self.server.stop(None)
        shutil.rmtree(self._folder, ignore_errors=True)
