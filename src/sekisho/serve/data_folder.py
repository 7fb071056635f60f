"""The folder that a server keeps its state in; one server at a time."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from sekisho.kernel.errors import UsageError


class DataFolder:
    """A data folder that is locked while the server runs, and removed afterwards if it is ephemeral."""

    def __init__(self, path: Path, *, ephemeral: bool) -> None:
        """Make the folder and lock it.

        Raises:
            UsageError: another server uses it, or it cannot be made.
        """
        self.ephemeral = ephemeral
        self.path = Path(tempfile.mkdtemp(prefix="sekisho-data-")) if ephemeral else path.resolve()
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise UsageError(f"cannot make the data folder {self.path}: {error.strerror}") from None
        self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.read(self._lock, 32).decode(errors="replace").strip()
            os.close(self._lock)
            raise UsageError(
                f"another sekisho (process {owner}) uses {self.path}; stop it, or give --data another folder"
            ) from None
        # Keys and users' tokens must not get into the repository that the folder stands in.
        (self.path / ".gitignore").write_text("*\n")
        os.ftruncate(self._lock, 0)
        os.write(self._lock, str(os.getpid()).encode())

    def close(self) -> None:
        """Unlock the folder; an ephemeral one is removed."""
        os.close(self._lock)
        if self.ephemeral:
            shutil.rmtree(self.path, ignore_errors=True)
