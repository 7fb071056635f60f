"""The options that several subcommands share.

A server's options take default and help from the settings table. Those of the commands that ask a server that runs
already have the same names and defaults, and say what they mean there.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from sekisho.kernel.settings import LOG_LEVELS, SETTINGS, Settings, load_settings

_SETTINGS = {setting.name: setting for setting in SETTINGS}


def _option(name: str, metavar: str | None, meaning: str | None = None, **extra: Any) -> Any:
    """Return the option of a setting; ``meaning`` stands for the setting's own help."""
    setting = _SETTINGS[name]
    has_default = setting.default not in {None, (), False}
    default = f"; default: {setting.default}" if has_default else ""
    return typer.Option(
        f"--{name.replace('_', '-')}",
        help=f"{meaning or setting.help} [env: SEKISHO_{name.upper()}{default}]",
        metavar=metavar,
        show_default=False,
        **extra,
    )


Host = Annotated[str | None, _option("host", "ADDRESS")]
Port = Annotated[int | None, _option("port", "PORT")]
Data = Annotated[Path | None, _option("data", "FOLDER", file_okay=False)]
Ephemeral = Annotated[bool, _option("ephemeral", None)]
CaBundle = Annotated[list[Path] | None, _option("ca_bundle", "FILE", exists=True, dir_okay=False)]
LogLevel = Annotated[str | None, _option("log_level", "LEVEL", autocompletion=lambda: list(LOG_LEVELS))]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]

ServerHost = Annotated[str | None, _option("host", "ADDRESS", "Address that the server listens on.")]
ServerPort = Annotated[int | None, _option("port", "PORT", "Port that the server listens on.")]
ServerUrl = Annotated[
    str | None,
    typer.Option(
        "--server", "--url", metavar="URL", help="Base URL of the server, instead of --host and --port."
    ),
]


def settings_from(*, ephemeral: bool = False, ca_bundle: list[Path] | None = None, **given: Any) -> Settings:
    """Return the settings from the environment and the options that were given.

    Raises:
        UsageError: a variable of the environment or an option is wrong.
    """
    return load_settings(
        ephemeral=ephemeral or None, ca_bundle=tuple(ca_bundle) if ca_bundle else None, **given
    )


def server_url(url: str | None, host: str | None, port: int | None) -> str:
    """Return the base URL of the server to ask, without a slash at the end.

    Raises:
        UsageError: a variable of the environment is wrong.
    """
    settings = settings_from(host=host, port=port)
    return (url or f"http://{settings.host}:{settings.port}").rstrip("/")
