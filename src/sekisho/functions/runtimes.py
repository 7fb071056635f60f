"""Which program runs a function's runtime."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sekisho.functions.model import FunctionSpec, MissingRuntimeError
from sekisho.functions.worker import bootstrap_path


class Runtimes:
    """Finds the interpreter for a runtime: one that the user named, else Sekisho's own Python and the local node."""

    def __init__(self, interpreters: Mapping[str, Path] | None = None) -> None:
        """Take interpreters by runtime, e.g. ``{"python3.12": Path("/usr/bin/python3.12")}``."""
        self._interpreters = dict(interpreters or {})

    def bind(self, interpreters: Mapping[str, Path]) -> None:
        """Take interpreters besides those that are known."""
        self._interpreters.update(interpreters)

    def command(self, spec: FunctionSpec) -> Sequence[str]:
        """Return the command that runs a worker.

        Raises:
            MissingRuntimeError: this machine cannot run it; the message says what is missing.
        """
        named = self._interpreters.get(spec.runtime)
        if spec.runtime.startswith("python"):
            return [str(named or sys.executable), "-s", str(bootstrap_path("python.py"))]
        if spec.runtime.startswith("nodejs"):
            node = named or shutil.which("node")
            if node is None:
                raise MissingRuntimeError(
                    f"function {spec.name} needs the runtime {spec.runtime}, and there is no 'node' on the PATH; "
                    "install Node.js 18 or newer, or name an interpreter in sekisho.yaml"
                )
            return [str(node), str(bootstrap_path("node.mjs"))]
        if spec.runtime.startswith("provided"):
            bootstrap = spec.code / "bootstrap"
            if bootstrap.is_file():
                return [str(bootstrap)]
            raise MissingRuntimeError(f"function {spec.name} has no file 'bootstrap' in its code")
        raise MissingRuntimeError(
            f"function {spec.name} needs the runtime {spec.runtime}, which does not run here; "
            "python*, nodejs* and provided* do"
        )
