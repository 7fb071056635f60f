"""Folders of the user's that functions run from: whether anything in them has changed."""

import hashlib
import os
from pathlib import Path

_PASSED_OVER = frozenset(("node_modules", "__pycache__"))


def fingerprint(folder: Path) -> str:
    """Return a text that changes when a file in a folder is added, changed or removed.

    Names, sizes and times are looked at, not contents. Hidden folders, installed Node packages and compiled Python
    are passed over: they are large, and change without anybody having touched the code.
    """
    seen = hashlib.sha256()
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _PASSED_OVER and not name.startswith("."))
        for name in sorted(files):
            try:
                found = Path(root, name).stat()
            except FileNotFoundError:  # an editor replaces the file just now
                continue
            seen.update(f"{root}/{name}\0{found.st_size}\0{found.st_mtime_ns}\0{found.st_ino}\n".encode())
    return seen.hexdigest()
