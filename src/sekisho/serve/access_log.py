"""Receiving Envoy's access log and turning its entries into decision records.

Protocol: https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/accesslog/v3/als.proto
"""

from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import UTC, timedelta
from typing import Any

import grpc
import structlog
from envoy.config.core.v3.base_pb2 import RequestMethod
from envoy.data.accesslog.v3.accesslog_pb2 import HTTPAccessLogEntry
from envoy.service.accesslog.v3 import als_pb2, als_pb2_grpc

from sekisho.compile.emit.access_log import AUDIT
from sekisho.compile.emit.filters.bridge import FUNCTION_METADATA
from sekisho.compile.emit.filters.normalize import PATH_METADATA
from sekisho.compile.emit.http_api.request import API_METADATA
from sekisho.model.decisions import Decision
from sekisho.serve.api_logs.values import read_target
from sekisho.serve.api_logs.writer import ApiLogs
from sekisho.serve.audit import Audited
from sekisho.serve.metadata import read_decision, read_text

log = structlog.get_logger(__name__)

_KEPT = 1000

Listener = Callable[[Decision], None]


class AccessLogSink(als_pb2_grpc.AccessLogServiceServicer):  # type: ignore[misc]
    """Keeps the last decisions and tells others about each."""

    def __init__(
        self,
        listeners: tuple[Listener, ...] = (),
        audit: Callable[[Audited], None] = lambda _audited: None,
        api_logs: ApiLogs | None = None,
    ) -> None:
        self._listeners = listeners
        self._audit = audit
        self._api_logs = api_logs
        self.recent: deque[Decision] = deque(maxlen=_KEPT)

    async def StreamAccessLogs(  # noqa: N802 - the name that gRPC calls
        self, requests: AsyncIterator[Any], _context: grpc.aio.ServicerContext
    ) -> Any:
        """Take the entries of one Envoy until it goes away."""
        listener = ""
        async for message in requests:
            if message.HasField("identifier"):
                listener = message.identifier.log_name
            for entry in message.http_logs.log_entry:
                if listener.startswith(AUDIT):
                    self._audit(to_audited(listener.removeprefix(AUDIT), entry))
                else:
                    self._take(to_decision(listener, entry))
            if self._api_logs is not None and not listener.startswith(AUDIT):
                await self._api_logs.take(listener, message.http_logs.log_entry)
        return als_pb2.StreamAccessLogsResponse()

    def _take(self, decision: Decision) -> None:
        self.recent.append(decision)
        for listener in self._listeners:
            listener(decision)


def to_decision(listener: str, entry: HTTPAccessLogEntry) -> Decision:
    """Return the record of one entry; the query string stays behind."""
    common, request, response = entry.common_properties, entry.request, entry.response
    said = read_decision(common.metadata)
    upstream = common.upstream_remote_address.socket_address
    return Decision(
        time=common.start_time.ToDatetime(UTC),
        request_id=request.request_headers.get("x-amzn-trace-id", ""),
        listener=listener,
        rule=common.route_name,
        method=RequestMethod.Name(request.request_method),
        host=read_text(common.metadata, PATH_METADATA, "host")
        or read_text(common.metadata, API_METADATA, "host")
        or request.authority,
        path=read_target(entry).partition("?")[0],
        status=response.response_code.value,
        reason=said.get("reason", "") or read_text(common.metadata, FUNCTION_METADATA, "reason"),
        kid=said.get("kid", ""),
        alg=said.get("alg", ""),
        issuer=said.get("iss", ""),
        subject=said.get("sub", ""),
        client_id=said.get("client_id", ""),
        policy=said.get("policy", ""),
        policy_status=said.get("status", 0),
        duration=common.time_to_last_downstream_tx_byte.ToTimedelta() / timedelta(milliseconds=1),
        upstream=f"{upstream.address}:{upstream.port_value}" if upstream.address else "",
        detail=response.response_code_details,
    )


def to_audited(listener: str, entry: HTTPAccessLogEntry) -> Audited:
    """Return a decision with the request that it was made on."""
    headers = tuple(entry.request.request_headers.items())
    return Audited(to_decision(listener, entry), entry.request.path, headers)
