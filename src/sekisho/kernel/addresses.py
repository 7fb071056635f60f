"""What an address or a host name says about where it leads."""

import ipaddress


def is_address(host: str) -> bool:
    """Tell whether it is an IP address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_localhost(host: str) -> bool:
    """Tell whether it is a name that means this machine and is never looked up.

    https://www.rfc-editor.org/rfc/rfc6761#section-6.3
    """
    name = host.lower().removesuffix(".")
    return name == "localhost" or name.endswith(".localhost")


def is_loopback(host: str) -> bool:
    """Tell whether it leads to this machine alone: a loopback address, or a name under ``localhost``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return is_localhost(host)
