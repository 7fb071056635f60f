"""Naming a secret without showing it."""

import hashlib


def fingerprint(secret: str) -> str:
    """Return 16 hexadecimal digits that are the same for the same text and tell nothing else about it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:16]
