"""The config of a redirect action: reading, checking and describing it.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html
"""

import re
from collections.abc import Mapping
from typing import Any

from sekisho.model.elbv2 import RedirectConfig
from sekisho.services.elbv2.errors import invalid_action, validation_error
from sekisho.services.ledger import members

LEDGER = {"RedirectActionConfig": members(enforced="Protocol Port Host Path Query StatusCode")}

_UNCHANGED = RedirectConfig("")
_PLACEHOLDER = re.compile(r"#\{([^}]*)\}")
_ALLOWED: Mapping[str, frozenset[str]] = {
    "Host": frozenset({"host"}),
    "Path": frozenset({"host", "port", "path"}),
    "Query": frozenset({"protocol", "host", "port", "path", "query"}),
}


def decode_redirect(config: Mapping[str, Any], protocol: str) -> RedirectConfig:
    """Return the redirect for a listener of the given protocol, with a placeholder for each part left out.

    Raises:
        ServiceError: InvalidLoadBalancerAction for a loop or a way down from HTTPS to HTTP, ValidationError for a
            part that breaks a constraint.
    """
    redirect = RedirectConfig(
        config["StatusCode"],
        *(
            default if config.get(name) is None else config[name]  # ELB-08
            for name, default in (
                ("Protocol", _UNCHANGED.protocol),
                ("Host", _UNCHANGED.host),
                ("Port", _UNCHANGED.port),
                ("Path", _UNCHANGED.path),
                ("Query", _UNCHANGED.query),
            )
        ),
    )
    _check_port(redirect.port)
    for name, text in (("Host", redirect.host), ("Path", redirect.path), ("Query", redirect.query)):
        _check_part(name, text)
    if not redirect.path.startswith("/"):
        raise validation_error("The Path of a redirect must start with '/'")
    if redirect.query.startswith("?"):
        raise validation_error("The Query of a redirect must not start with '?'")
    if protocol == "HTTPS" and redirect.protocol == "HTTP":
        raise invalid_action("A redirect from HTTPS to HTTP is not supported")
    if _is_loop(redirect):  # ELB-07
        raise invalid_action(
            "The options specified will result in a redirect loop. To create a valid redirect, you must specify a"
            " different protocol, port, hostname or path."
        )
    return redirect


def encode_redirect(redirect: RedirectConfig) -> dict[str, str]:
    """Return a redirect as the Describe operations answer it."""
    return {
        "Protocol": redirect.protocol,
        "Port": redirect.port,
        "Host": redirect.host,
        "Path": redirect.path,
        "Query": redirect.query,
        "StatusCode": redirect.status_code,
    }


def _is_loop(redirect: RedirectConfig) -> bool:
    parts = (redirect.protocol, redirect.host, redirect.port, redirect.path)
    return parts == (_UNCHANGED.protocol, _UNCHANGED.host, _UNCHANGED.port, _UNCHANGED.path)


def _check_port(port: str) -> None:
    is_number = port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535
    if port != _UNCHANGED.port and not is_number:
        raise validation_error(f"The Port of a redirect must be '#{{port}}' or from 1 to 65535, not '{port}'")


def _check_part(name: str, text: str) -> None:
    for placeholder in _PLACEHOLDER.findall(text):
        if placeholder not in _ALLOWED[name]:
            raise validation_error(f"The {name} of a redirect must not contain '#{{{placeholder}}}'")
    # Whatever stands here becomes part of a response header.
    if any(not "!" <= character <= "~" for character in text):
        raise validation_error(f"The {name} of a redirect holds a character that is not visible ASCII")
