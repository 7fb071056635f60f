"""Invoke as a client sees it: functions run in real workers."""

import asyncio
import base64
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from sekisho.kernel.functions import FunctionFailedError, FunctionUnavailableError
from sekisho.model.lambda_ import QueuedEvent
from sekisho.services.hosting import FunctionNotRunError

from .conftest import Account, archive, log_of

ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"
MEET = """
import pathlib, time
def handler(event, context):
    path = pathlib.Path(event)
    path.touch()
    while path.exists():
        time.sleep(0.01)
"""
TOUCH = "import pathlib\ndef handler(event, context):\n    pathlib.Path(event).touch()\n"


def wait_for(path: Path) -> None:
    """Wait until another process has made a file: nothing tells when it does."""
    tick = threading.Event()
    for _ in range(1000):
        if path.exists():
            return
        tick.wait(0.01)
    raise AssertionError(f"{path} is not there")


def queued(account: Account) -> list[QueuedEvent]:
    with account.store.read() as state:
        return state.list(QueuedEvent)


def wait_handled(account: Account) -> None:
    tick = threading.Event()
    for _ in range(1000):
        if not queued(account):
            return
        tick.wait(0.01)
    raise AssertionError("an event was not handled")


def test_a_function_answers_and_its_log_comes_along(account: Account) -> None:
    account.create(source="def handler(event, context):\n    print('seen', event)\n    return [event]\n")
    answer = account.call("Invoke", FunctionName="f", Payload=b'{"a": 1}', LogType="Tail")
    assert answer["StatusCode"] == 200
    assert (json.loads(answer["Payload"]), answer["ExecutedVersion"]) == ([{"a": 1}], "$LATEST")
    assert "seen {'a': 1}" in log_of(answer)
    assert "LogResult" not in account.call("Invoke", FunctionName="f", Payload=b"1")


def test_no_payload_is_an_empty_object(account: Account) -> None:
    account.create()
    assert json.loads(account.call("Invoke", FunctionName="f")["Payload"]) == {}


def test_a_client_context_is_passed_on(account: Account) -> None:
    account.create(source="def handler(e, c):\n    return c.client_context\n")
    context = base64.b64encode(b'{"custom": {"k": "v"}}').decode()
    assert account.invoke(ClientContext=context) == {"custom": {"k": "v"}}
    refused = account.refused("Invoke", FunctionName="f", ClientContext="%%%")
    assert refused.message == "Client context must be a valid JSON object."


@pytest.mark.semantics("LAMBDA-09")
@pytest.mark.parametrize(
    ("source", "kind", "text"),
    [
        ("def handler(e, c):\n    raise KeyError('k')\n", "KeyError", "'k'"),
        ("def handler(e, c):\n    return {1, 2}\n", "Runtime.MarshalError", "Unable to marshal response"),
        ("import os\ndef handler(e, c):\n    os._exit(1)\n", "Runtime.ExitError", "exit status 1"),
        ("import sys\ndef handler(e, c):\n    sys.exit(1)\n", "Runtime.ExitError", "exit status 1"),
        ("import nothing_like_it\n", "Runtime.ImportModuleError", "Unable to import module 'index'"),
    ],
)
def test_a_function_that_fails_is_an_answer_and_works_again(
    account: Account, source: str, kind: str, text: str
) -> None:
    account.create(source=source)
    answer = account.call("Invoke", FunctionName="f")
    body = json.loads(answer["Payload"])
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert body["errorType"] == kind
    assert text in body["errorMessage"]
    again = account.call("Invoke", FunctionName="f")
    assert json.loads(again["Payload"])["errorType"] == kind


@pytest.mark.semantics("LAMBDA-09")
def test_a_function_that_takes_too_long_is_ended(account: Account) -> None:
    account.create(
        source="import time\ndef handler(e, c):\n    while e: time.sleep(9)\n    return 'ok'\n", Timeout=1
    )
    answer = account.call("Invoke", FunctionName="f", Payload=b"true")
    assert json.loads(answer["Payload"])["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert account.invoke() == "ok"


def test_an_answer_that_is_too_large_is_an_error(account: Account) -> None:
    account.create(source="def handler(e, c):\n    return 'x' * e\n")
    assert len(account.invoke(event=6_291_554)) == 6_291_554
    answer = account.call("Invoke", FunctionName="f", Payload=b"6291555")
    assert json.loads(answer["Payload"]) == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes).",
    }


@pytest.mark.parametrize(
    ("params", "code", "status"),
    [
        ({"FunctionName": "g"}, "ResourceNotFoundException", 404),
        ({"Qualifier": "9"}, "ResourceNotFoundException", 404),
        ({"Payload": b"{"}, "InvalidRequestContentException", 400),
        ({"Payload": b"[" * 100_000}, "InvalidRequestContentException", 400),
        ({"Payload": b" " * 6_291_457}, "RequestTooLargeException", 413),
        ({"Payload": b" " * 1_048_577, "InvocationType": "Event"}, "RequestTooLargeException", 413),
        ({"InvocationType": "Other"}, "ValidationException", 400),
    ],
)
def test_what_cannot_be_invoked(account: Account, params: dict[str, Any], code: str, status: int) -> None:
    account.create()
    refused = account.refused("Invoke", **{"FunctionName": "f", **params})
    assert (refused.code, refused.status) == (code, status)


def test_a_dry_run_runs_nothing(account: Account) -> None:
    path = account.folder / "touched"
    account.create(source=TOUCH)
    answer = account.call(
        "Invoke", FunctionName="f", InvocationType="DryRun", Payload=json.dumps(str(path)).encode()
    )
    assert answer == {"StatusCode": 204}
    assert account.refused("Invoke", FunctionName="g", InvocationType="DryRun").status == 404
    assert not path.exists()


