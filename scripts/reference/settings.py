"""The settings of a server."""

from pathlib import Path
from typing import Any

from scripts.reference.markdown import page, table

from sekisho.cli import options
from sekisho.kernel.settings import SETTINGS, Setting


def render() -> str:
    """Return the page."""
    intro = (
        "A setting is read from its environment variable; a command-line option overrides it. Lists of files are "
        "separated as in `PATH`; booleans are `1`, `true`, `0` or `false`. A variable that does not parse, "
        "or that begins with `SEKISHO_` and is none of these, stops the command with exit status 2."
    )
    rows = [
        [f"`SEKISHO_{setting.name.upper()}`", _option(setting), _default(setting.default), setting.help]
        for setting in SETTINGS
    ]
    also = (
        "Environments of containers that `sekisho demo` installs are kept in `$XDG_CACHE_HOME/sekisho`, by default "
        "`~/.cache/sekisho`. Processes that Sekisho starts for you inherit the environment without the variables "
        "above."
    )
    return page("Settings", intro, table(["Variable", "Option", "Default", "Meaning"], rows), also)


def _option(setting: Setting) -> str:
    known = {name.lower() for name in vars(options)}
    has_option = setting.name.replace("_", "") in known
    return f"`--{setting.name.replace('_', '-')}`" if has_option else ""


def _default(value: Any) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value.as_posix() if isinstance(value, Path) else value}`"
