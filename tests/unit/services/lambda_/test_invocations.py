"""Invoke as a client sees it: functions run in real workers."""

import base64
import json
import threading
from typing import Any

import pytest

from sekisho.model.lambda_ import QueuedEvent

from .conftest import Account, log_of


def test_a_function_answers_and_its_log_comes_along(account: Account) -> None:
    account.create(source="def handler(event, context):\n    print('seen', event)\n    return [event]\n")
    answer = account.call("Invoke", FunctionName="f", Payload=b'{"a": 1}', LogType="Tail")
    assert answer["StatusCode"] == 200
    assert (json.loads(answer["Payload"]), answer["ExecutedVersion"]) == ([{"a": 1}], "$LATEST")
    assert "seen {'a': 1}" in log_of(answer)
    assert "LogResult" not in account.call("Invoke", FunctionName="f", Payload=b"1")
