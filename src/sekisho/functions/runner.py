"""Functions by ARN: what operations, user pools, load balancers and APIs call."""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from sekisho.functions.catalogue import Catalogue
from sekisho.functions.code_store import CodeStore
from sekisho.functions.event_queue import EventQueue
from sekisho.functions.host import FunctionHost
from sekisho.functions.model import (
    Caller,
    Event,
    FunctionSpec,
    Invocation,
    MissingRuntimeError,
    ThrottledError,
)
from sekisho.functions.runtimes import Runtimes
from sekisho.kernel.clock import Clock
from sekisho.kernel.functions import FunctionFailedError
from sekisho.kernel.ids import Ids
from sekisho.model.lambda_ import FunctionVersion
from sekisho.services.hosting import FunctionNotRunError, FunctionRun, KeptCode
from sekisho.store.api import Store

log = structlog.get_logger(__name__)

# "Response payload size exceeded maximum allowed payload size (6291556 bytes)":
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_LARGEST_ANSWER = 6_291_556


_LONGEST_MESSAGE = 500


class Functions:
    """Runs the functions of a store. ``call`` is for the event loop, ``run`` and ``invoke`` for other threads.

    It is a :class:`~sekisho.kernel.functions.FunctionInvoker` and a
    :class:`~sekisho.services.hosting.FunctionHosting`.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        clock: Clock,
        ids: Ids,
        runtimes: Runtimes | None = None,
    ) -> None:
        """Take the folder that keeps the code; nothing runs yet."""
        self._store = store
        self._code = CodeStore(folder, store)
        self._catalogue = Catalogue(store, self._code, ids)
        self._runtimes = runtimes or Runtimes()
        self._host = FunctionHost(clock, ids, self._runtimes)
        self._queue = EventQueue(store, self._handle)
        self._calls: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Take up the events that an earlier server has not handled; invoke nothing before.

        ``environment`` is given to every function that does not set these variables itself.
        """
        self._loop = asyncio.get_running_loop()
        self._host.share(environment or {})
        await asyncio.to_thread(self._sweep)
        self._queue.start()

    async def stop(self) -> None:
        """End every worker; whoever waits for one is told that its function was not run."""
        await self._queue.stop()
        for task in self._calls:
            task.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        await self._host.stop()
        self._loop = None

    def bind_runtimes(self, interpreters: Mapping[str, Path]) -> None:
        """Run these runtimes, e.g. ``python3.12``, in these interpreters from the next worker on."""
        self._runtimes.bind(interpreters)

    async def call(self, resource: str, event: Event, caller: Caller | None = None) -> FunctionRun:
        """Run the function, version or alias with an ARN; with ``caller`` only if its policy lets that in.

        Raises:
            FunctionNotRunError: it could not be run; a function that fails is a result.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._calls.add(task)
        try:
            spec = await asyncio.to_thread(self._catalogue.find, resource, caller)
            run = _to_run(spec, await self._host.invoke(spec, event))
        except MissingRuntimeError as error:  # LAMBDA-11
            raise FunctionNotRunError("InvalidRuntimeException", error.message) from None
        except ThrottledError as error:
            raise FunctionNotRunError("TooManyRequestsException", error.message) from None
        finally:
            self._calls.discard(task)
        if run.error:
            message = _error_message(run.payload)[:_LONGEST_MESSAGE]
            log.warning("a function failed", function=resource, request_id=run.request_id, message=message)
        return run

    def run(
        self, resource: str, payload: bytes, client_context: str = "", caller: Caller | None = None
    ) -> FunctionRun:
        """Run a function and wait for it; not on the event loop's own thread.

        Raises:
            FunctionNotRunError: it could not be run.
        """
        loop = self._loop
        if loop is None:
            raise _not_running()
        event = Event(payload, resource, client_context=client_context)
        try:
            return asyncio.run_coroutine_threadsafe(self.call(resource, event, caller), loop).result()
        except CancelledError:
            raise _not_running() from None

    def invoke(
        self, function_arn: str, event: Mapping[str, Any], principal: str = "", source_arn: str = ""
    ) -> Any:
        """Run a function and return its answer; not on the event loop's own thread.

        With a ``principal`` the function's policy must let that service in on behalf of ``source_arn``.

        Raises:
            FunctionFailedError: it was called and failed.
            FunctionUnavailableError: it could not be called.
        """
        caller = Caller(principal, source_arn) if principal else None
        run = self.run(function_arn, json.dumps(event).encode(), caller=caller)
        if run.error:
            raise FunctionFailedError(_error_message(run.payload))
        return json.loads(run.payload)

    def keep(self, archive: bytes) -> KeptCode:
        """Unpack an archive into a folder of its own, on the disk for good.

        Raises:
            CodeRefusedError: it cannot be unpacked.
        """
        return self._code.keep(archive)

    def find_object(self, bucket: str, key: str) -> bytes | None:
        """Return the archive that stands for an S3 object, or None where this machine has none."""
        return self._code.find_object(bucket, key)

    def wake(self) -> None:
        """Look for queued events: there is a new one. Called from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._queue.wake)

    async def follow(self) -> None:
        """End the workers of functions that are gone."""
        if not self._host.has_idle:
            return
        versions = await asyncio.to_thread(self._versions)
        arns = {version.function_arn for version in versions} | {version.arn for version in versions}
        await self._host.keep_only(arns)

    async def _handle(self, resource: str, payload: bytes, client_context: str) -> FunctionRun:
        return await self.call(resource, Event(payload, resource, client_context=client_context))

    def _versions(self) -> list[FunctionVersion]:
        with self._store.read() as state:
            return state.list(FunctionVersion)

    def _sweep(self) -> None:
        self._code.sweep({version.configuration.code.folder for version in self._versions()})


def _to_run(spec: FunctionSpec, invocation: Invocation) -> FunctionRun:
    size = len(invocation.payload)
    if size > _LARGEST_ANSWER:
        described = {
            "errorType": "Function.ResponseSizeTooLarge",
            "errorMessage": f"Response payload size ({size} bytes) exceeded maximum allowed payload size"
            f" ({_LARGEST_ANSWER} bytes).",
        }
        invocation = replace(invocation, payload=json.dumps(described).encode(), error="Unhandled")
    return FunctionRun(
        invocation.payload, invocation.error or "", invocation.log, spec.version, invocation.request_id
    )


def _error_message(payload: bytes) -> str:
    """Return the text of the error that a function ended with."""
    try:
        described = json.loads(payload)
    except ValueError:
        return ""
    message = described.get("errorMessage") if isinstance(described, dict) else None
    return message if isinstance(message, str) else ""


def _not_running() -> FunctionNotRunError:
    return FunctionNotRunError("ServiceException", "The server is stopping.")
