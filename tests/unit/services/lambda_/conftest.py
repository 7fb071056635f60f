"""An account whose functions really run: operations as a client sees them, workers in an event loop of their own."""

import asyncio
import base64
import io
import json
import threading
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from sekisho.functions.runner import Functions
from sekisho.kernel.clock import ManualClock, SystemClock
from sekisho.kernel.errors import ServiceError
from sekisho.kernel.ids import RandomIds
from sekisho.services.context import TargetHealth
from sekisho.services.lambda_ import SERVICE
from sekisho.services.registry import Dispatcher
from sekisho.store.sql import SqlStore, open_sqlite
from sekisho.wire.models import load_service_model
from sekisho.wire.rest_json import encode_response

ROLE = "arn:aws:iam::000000000000:role/r"
ECHO = "def handler(event, context):\n    return event\n"


def archive(
    more: Mapping[str, str | bytes] | None = None, *, mode: int = 0o644, **files: str | bytes
) -> bytes:
    """Return a zip archive; ``__`` in a name stands for a dot."""
    buffer = io.BytesIO()
    files = {**files, **(more or {})}
    with zipfile.ZipFile(buffer, "w") as opened:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name.replace("__", "."))
            entry.external_attr = mode << 16
            opened.writestr(entry, content)
    return buffer.getvalue()


class NoRuntime:
    """No load balancer runs beside."""

    def target_health(self, target_group_arn: str) -> Mapping[str, TargetHealth]:
        del target_group_arn
        return {}


class Account:
    """Calls operations in us-east-1."""

    def __init__(self, store: SqlStore, folder: Path, loop: asyncio.AbstractEventLoop) -> None:
        self.store = store
        self.folder = folder
        self.loop = loop
        self.functions = Functions(store, folder / "functions", SystemClock(), RandomIds())
        self.dispatcher = Dispatcher(
            (SERVICE,), store, ManualClock(), RandomIds(), "000000000000", NoRuntime(),
            functions=self.functions, hosting=self.functions,
        )  # fmt: skip

    def start(self) -> None:
        asyncio.run_coroutine_threadsafe(self.functions.start(), self.loop).result(10)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.functions.stop(), self.loop).result(10)

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        output = self.dispatcher.call("lambda", operation, params, "us-east-1")
        # What the model does not know raises here.
        encode_response(load_service_model("lambda").operation_model(operation), output, "id")
        return output

    def refused(self, operation: str, **params: Any) -> ServiceError:
        with pytest.raises(ServiceError) as caught:
            self.call(operation, **params)
        return caught.value

    def create(self, name: str = "f", source: str = ECHO, **params: Any) -> dict[str, Any]:
        params = {
            "Runtime": "python3.12", "Handler": "index.handler", "Role": ROLE, "Timeout": 10,
            "Code": {"ZipFile": archive(index__py=source)}, **params,
        }  # fmt: skip
        return self.call("CreateFunction", FunctionName=name, **params)

    def invoke(self, name: str = "f", event: Any = None, **params: Any) -> Any:
        answer = self.call("Invoke", FunctionName=name, Payload=json.dumps(event).encode(), **params)
        assert "FunctionError" not in answer, answer["Payload"]
        return json.loads(answer["Payload"])


def log_of(answer: Mapping[str, Any]) -> str:
    return base64.b64decode(answer["LogResult"]).decode()


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    running: Future[asyncio.AbstractEventLoop] = Future()
    ended = threading.Event()

    async def main() -> None:
        done = asyncio.Event()
        running.set_result(asyncio.get_running_loop())
        stops.append(done.set)
        await done.wait()

    stops: list[Any] = []

    def serve() -> None:
        asyncio.run(main())
        ended.set()

    threading.Thread(target=serve, daemon=True).start()
    found = running.result(10)
    yield found
    found.call_soon_threadsafe(stops[0])
    assert ended.wait(10)


@pytest.fixture
def account(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> Iterator[Account]:
    store = open_sqlite(tmp_path / "state.db")
    found = Account(store, tmp_path, loop)
    found.start()
    yield found
    found.stop()
    store.close()
