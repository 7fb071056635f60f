"""The command line."""

import re
from typing import Any

import typer
from scripts.reference.markdown import page, table

from sekisho.cli.main import app


def render() -> str:
    """Return the page."""
    # Any: newer releases of Typer carry a Click of their own, older ones use Click itself.
    group: Any = typer.main.get_command(app)
    intro = (
        "Exit status: 0 done; 1 tried and failed; 2 a command line, a setting or a file is wrong and nothing was "
        "tried; 130 ended by Ctrl-C before it was done. Options that name a setting override its "
        "[environment variable](settings.md)."
    )
    commands = [_command(name, command) for name, command in group.commands.items()]
    return page("Commands", intro, *commands)


def _command(name: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    usage = " ".join(["sekisho", name, *(_argument(one) for one in arguments), "[OPTIONS]"])
    rows = [[_argument(one), str(getattr(one, "help", "") or ""), ""] for one in arguments]
    rows += [[_names(one), _plain(one.help or ""), _default(one)] for one in options]
    described = re.sub(r"(?<!\n)\n(?!\n)", " ", _plain(command.help or ""))
    return "\n\n".join(
        [f"## sekisho {name}", f"`{usage}`", described, table(["", "Meaning", "Default"], rows)]
    )


def _argument(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper())


def _names(option: Any) -> str:
    return ", ".join(f"`{name}`" for name in option.opts)


def _default(option: Any) -> str:
    if isinstance(option.show_default, str):
        return f"`{option.show_default}`"
    return f"`{option.default}`" if option.default not in {None, False} else ""


def _plain(text: str) -> str:
    """Return help without the marks of the terminal."""
    text = re.sub(r"\[bold\](.*?)\[/\]", r"`\1`", text)
    return text.replace("\\[env: ", "(`").replace("]", "`)") if "\\[env: " in text else text
