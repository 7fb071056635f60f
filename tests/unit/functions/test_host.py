"""Functions run in real worker processes."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sekisho.functions.host import FunctionHost
from sekisho.functions.model import Event, FunctionSpec, Invocation, MissingRuntimeError, ThrottledError
from sekisho.kernel.clock import SystemClock
from sekisho.kernel.ids import RandomIds

ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"


def write(folder: Path, source: str, name: str = "index.py") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(source)
    return folder


def spec(code: Path, **changes: Any) -> FunctionSpec:
    values: dict[str, Any] = {
        "arn": ARN, "function_arn": ARN, "name": "f", "version": "$LATEST", "runtime": "python3.12",
        "handler": "index.handler", "code": code, "timeout": 10, "revision": "1",
    }  # fmt: skip
    return FunctionSpec(**{**values, **changes})


def run(scenario: Callable[[FunctionHost], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        host = FunctionHost(SystemClock(), RandomIds())
        try:
            return await scenario(host)
        finally:
            await host.stop()

    return asyncio.run(main())


def invoke(function: FunctionSpec, event: Any = None) -> Invocation:
    result = run(lambda host: host.invoke(function, Event(json.dumps(event).encode(), ARN)))
    assert isinstance(result, Invocation)
    return result


def test_a_python_handler_answers_and_its_log_is_kept(tmp_path: Path) -> None:
    code = write(
        tmp_path, "def handler(event, context):\n    print('seen', event)\n    return {'a': [event, 1]}\n"
    )
    result = invoke(spec(code), "x")
    assert (json.loads(result.payload), result.error) == ({"a": ["x", 1]}, None)
    lines = result.log.splitlines()
    assert lines[0] == f"START RequestId: {result.request_id} Version: $LATEST"
    assert lines[1] == "seen x"
    assert lines[2] == f"END RequestId: {result.request_id}"


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node on the PATH")
@pytest.mark.parametrize(
    ("name", "source"),
    [
        (
            "index.mjs",
            "export const handler = async (event, context) => ({e: event, n: context.functionName});",
        ),
        ("index.js", "exports.handler = async (event, context) => ({e: event, n: context.functionName});"),
        (
            "index.js",
            "exports.handler = (event, context, done) => done(null, {e: event, n: context.functionName});",
        ),
    ],
)
def test_a_node_handler_answers(tmp_path: Path, name: str, source: str) -> None:
    code = write(tmp_path, source, name)
    result = invoke(spec(code, runtime="nodejs20.x"), {"k": 1})
    assert json.loads(result.payload) == {"e": {"k": 1}, "n": "f"}


def test_a_worker_is_reused_and_retired_when_the_code_changes(tmp_path: Path) -> None:
    source = "import os\ndef handler(event, context):\n    return os.getpid()\n"

    async def scenario(host: FunctionHost) -> list[bytes]:
        code = write(tmp_path, source)
        revisions = ("1", "1", "2")
        return [
            (await host.invoke(spec(code, revision=revision), Event(b"null", ARN))).payload
            for revision in revisions
        ]

    first, second, third = run(scenario)
    assert first == second != third


def test_an_exception_is_reported_like_lambda_does(tmp_path: Path) -> None:
    code = write(tmp_path, "def handler(event, context):\n    raise ValueError('no')\n")
    result = invoke(spec(code))
    body = json.loads(result.payload)
    assert result.error == "Unhandled"
    assert (body["errorType"], body["errorMessage"]) == ("ValueError", "no")
    assert body["requestId"] == result.request_id
    assert "in handler" in body["stackTrace"][0]


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("import os\ndef handler(e, c):\n    os._exit(3)\n", "Runtime.ExitError", "exit status 3"),
        ("import nothing_of_that_name\n", "Runtime.ImportModuleError", "Unable to import module 'index'"),
        ("other = 1\n", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'"),
    ],
)
def test_a_function_that_cannot_run_is_a_result(tmp_path: Path, source: str, kind: str, message: str) -> None:
    result = invoke(spec(write(tmp_path, source)))
    body = json.loads(result.payload)
    assert (result.error, body["errorType"]) == ("Unhandled", kind)
    assert message in body["errorMessage"]


def test_a_function_that_times_out_is_killed_and_the_next_call_works(tmp_path: Path) -> None:
    source = "import time\ndef handler(event, context):\n    while event: time.sleep(60)\n    return 'fine'\n"

    async def scenario(host: FunctionHost) -> list[Invocation]:
        code = write(tmp_path, source)
        slow = await host.invoke(spec(code, timeout=0.2), Event(b"true", ARN))
        return [slow, await host.invoke(spec(code), Event(b"false", ARN))]

    slow, fine = run(scenario)
    body = json.loads(slow.payload)
    assert (slow.error, body["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert body["errorMessage"] == f"RequestId: {slow.request_id} Error: Task timed out after 0.20 seconds"
    assert (fine.error, fine.payload) == (None, b'"fine"')


def test_invocations_at_the_same_time_get_workers_of_their_own(tmp_path: Path) -> None:
    meet = tmp_path / "meet"
    meet.mkdir()
    source = (
        "import os, pathlib, time\n"
        "def handler(event, context):\n"
        "    meet = pathlib.Path(event)\n"
        "    (meet / str(os.getpid())).touch()\n"
        "    while len(list(meet.iterdir())) < 2: time.sleep(0.01)\n"
        "    return os.getpid()\n"
    )

    async def scenario(host: FunctionHost) -> set[bytes]:
        function = spec(write(tmp_path / "code", source))
        event = Event(json.dumps(str(meet)).encode(), ARN)
        both = await asyncio.gather(host.invoke(function, event), host.invoke(function, event))
        return {result.payload for result in both}

    assert len(run(scenario)) == 2


@pytest.mark.semantics("LAMBDA-12")
def test_invocations_beyond_the_most_workers_wait(tmp_path: Path) -> None:
    source = "import os\ndef handler(event, context):\n    return os.getpid()\n"

    async def main() -> set[bytes]:
        host = FunctionHost(SystemClock(), RandomIds(), most_workers=1)
        function = spec(write(tmp_path, source))
        results = await asyncio.gather(*(host.invoke(function, Event(b"1", ARN)) for _ in range(4)))
        await host.stop()
        return {result.payload for result in results}

    assert len(asyncio.run(main())) == 1


def test_a_worker_without_work_is_ended(tmp_path: Path) -> None:
    source = "import os\ndef handler(event, context):\n    return os.getpid()\n"

    async def main() -> int:
        host = FunctionHost(SystemClock(), RandomIds(), idle_seconds=0)
        function = spec(write(tmp_path, source))
        first = await host.invoke(function, Event(b"1", ARN))
        while host.has_idle:  # noqa: ASYNC110 - the next turn of the loop ends it
            await asyncio.sleep(0)
        second = await host.invoke(function, Event(b"1", ARN))
        assert first.payload != second.payload
        await host.stop()
        return int(first.payload)

    assert not Path(f"/proc/{asyncio.run(main())}").exists()


def test_a_function_without_concurrency_is_throttled(tmp_path: Path) -> None:
    code = write(tmp_path, "def handler(event, context):\n    return 1\n")
    with pytest.raises(ThrottledError):
        invoke(spec(code, concurrency=0))


def test_a_runtime_that_is_not_here_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingRuntimeError, match="java21"):
        invoke(spec(tmp_path, runtime="java21"))


def test_the_function_sees_its_own_environment_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET_OF_THE_SHELL", "x")
    code = write(tmp_path, "import os\ndef handler(event, context):\n    return dict(os.environ)\n")
    seen = json.loads(invoke(spec(code, environment={"TENANT_ID": "tenant-A"})).payload)
    assert seen["TENANT_ID"] == "tenant-A"
    assert "A_SECRET_OF_THE_SHELL" not in seen
    assert seen["AWS_REGION"] == "us-east-1"