@pytest.mark.semantics("LAMBDA-07")
@pytest.mark.parametrize("operation", ["Invoke", "InvokeAsync"])
def test_an_event_is_handled_later(account: Account, operation: str) -> None:
    path = account.folder / "touched"
    account.create(source=TOUCH)
    payload = json.dumps(str(path)).encode()
    if operation == "Invoke":
        answer = account.call(operation, FunctionName="f", InvocationType="Event", Payload=payload)
        assert answer == {"StatusCode": 202}
    else:
        assert account.call(operation, FunctionName="f", InvokeArgs=payload) == {"Status": 202}
    wait_for(path)
    wait_handled(account)


@pytest.mark.semantics("LAMBDA-07")
def test_an_event_that_was_accepted_is_handled_after_a_restart(account: Account) -> None:
    path = account.folder / "touched"
    account.create(source=TOUCH)
    account.stop()
    account.call("Invoke", FunctionName="f", InvocationType="Event", Payload=json.dumps(str(path)).encode())
    assert [event.resource for event in queued(account)] == [ARN]
    account.start()
    wait_for(path)
    wait_handled(account)


@pytest.mark.semantics("LAMBDA-08")
def test_a_failed_event_is_not_tried_again(account: Account) -> None:
    path = account.folder / "tries"
    account.create(
        source="def handler(e, c):\n    open(e, 'a').write('x')\n    raise ValueError\n",
    )
    account.call("Invoke", FunctionName="f", InvocationType="Event", Payload=json.dumps(str(path)).encode())
    wait_handled(account)
    assert path.read_text() == "x"


@pytest.mark.semantics("LAMBDA-10")
def test_reserved_concurrency_limits_all_versions_together(account: Account) -> None:
    account.create(source=MEET, Publish=True)
    account.call("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=1)
    path = account.folder / "runs"
    payload = json.dumps(str(path)).encode()
    first = threading.Thread(target=lambda: account.call("Invoke", FunctionName="f", Payload=payload))
    first.start()
    wait_for(path)
    for qualifier in ("1", "$LATEST"):
        refused = account.refused("Invoke", FunctionName="f", Qualifier=qualifier)
        assert (refused.code, refused.status) == ("TooManyRequestsException", 429)
    path.unlink()
    first.join()


@pytest.mark.semantics("LAMBDA-08")
def test_a_throttled_event_is_tried_again(account: Account) -> None:
    path = account.folder / "touched"
    account.create(source=TOUCH)
    account.call("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=0)
    payload = json.dumps(str(path)).encode()
    account.call("Invoke", FunctionName="f", InvocationType="Event", Payload=payload)
    assert account.refused("Invoke", FunctionName="f").code == "TooManyRequestsException"
    assert len(queued(account)) == 1
    account.call("DeleteFunctionConcurrency", FunctionName="f")
    wait_for(path)


@pytest.mark.semantics("LAMBDA-11")
def test_a_runtime_that_is_not_here_is_named(account: Account) -> None:
    account.create(Runtime="java21", Handler="a.B::c")
    refused = account.refused("Invoke", FunctionName="f")
    assert (refused.code, refused.status) == ("InvalidRuntimeException", 502)
    assert "java21" in refused.message


def test_a_runtime_of_the_users_own_runs(account: Account) -> None:
    script = """#!/bin/sh
    set -e
    api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
    while true; do
      head=$(mktemp); event=$(curl -sS -D "$head" $api/next)
      id=$(grep -i aws-request-id "$head" | tr -d '\\r' | cut -d' ' -f2)
      curl -sS -X POST $api/$id/response -d "[$event]" > /dev/null
    done
    """
    code = archive(mode=0o755, bootstrap=script)
    account.create(Runtime="provided.al2023", Code={"ZipFile": code})
    assert account.invoke(event={"a": 1}) == [{"a": 1}]
    assert account.invoke(event=2) == [2]


def test_triggers_call_functions_by_arn(account: Account) -> None:
    account.create(source="def handler(e, c):\n    if e.get('fail'): raise ValueError('bad')\n    return e\n")
    assert account.functions.invoke(ARN, {"a": 1}) == {"a": 1}
    with pytest.raises(FunctionFailedError, match=r"^bad$"):
        account.functions.invoke(ARN, {"fail": True})
    with pytest.raises(FunctionUnavailableError, match="Function not found"):
        account.functions.invoke(f"{ARN}g", {})


def test_who_waits_when_the_server_stops_is_told(account: Account) -> None:
    path = account.folder / "runs"
    account.create(source="import time\ndef handler(e, c):\n    open(e, 'w').close()\n    time.sleep(60)\n")
    told: list[str] = []

    def wait() -> None:
        try:
            account.functions.run(ARN, json.dumps(str(path)).encode())
        except FunctionNotRunError as error:
            told.append(error.message)

    waiting = threading.Thread(target=wait)
    waiting.start()
    wait_for(path)
    account.stop()
    waiting.join(10)
    assert told == ["The server is stopping."]
    account.start()


def test_workers_of_a_function_that_is_gone_end(account: Account) -> None:
    account.create(source="import os\ndef handler(e, c):\n    return os.getpid()\n")
    pid = account.invoke()
    account.call("DeleteFunction", FunctionName="f")
    asyncio.run_coroutine_threadsafe(account.functions.follow(), account.loop).result(10)
    assert not Path(f"/proc/{pid}").exists()
