"""The command line."""

import re
from typing import Any

import typer
from scripts.reference.markdown import page, table

from sekisho.cli.main import app

_SETTING = re.compile(r" \[env: (?P<variable>\w+)(; default: (?P<default>.*))?\]$")


def render() -> str:
    """Return the page."""
    # Any: newer releases of Typer carry a Click of their own, older ones use Click itself.
    group: Any = typer.main.get_command(app)
    intro = (
        "Exit status: 0 done; 1 tried and failed; 2 a command line, a setting or a file is wrong, or no server "
        "answers, and nothing was tried; 130 ended by Ctrl-C before it was done. Results go to standard output, "
        "progress, logs and errors to standard error; without a terminal there are no colours and logs are JSON lines. "
        "Options that name a setting override its [environment variable](settings.md). "
        "`sekisho --install-completion` teaches the shell to complete commands, options and examples; "
        "`python -m sekisho` is the same command."
    )
    commands = [_command(name, command) for name, command in group.commands.items()]
    return page("Commands", intro, *commands)


def _command(name: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    usage = " ".join(["sekisho", name, *(_argument(one) for one in arguments), "[OPTIONS]"])
    rows = [[_argument(one), str(getattr(one, "help", "") or ""), ""] for one in arguments]
    rows += [[_names(one), *_meaning(one)] for one in options]
    described = re.sub(r"(?<!\n)\n(?!\n)", " ", command.help or "")
    return "\n\n".join(
        [f"## sekisho {name}", f"`{usage}`", described, table(["", "Meaning", "Default"], rows)]
    )


def _argument(argument: Any) -> str:
    name = str(argument.metavar or argument.name.upper()) + ("..." if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"


def _names(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    return f"{names} {option.metavar}" if option.metavar else names


def _meaning(option: Any) -> tuple[str, str]:
    """Return what an option means and its default."""
    found = _SETTING.search(option.help or "")
    if found is None:
        return option.help or "", f"`{option.default}`" if option.default not in {None, False} else ""
    default = f"`{found['default']}`" if found["default"] else ""
    return f"{option.help[: found.start()]} (`{found['variable']}`)", default
