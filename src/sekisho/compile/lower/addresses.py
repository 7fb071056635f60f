"""What an address says about who can reach it."""

import ipaddress


def is_loopback(address: str) -> bool:
    """Tell whether only this machine reaches the address."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"
