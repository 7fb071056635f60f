"""The Python runtime: loads the handler and asks the Runtime API for work, one invocation at a time.

It runs alone in the worker process and imports nothing but the standard library, as early as the function's own code.
"""

from __future__ import annotations

import http.client
import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from email.message import Message
from typing import Any

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
BASE = "/2018-06-01/runtime"
# Whatever time limit a function sets for its own sockets: waiting for work has none.
CONNECTION = http.client.HTTPConnection(API, timeout=None)
END_OF_LOG = "\x1e"


class Context:
    """What a handler gets as its second argument.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    def __init__(self, headers: Message) -> None:
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = json.loads(headers.get("Lambda-Runtime-Client-Context") or "null")
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the invocation times out."""
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, message: object) -> None:
        """Write a line to the log."""
        sys.stdout.write(str(message))


def call(method: str, path: str, body: bytes | None = None) -> tuple[Message, bytes]:
    """Send one request to the Runtime API and return its headers and body."""
    CONNECTION.request(method, BASE + path, body)
    response = CONNECTION.getresponse()
    return response.headers, response.read()


def describe(error: BaseException) -> str:
    """Return an exception as Lambda reports it."""
    trace = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
    return json.dumps(
        {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "requestId": "",
            "stackTrace": trace,
        }
    )


def load() -> Callable[[Any, Context], Any]:
    """Return the handler that ``_HANDLER`` names."""
    module_name, _, function_name = os.environ["_HANDLER"].rpartition(".")
    module = importlib.import_module(module_name.replace("/", "."))
    try:
        handler: Callable[[Any, Context], Any] = getattr(module, function_name)
    except AttributeError:
        raise RuntimeError(f"Handler '{function_name}' missing on module '{module_name}'") from None
    return handler


def describe_load_failure(error: BaseException) -> str:
    """Return a failed import in Lambda's words."""
    handler = os.environ["_HANDLER"]
    if isinstance(error, ModuleNotFoundError):
        module = handler.rpartition(".")[0]
        kind, message = "Runtime.ImportModuleError", f"Unable to import module '{module}': {error}"
    elif isinstance(error, RuntimeError) and "missing on module" in str(error):
        kind, message = "Runtime.HandlerNotFound", str(error)
    elif isinstance(error, SyntaxError):
        kind, message = "Runtime.UserCodeSyntaxError", f"Syntax error in module: {error}"
    else:
        return describe(error)
    return json.dumps({"errorMessage": message, "errorType": kind, "requestId": "", "stackTrace": []})


def run(handler: Callable[[Any, Context], Any], payload: bytes, context: Context) -> tuple[str, str]:
    """Return what to post: ``response`` or ``error``, and its JSON."""
    try:
        answer = handler(json.loads(payload), context)
    except BaseException as error:
        print(f"[ERROR] {type(error).__name__}: {error}")
        if not isinstance(error, Exception):
            raise
        return "error", describe(error)
    try:
        return "response", json.dumps(answer, ensure_ascii=False)
    except Exception as error:
        print(f"[ERROR] Runtime.MarshalError: {error}")
        message = f"Unable to marshal response: {error}"
        kind = "Runtime.MarshalError"
        return "error", json.dumps(
            {"errorMessage": message, "errorType": kind, "requestId": "", "stackTrace": []}
        )


def main() -> None:
    """Serve invocations until the process is ended."""
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]  # in the place of this file's own folder
    try:
        handler = load()
    except BaseException as error:
        traceback.print_exc()
        call("POST", "/init/error", describe_load_failure(error).encode())
        sys.exit(1)
    while True:
        headers, payload = call("GET", "/invocation/next")
        request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
        kind, result = run(handler, payload, Context(headers))
        sys.stdout.write(END_OF_LOG + request_id + "\n")
        sys.stdout.flush()
        sys.stderr.flush()
        call("POST", f"/invocation/{request_id}/{kind}", result.encode())


main()
