"""The options that several subcommands share; their defaults and help come from the settings table."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sekisho.kernel.settings import SETTINGS, Settings, load_settings

_HELP = {setting.name: setting.help for setting in SETTINGS}
_DEFAULT = {setting.name: setting.default for setting in SETTINGS}


def _option(name: str, *flags: str, **extra: Any) -> Any:
    default = _DEFAULT[name]
    return typer.Option(
        *flags,
        help=f"{_HELP[name]} \\[env: SEKISHO_{name.upper()}]",
        show_default=str(default) if default not in {None, (), False} else False,
        **extra,
    )


Host = Annotated[str | None, _option("host", "--host")]
Port = Annotated[int | None, _option("port", "--port", min=0, max=65535)]
Data = Annotated[Path | None, _option("data", "--data", file_okay=False)]
Ephemeral = Annotated[bool, _option("ephemeral", "--ephemeral")]
CaBundle = Annotated[list[Path] | None, _option("ca_bundle", "--ca-bundle", exists=True, dir_okay=False)]
LogLevel = Annotated[str | None, _option("log_level", "--log-level")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def settings_from(*, ephemeral: bool = False, ca_bundle: list[Path] | None = None, **given: Any) -> Settings:
    """Return the settings from the environment and the options that were given.

    Raises:
        UsageError: a variable of the environment is wrong.
    """
    return load_settings(
        ephemeral=ephemeral or None, ca_bundle=tuple(ca_bundle) if ca_bundle else None, **given
    )
