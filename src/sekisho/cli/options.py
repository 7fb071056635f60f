"""The options that several subcommands share; their defaults and help come from the settings table."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sekisho.kernel.settings import SETTINGS

_HELP = {setting.name: setting.help for setting in SETTINGS}
_DEFAULT = {setting.name: setting.default for setting in SETTINGS}


def _option(name: str, *flags: str, **extra: Any) -> Any:
    default = _DEFAULT[name]
    return typer.Option(
        *flags,
        help=_HELP[name],
        envvar=f"SEKISHO_{name.upper()}",
        show_default=str(default) if default not in {None, (), False} else False,
        **extra,
    )


Host = Annotated[str | None, _option("host", "--host")]
Port = Annotated[int | None, _option("port", "--port", min=0, max=65535)]
Data = Annotated[Path | None, _option("data", "--data", file_okay=False)]
Ephemeral = Annotated[bool, _option("ephemeral", "--ephemeral")]
CaBundle = Annotated[list[Path] | None, _option("ca_bundle", "--ca-bundle", exists=True, dir_okay=False)]
LogLevel = Annotated[str | None, _option("log_level", "--log-level")]
