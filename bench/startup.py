"""How long ``sekisho up examples/alb-m2m`` takes to the first 200, and the memory of each process then.

    python bench/startup.py [--runs 5] [--budget]

Each run starts in a new data folder, as a fresh checkout would; the application's Python environment is made before
the first run, as a second run would find it. Times are wall-clock, from starting the process to the answer. With
``--budget`` the exit status is 1 when the medians are over the targets.

Memory is what the kernel counts for a process alone plus its share of what it shares (PSS, proc(5), Linux only).
"""

import argparse
import json
import re
import shutil
import signal
import ssl
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
EXAMPLE = REPOSITORY / "examples" / "alb-m2m"
SECONDS_TARGET = 3.0
MEGABYTES_TARGET = 200.0
APPLICATION = "the user's application"


@dataclass
class Run:
    """One run: seconds to each point, and megabytes by kind of process."""

    ready: float
    first_200: float
    memory: dict[str, float]


@contextmanager
def server(data: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any], float]]:
    """Run ``sekisho up`` until the block ends; yields the process, what it says when ready, and when it began."""
    command = Path(sysconfig.get_path("scripts")) / "sekisho"
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(command), "up", str(EXAMPLE), "--port", "0", "--data", str(data), "--json", "--quiet"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            assert process.stderr is not None
            sys.exit(f"sekisho up failed:\n{process.stderr.read()}")
        yield process, json.loads(line), began
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def measure(environments: Path) -> Run:
    with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as folder:
        data = Path(folder)
        (data / "environments").symlink_to(environments)
        with server(data) as (process, said, began):
            ready = time.perf_counter() - began
            fetch_products(said)
            first_200 = time.perf_counter() - began
            return Run(ready, first_200, memory_by_kind(process.pid))


def fetch_products(said: dict[str, Any]) -> None:
    """Get a token and ask for the products with it, once: anything but 200 is an error."""
    client = said["applications"][0]
    secret = re.search(r"client_secret: (\S+)", (EXAMPLE / "sekisho.yaml").read_text())
    assert secret is not None
    body = {
        "client_id": client["client_id"],
        "client_secret": secret[1],
        "audience": client["audiences"][0],
        "grant_type": "client_credentials",
    }
    request = urllib.request.Request(
        client["token_url"], json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        token = json.load(answer)["access_token"]
    url = next(one["url"] for one in said["endpoints"] if one["kind"] == "alb-listener")
    get = urllib.request.Request(f"{url}/products", headers={"authorization": f"Bearer {token}"})
    context = ssl.create_default_context(cafile=said["ca"])
    with urllib.request.urlopen(get, context=context) as answer:
        assert answer.status == 200


def memory_by_kind(root: int) -> dict[str, float]:
    """Return the megabytes of the server and of what it has started."""
    memory: dict[str, float] = {}
    if not Path(f"/proc/{root}/smaps_rollup").exists():
        return memory
    for pid in processes(root):
        kind = "control plane" if pid == root else kind_of(pid)
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        pss = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
        assert pss is not None
        memory[kind] = memory.get(kind, 0.0) + int(pss[1]) / 1024
    return memory


def processes(root: int) -> Iterator[int]:
    yield root
    for child in Path(f"/proc/{root}/task/{root}/children").read_text().split():
        yield from processes(int(child))


def kind_of(pid: int) -> str:
    program = Path(f"/proc/{pid}/exe").readlink().name
    if program.startswith("envoy"):
        return "Envoy"
    return APPLICATION if program.startswith("python") else "reaper"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--budget", action="store_true", help="fail when a target is missed")
    arguments = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="sekisho-bench-environments-"))
    try:
        measure(home)
        runs = [measure(home) for _ in range(arguments.runs)]
    finally:
        shutil.rmtree(home)
    sys.exit(report(runs) if arguments.budget else report(runs) and 0)


def report(runs: list[Run]) -> int:
    """Print the medians; return 1 if a target is missed."""
    ready = statistics.median(run.ready for run in runs)
    first = statistics.median(run.first_200 for run in runs)
    spread = f"{min(run.first_200 for run in runs):.2f} to {max(run.first_200 for run in runs):.2f}"
    print(f"runs                     {len(runs)}")
    print(f"ready                    {ready:.2f} s")
    print(f"first 200                {first:.2f} s   ({spread}; target {SECONDS_TARGET:.0f} s)")
    own = 0.0
    for kind in sorted({kind for run in runs for kind in run.memory}):
        median = statistics.median(run.memory.get(kind, 0.0) for run in runs)
        own += 0.0 if kind == APPLICATION else median
        print(f"{kind:<24} {median:.0f} MB")
    print(f"without the application  {own:.0f} MB     (target {MEGABYTES_TARGET:.0f} MB)")
    return int(first > SECONDS_TARGET or own > MEGABYTES_TARGET)


if __name__ == "__main__":
    main()
