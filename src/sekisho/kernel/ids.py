"""Random identifiers as an argument: the real maker, and a counting one for tests."""

import hashlib
import itertools
import secrets
import string
import uuid
from typing import Protocol

LOWER_ALNUM = string.ascii_lowercase + string.digits
ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


class Ids(Protocol):
    """Makes identifiers that nobody can guess."""

    def text(self, length: int, alphabet: str = LOWER_ALNUM) -> str:
        """Return ``length`` random characters of ``alphabet``."""
        ...

    def uuid(self) -> str:
        """Return a random UUID in its usual spelling."""
        ...

    def token_bytes(self, length: int) -> bytes:
        """Return ``length`` random bytes."""
        ...


class RandomIds:
    """Identifiers from the operating system's randomness."""

    def text(self, length: int, alphabet: str = LOWER_ALNUM) -> str:
        """Return ``length`` random characters of ``alphabet``."""
        return "".join(secrets.choice(alphabet) for _ in range(length))

    def uuid(self) -> str:
        """Return a random UUID in its usual spelling."""
        return str(uuid.uuid4())

    def token_bytes(self, length: int) -> bytes:
        """Return ``length`` random bytes."""
        return secrets.token_bytes(length)


class CountingIds:
    """Identifiers that are the same in every run and never repeat within one."""

    def __init__(self) -> None:
        self._counter = itertools.count(1)

    def _stream(self, length: int) -> bytes:
        seed = str(next(self._counter)).encode()
        return hashlib.shake_256(seed).digest(length)

    def text(self, length: int, alphabet: str = LOWER_ALNUM) -> str:
        """Return ``length`` characters of ``alphabet``."""
        return "".join(alphabet[byte % len(alphabet)] for byte in self._stream(length))

    def uuid(self) -> str:
        """Return a UUID in its usual spelling."""
        return str(uuid.UUID(bytes=self._stream(16), version=4))

    def token_bytes(self, length: int) -> bytes:
        """Return ``length`` bytes."""
        return self._stream(length)
