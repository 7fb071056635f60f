"""The function host: workers for every function, kept warm, as many as are needed at a time."""

import asyncio
import json
import time
from collections.abc import Mapping
from datetime import timedelta

import structlog

from sekisho.functions.model import FunctionSpec, Invocation, MissingRuntimeError, ThrottledError
from sekisho.functions.runtime_api import RuntimeApi
from sekisho.functions.runtimes import Runtimes
from sekisho.functions.worker import Worker, WorkerDiedError, failed, invocation_work, worker_environment
from sekisho.kernel.clock import Clock
from sekisho.kernel.ids import Ids
from sekisho.processes import spawn

log = structlog.get_logger(__name__)

_MOST_WORKERS = 50
"""Most workers of one function; AWS's account limit is 1,000, which a laptop cannot run."""


class FunctionHost:
    """Runs functions. One worker serves one invocation at a time, like a Lambda execution environment."""

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        runtimes: Runtimes | None = None,
        shared_environment: Mapping[str, str] | None = None,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._runtimes = runtimes or Runtimes()
        self._shared = shared_environment or {}
        self._idle: dict[str, list[Worker]] = {}
        self._busy: dict[str, int] = {}
        self._revisions: dict[str, str] = {}

    async def invoke(
        self, spec: FunctionSpec, payload: bytes, *, trace: str = "", client_context: str = ""
    ) -> Invocation:
        """Run a function and return what came of it; a function that fails is a result, not an error.

        Raises:
            MissingRuntimeError: this machine cannot run the function's runtime.
            ThrottledError: all the workers that the function may have are busy.
        """
        limit = _MOST_WORKERS if spec.concurrency is None else spec.concurrency
        if self._busy.get(spec.arn, 0) >= limit:
            raise ThrottledError("Rate Exceeded.")
        self._busy[spec.arn] = self._busy.get(spec.arn, 0) + 1
        try:
            return await self._run(spec, payload, trace, client_context)
        finally:
            self._busy[spec.arn] -= 1

    async def forget(self, arn: str) -> None:
        """End the idle workers of a function that is gone."""
        self._revisions.pop(arn, None)
        await asyncio.gather(*(worker.stop() for worker in self._idle.pop(arn, [])))

    async def stop(self) -> None:
        """End every idle worker; busy ones end with the server."""
        await asyncio.gather(*(self.forget(arn) for arn in list(self._idle)))

    async def _run(self, spec: FunctionSpec, payload: bytes, trace: str, client_context: str) -> Invocation:
        request_id = self._ids.uuid()
        started = time.monotonic()
        worker = await self._take_idle(spec)
        if worker is None:
            worker = await self._start(spec)
            problem = await worker.initialize()
            if problem is not None:
                text = await worker.take_log()
                await worker.stop()
                return Invocation(problem, "Unhandled", text, request_id)
        deadline = self._clock.now() + timedelta(seconds=spec.timeout)
        work = invocation_work(spec, payload, request_id, deadline, trace, client_context)
        try:
            async with asyncio.timeout(spec.timeout):
                answer = await worker.invoke(work)
        except TimeoutError:
            await worker.stop()
            text = _framed(spec, request_id, started, await worker.take_log())
            message = f"Error: Task timed out after {spec.timeout:.2f} seconds"
            return failed("Sandbox.Timedout", message, request_id, text)
        except WorkerDiedError as died:
            text = _framed(spec, request_id, started, await worker.take_log())
            await worker.stop()
            message = f"Error: Runtime exited with error: {died.status}"
            return failed("Runtime.ExitError", message, request_id, text)
        except asyncio.CancelledError:
            await worker.stop()
            raise
        text = _framed(spec, request_id, started, await worker.take_log())
        await self._give_back(worker)
        error = "Unhandled" if answer.is_error else None
        return Invocation(_with_request_id(answer.payload, request_id, error), error, text, request_id)

    async def _take_idle(self, spec: FunctionSpec) -> Worker | None:
        if self._revisions.get(spec.arn) != spec.revision:
            await self.forget(spec.arn)
            self._revisions[spec.arn] = spec.revision
        idle = self._idle.setdefault(spec.arn, [])
        while idle:
            worker = idle.pop()
            if worker.is_alive:
                return worker
            await worker.stop()
        return None

    async def _give_back(self, worker: Worker) -> None:
        spec = worker.spec
        if worker.is_alive and self._revisions.get(spec.arn) == spec.revision:
            self._idle.setdefault(spec.arn, []).append(worker)
        else:
            await worker.stop()

    async def _start(self, spec: FunctionSpec) -> Worker:
        command = self._runtimes.command(spec)
        api = RuntimeApi()
        await api.start()
        try:
            process = await spawn(command, cwd=spec.code, env=worker_environment(spec, api, self._shared))
        except OSError as error:
            await api.stop()
            raise MissingRuntimeError(f"function {spec.name} cannot be started: {error.strerror}") from None
        log.debug("function worker started", function=spec.arn, pid=process.pid)
        return Worker(spec, process, api)


def _framed(spec: FunctionSpec, request_id: str, started: float, text: str) -> str:
    """Return the log as Lambda shows it; the memory figure is the configured one, as nothing here measures it."""
    duration = (time.monotonic() - started) * 1000
    return (
        f"START RequestId: {request_id} Version: {spec.version}\n{text}END RequestId: {request_id}\n"
        f"REPORT RequestId: {request_id}\tDuration: {duration:.2f} ms\tBilled Duration: {int(duration) + 1} ms\t"
        f"Memory Size: {spec.memory} MB\n"
    )


def _with_request_id(payload: bytes, request_id: str, error: str | None) -> bytes:
    """Fill in the request id that a failed Python handler reports."""
    if error is None:
        return payload
    try:
        described = json.loads(payload)
    except ValueError:
        return payload
    if isinstance(described, dict) and described.get("requestId") == "":
        described["requestId"] = request_id
    return json.dumps(described).encode()
