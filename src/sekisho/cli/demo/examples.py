"""Where the examples are: inside the installed package, or beside it in a checkout."""

from pathlib import Path

import sekisho
from sekisho.kernel.errors import UsageError


def find_example(name: str) -> Path:
    """Return the folder of an example.

    Raises:
        UsageError: there is none of that name, or the package was installed without its examples.
    """
    package = Path(sekisho.__file__).parent
    for folder in (package / "examples", package.parents[1] / "examples"):
        if (folder / name / "sekisho.yaml").is_file():
            return folder / name
    raise UsageError(f"the example {name!r} is not part of this installation of sekisho")
