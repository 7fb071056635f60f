"""One worker: a process that runs one function, one invocation at a time."""

import asyncio
import contextlib
import json
import os
import signal
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sekisho.functions.model import Event, FunctionSpec, Invocation
from sekisho.functions.runtime_api import Answer, RuntimeApi, Work

END_OF_LOG = "\x1e"
"""What a runtime writes before the request id when an invocation's log is complete."""

_LOG_TAIL_BYTES = 4096
_MOST_LINES = 1000
_LOG_GRACE_SECONDS = 0.5
_UNMARKED_GRACE_SECONDS = 0.02
_INIT_SECONDS = 10.0


class WorkerDiedError(Exception):
    """The process ended while it should have answered; ``status`` says how."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Worker:
    """A running function."""

    def __init__(self, spec: FunctionSpec, process: asyncio.subprocess.Process, api: RuntimeApi) -> None:
        self.spec = spec
        self.process = process
        self._api = api
        self._lines: deque[str] = deque(maxlen=_MOST_LINES)
        # A runtime of the user's own does not say when its log is complete.
        self._log_grace = (
            _UNMARKED_GRACE_SECONDS if spec.runtime.startswith("provided") else _LOG_GRACE_SECONDS
        )
        self._request_id = ""
        self._log_complete = asyncio.Event()
        self._reader = asyncio.create_task(self._read_output(), name=f"log of {spec.name}")

    @property
    def is_alive(self) -> bool:
        """Tell whether the process runs."""
        return self.process.returncode is None

    async def initialize(self) -> bytes | None:
        """Wait until the handler is loaded; return the error as JSON if it could not be.

        Lambda gives the init phase 10 seconds:
        https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
        """
        died: asyncio.Task[object] = asyncio.create_task(self.process.wait())
        ready: asyncio.Task[object] = asyncio.create_task(self._api.ready.wait())
        done, pending = await asyncio.wait(
            {died, ready}, timeout=_INIT_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        for task in pending:
            task.cancel()
        if ready in done:
            return self._api.init_error
        if died in done:
            return _error("Runtime.ExitError", f"Error: Runtime exited with error: {self._exit_status()}")
        return _error("Sandbox.Timedout", "Error: the function did not initialize within 10 seconds")

    async def invoke(self, work: Work) -> Answer:
        """Run one invocation.

        Raises:
            WorkerDiedError: the process ended before it answered.
        """
        self._lines.clear()
        self._log_complete.clear()
        self._request_id = work.request_id
        self._api.offer(work)
        died = asyncio.create_task(self.process.wait())
        waiting: set[asyncio.Future[Any]] = {died, work.answer}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            died.cancel()
        if not work.answer.done():
            raise WorkerDiedError(self._exit_status())
        return work.answer.result()

    async def take_log(self) -> str:
        """Return what was written since the invocation began, at most the last 4 KB."""
        try:
            async with asyncio.timeout(self._log_grace):
                await self._log_complete.wait()
        except TimeoutError:
            pass
        return "".join(self._lines)[-_LOG_TAIL_BYTES:]

    async def stop(self) -> None:
        """End the process, and whatever it has started, at once: nothing in it is worth waiting for."""
        # The process leads a session of its own; its children may live on when it has ended itself.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()
        await asyncio.wait({self._reader}, timeout=_LOG_GRACE_SECONDS)
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        self._log_complete.set()
        await self._api.stop()

    def _exit_status(self) -> str:
        code = self.process.returncode or 0
        return f"exit status {code}" if code >= 0 else f"signal: {-code}"

    async def _read_output(self) -> None:
        assert self.process.stdout is not None  # noqa: S101 - spawn made the pipe
        while line := await _read_line(self.process.stdout):
            # What was written last may not end in a line break.
            text, mark, request_id = line.partition(END_OF_LOG)
            is_end = bool(mark) and request_id.strip() == self._request_id
            if not is_end:
                self._lines.append(line)
                continue
            if text:
                self._lines.append(f"{text}\n")
            self._log_complete.set()
        self._log_complete.set()


async def _read_line(stream: asyncio.StreamReader) -> str:
    try:
        raw = await stream.readline()
    except ValueError:  # a line longer than the reader's buffer
        raw = await stream.read(_LOG_TAIL_BYTES) + b"\n"
    return raw.decode(errors="replace")


def invocation_work(event: Event, request_id: str, deadline: datetime) -> Work:
    """Return an invocation as the Runtime API hands it out."""
    headers = [
        ("Lambda-Runtime-Aws-Request-Id", request_id),
        ("Lambda-Runtime-Deadline-Ms", str(int(deadline.timestamp() * 1000))),
        ("Lambda-Runtime-Invoked-Function-Arn", event.invoked_arn),
        ("Lambda-Runtime-Trace-Id", event.trace),
    ]
    if event.client_context:
        headers.append(("Lambda-Runtime-Client-Context", event.client_context))
    return Work(request_id, event.payload, tuple(headers))


def worker_environment(spec: FunctionSpec, api: RuntimeApi, shared: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that Lambda sets, those that all functions here share, and the function's own.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    region = spec.arn.split(":")[3]
    return {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": "sekisho",
        "AWS_SECRET_ACCESS_KEY": "sekisho",
        **shared,
        **spec.environment,
        "AWS_LAMBDA_RUNTIME_API": api.address,
        "AWS_LAMBDA_FUNCTION_NAME": spec.name,
        "AWS_LAMBDA_FUNCTION_VERSION": spec.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{spec.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"local/[{spec.version}]",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{spec.runtime}",
        "LAMBDA_TASK_ROOT": str(spec.code),
        "_HANDLER": spec.handler,
    }


def failed(kind: str, message: str, request_id: str, log: str) -> Invocation:
    """Return an invocation that failed outside the function's own code."""
    return Invocation(_error(kind, f"RequestId: {request_id} {message}"), "Unhandled", log, request_id)


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def bootstrap_path(name: str) -> Path:
    """Return one of the runtimes that ship with Sekisho."""
    return Path(__file__).with_name("bootstraps") / name
