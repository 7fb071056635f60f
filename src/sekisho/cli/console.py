"""What the commands print, and how they fail."""

import json
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from rich.console import Console
from rich.markup import escape

from sekisho.kernel.errors import SekishoError, UsageError

P = ParamSpec("P")
T = TypeVar("T")

FAILED = 1
"""Exit status: what was asked for was tried and failed."""

WRONG_USE = 2
"""Exit status: a command line, a setting or a file of the user's is wrong; nothing was tried."""

INTERRUPTED = 130
"""Exit status: ended by Ctrl-C before it was done."""

out = Console(highlight=False, soft_wrap=True)
"""Results."""

err = Console(stderr=True, highlight=False, soft_wrap=True)
"""Progress and errors."""


def print_json(value: Any) -> None:
    """Print one line of JSON to standard output, at once: a script may be waiting for it."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def reports_errors(command: Callable[P, T]) -> Callable[P, T]:
    """Turn what a user can be told into a message on standard error and an exit status."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except SekishoError as error:
            err.print(f"[bold red]error:[/] {escape(error.message)}")
            sys.exit(WRONG_USE if isinstance(error, UsageError) else FAILED)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)

    return run
