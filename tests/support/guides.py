"""Runs the commands of a page of the documentation, and compares what they print with what the page says.

A page is a shell session. A fenced block ``sh`` is run; the block ``text`` behind it is what it prints, where a line
``…`` stands for any lines and ``…`` inside a line for any characters. ``sh server`` runs in a terminal of its own, and
the page goes on when it says that it is ready. ``sh by-hand`` is for readers only: installing, AWS, other machines.
"""

import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sekisho.kernel.settings import inherited_environment

ROOT = Path(__file__).parents[2]
PORTS = ("4566", "9000", "9001")
"""Ports that pages may use; each stands for a free one."""

_FENCE = re.compile(r"^```(\w+)? ?([\w-]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_READY = "^(sekisho )?ready|^serving http"
_READY_SECONDS = 120
PAGE_SECONDS = 420


@dataclass(frozen=True)
class Block:
    """A fenced block: ``kind`` is the word behind ``sh``, ``expected`` the text behind it or None."""

    kind: str
    commands: str
    expected: str | None
    line: int


def read_blocks(page: Path) -> list[Block]:
    """Return the shell blocks of a page."""
    text = page.read_text(encoding="utf-8")
    found = list(_FENCE.finditer(text))
    blocks = []
    for index, fence in enumerate(found):
        if fence[1] != "sh":
            continue
        following = found[index + 1] if index + 1 < len(found) else None
        expected = following[3] if following is not None and following[1] == "text" else None
        blocks.append(Block(fence[2], fence[3], expected, text.count("\n", 0, fence.start()) + 1))
    return blocks


def run_page(page: Path, folder: Path) -> list[tuple[Block, str]]:
    """Run a page in a folder that looks like a fresh clone; return each block with what it printed.

    What earlier runs have left in the folder is removed, but for the environments of containers: those take long.
    """
    _lay_out(folder)
    ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
    blocks = [block for block in read_blocks(page) if block.kind != "by-hand"]
    end = secrets.token_hex(8)
    script = folder / ".page.sh"
    script.write_text(_replaced(_script(blocks, end), ports))
    output = _run(script, {**page_environment(folder), "SEKISHO_PORT": str(ports["4566"])})
    printed = _replaced(output, {port: name for name, port in ports.items()}).split(end)
    assert len(printed) == len(blocks) + 1, output
    return list(zip(blocks, printed, strict=False))


def page_environment(folder: Path) -> dict[str, str]:
    """Return the variables of a shell in which nothing but the page decides what its commands do."""
    environment = {
        name: value for name, value in inherited_environment().items() if not name.lower().endswith("_proxy")
    }
    if not Path(environment.get("TF_CLI_CONFIG_FILE", "/")).exists():
        del environment["TF_CLI_CONFIG_FILE"]
    return environment | {
        "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{environment['PATH']}",
        "AWS_PAGER": "",
        "AWS_CONFIG_FILE": str(folder / ".aws-config"),
        "COLUMNS": "200",
    }


def differences(block: Block, printed: str) -> str:
    """Return what a block should have printed and what it did, or nothing where they agree."""
    if block.expected is None or _pattern(block.expected).fullmatch(f"{_tidied(printed)}\n"):
        return ""
    return f"line {block.line}: expected\n{block.expected}\nfound\n{_tidied(printed)}"


def is_printed(expected: str, printed: str) -> bool:
    """Tell whether a transcript stands somewhere in what was printed."""
    return _pattern(f"…\n{expected.strip()}\n…").fullmatch(f"{_tidied(printed)}\n") is not None


def _lay_out(folder: Path) -> None:
    environments = folder / ".sekisho" / "environments"
    environments.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in (*folder.iterdir(), *environments.parent.iterdir()):
        if left not in {environments, environments.parent}:
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    shutil.copytree(ROOT / "examples", folder / "examples")


def _script(blocks: list[Block], end: str) -> str:
    """Return one script of all blocks; what runs in terminals of their own is ended with it."""
    parts = ['servers=()\ntrap \'kill "${servers[@]}"; wait "${servers[@]}"\' EXIT\n']
    for number, block in enumerate(blocks):
        if block.kind == "server":
            log = f".server-{number}.log"
            parts += [f"{block.commands.rstrip()} > {log} 2>&1 &\n", f"servers+=($!)\n{_await_server(log)}"]
        else:
            parts.append(block.commands)
        parts.append(f"printf %s {end}\n")
    return "".join(parts)


def _await_server(log: str) -> str:
    return (
        f"for _ in $(seq {_READY_SECONDS * 10}); do\n"
        f"  if grep -qiE '{_READY}' {log} || ! kill -0 $! 2> /dev/null; then break; fi\n"
        f"  sleep 0.1\ndone\ncat {log}\n"
    )


def _run(script: Path, environment: dict[str, str]) -> str:
    """Run in a process group of its own, so that nothing is left when it hangs."""
    process = subprocess.Popen(
        ["bash", str(script)],
        cwd=script.parent,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        return process.communicate(timeout=PAGE_SECONDS)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise


def _free_ports(number: int) -> list[str]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [str(one.getsockname()[1]) for one in sockets]


def _replaced(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\b\d{4,5}\b", lambda found: words.get(found[0], found[0]), text)


def _tidied(printed: str) -> str:
    return "\n".join(line.rstrip() for line in printed.strip().splitlines())


def _pattern(expected: str) -> re.Pattern[str]:
    lines = _tidied(expected).splitlines()
    return re.compile("".join(r"(?:.*\n)*?" if line == "…" else _line_pattern(line) for line in lines))


def _line_pattern(line: str) -> str:
    return ".*?".join(map(re.escape, line.split("…"))) + "\n"
