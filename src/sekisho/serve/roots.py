"""The certificate authorities that HTTP endpoints of APIs are verified by, as one file for Envoy."""

import ssl
from collections.abc import Iterable
from pathlib import Path

from sekisho.serve.files import write_whole


def write_roots(target: Path, bundles: Iterable[Path]) -> None:
    """Write the system's roots and those of the bundles into one PEM file."""
    texts = [path.read_text(encoding="utf-8") for path in (_system_roots(), *bundles)]
    write_whole(target, "\n".join(text.rstrip("\n") for text in texts).encode() + b"\n")


def _system_roots() -> Path:
    found: str | None = ssl.get_default_verify_paths().cafile
    if found is None:
        import certifi

        found = certifi.where()
    return Path(found)
