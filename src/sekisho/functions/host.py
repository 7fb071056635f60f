"""The function host: workers for every function, kept warm, as many as are needed at a time."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import timedelta

import structlog

from sekisho.functions.model import Event, FunctionSpec, Invocation, MissingRuntimeError, ThrottledError
from sekisho.functions.runtime_api import Answer, RuntimeApi
from sekisho.functions.runtimes import Runtimes
from sekisho.functions.worker import Worker, WorkerDiedError, failed, invocation_work, worker_environment
from sekisho.kernel.clock import Clock
from sekisho.kernel.ids import Ids
from sekisho.processes import spawn

log = structlog.get_logger(__name__)

MOST_WORKERS = 50
"""Most workers of one function at a time; AWS's account limit is 1,000, which a laptop cannot run."""

_IDLE_SECONDS = 300.0


class FunctionHost:
    """Runs functions. One worker serves one invocation at a time, like a Lambda execution environment."""

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        runtimes: Runtimes | None = None,
        *,
        most_workers: int = MOST_WORKERS,
        idle_seconds: float = _IDLE_SECONDS,
    ) -> None:
        """Take how many workers a function has at most, and after how long one without work is ended."""
        self._most_workers = most_workers
        self._idle_seconds = idle_seconds
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._timers: dict[Worker, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._clock = clock
        self._ids = ids
        self._runtimes = runtimes or Runtimes()
        self._shared: Mapping[str, str] = {}
        self._idle: dict[str, list[Worker]] = {}
        self._busy: Counter[str] = Counter()
        self._revisions: dict[str, str] = {}

    @property
    def has_idle(self) -> bool:
        """Tell whether a worker waits for an invocation."""
        return any(self._idle.values())

    def share(self, environment: Mapping[str, str]) -> None:
        """Give these variables to every function that does not set them itself."""
        self._shared = environment

    async def invoke(self, spec: FunctionSpec, event: Event) -> Invocation:
        """Run a function and return what came of it; a function that fails is a result, not an error.

        Raises:
            MissingRuntimeError: this machine cannot run the function's runtime.
            ThrottledError: the function's reserved concurrency is used up.
        """
        name = spec.function_arn
        if spec.concurrency is not None and self._busy[name] >= spec.concurrency:  # LAMBDA-10
            raise ThrottledError("Rate Exceeded.")
        self._busy[name] += 1
        try:
            # LAMBDA-12
            async with self._slots.setdefault(name, asyncio.Semaphore(self._most_workers)):
                return await self._run(spec, event)
        finally:
            self._busy[name] -= 1

    async def forget(self, arn: str) -> None:
        """End the idle workers of a function or version that is gone, or has changed."""
        self._revisions.pop(arn, None)
        await asyncio.gather(*(self._stop(worker) for worker in self._idle.pop(arn, [])))

    async def keep_only(self, arns: Collection[str]) -> None:
        """End the idle workers of every function and version that is not among these."""
        await asyncio.gather(*(self.forget(arn) for arn in self._idle.keys() - set(arns)))

    async def stop(self) -> None:
        """End every idle worker; busy ones end with the invocations that they serve."""
        await self.keep_only(())
        await asyncio.gather(*self._ending)

    async def _run(self, spec: FunctionSpec, event: Event) -> Invocation:
        request_id = self._ids.uuid()
        started = time.monotonic()
        worker = await self._take_idle(spec)
        is_new = worker is None
        if worker is None:
            worker = await self._start(spec)
        answer: Answer | None = None
        try:
            problem = await worker.initialize() if is_new else None
            if problem is not None:
                return Invocation(problem, "Unhandled", await worker.take_log(), request_id)
            answer, failure = await self._serve(worker, event, request_id)
        finally:
            if answer is None:
                await worker.stop()
        text = _framed(spec, request_id, started, await worker.take_log())
        if answer is None:  # LAMBDA-09
            return failed(*failure, request_id, text)
        await self._give_back(worker)
        error = "Unhandled" if answer.is_error else None
        return Invocation(_with_request_id(answer.payload, request_id, error), error, text, request_id)

    async def _serve(
        self, worker: Worker, event: Event, request_id: str
    ) -> tuple[Answer | None, tuple[str, str]]:
        """Return the runtime's answer, or None and the type and text of the error that took its place."""
        spec = worker.spec
        deadline = self._clock.now() + timedelta(seconds=spec.timeout)
        try:
            async with asyncio.timeout(spec.timeout):
                return await worker.invoke(invocation_work(event, request_id, deadline)), ("", "")
        except TimeoutError:
            return None, ("Sandbox.Timedout", f"Error: Task timed out after {spec.timeout:.2f} seconds")
        except WorkerDiedError as died:
            return None, ("Runtime.ExitError", f"Error: Runtime exited with error: {died.status}")

    async def _take_idle(self, spec: FunctionSpec) -> Worker | None:
        if self._revisions.get(spec.arn) != spec.revision:
            await self.forget(spec.arn)
            self._revisions[spec.arn] = spec.revision
        idle = self._idle.setdefault(spec.arn, [])
        while idle:
            worker = idle.pop()
            if worker.is_alive:
                self._timers.pop(worker).cancel()
                return worker
            await self._stop(worker)
        return None

    async def _give_back(self, worker: Worker) -> None:
        spec = worker.spec
        if worker.is_alive and self._revisions.get(spec.arn) == spec.revision:
            self._idle.setdefault(spec.arn, []).append(worker)
            loop = asyncio.get_running_loop()
            self._timers[worker] = loop.call_later(self._idle_seconds, self._retire, worker)
        else:
            await worker.stop()

    def _retire(self, worker: Worker) -> None:
        """End a worker that has had nothing to do for long."""
        self._idle[worker.spec.arn].remove(worker)
        task = asyncio.create_task(self._stop(worker), name=f"end of {worker.spec.name}")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _stop(self, worker: Worker) -> None:
        """End a worker that is idle no more."""
        timer = self._timers.pop(worker, None)
        if timer is not None:
            timer.cancel()
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
