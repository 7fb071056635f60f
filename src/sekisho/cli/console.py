"""What the command prints, and how it fails."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from rich.console import Console

from sekisho.kernel.errors import SekishoError

P = ParamSpec("P")
T = TypeVar("T")

out = Console(highlight=False, soft_wrap=True)
"""Results."""

err = Console(stderr=True, highlight=False, soft_wrap=True)
"""Progress and errors."""


def reports_errors(command: Callable[P, T]) -> Callable[P, T]:
    """Turn what a user can be told into one line on standard error and exit status 2; Ctrl-C into 130."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except SekishoError as error:
            err.print(f"[bold red]error:[/] {error.message}", markup=True)
            sys.exit(2)
        except KeyboardInterrupt:
            sys.exit(130)

    return run
