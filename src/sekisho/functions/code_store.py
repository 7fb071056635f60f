"""The code of functions in the data folder: unpacked, addressed by its content, never half-written."""

import base64
import hashlib
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from sekisho.functions.archives import pack_folder, sync_folder, unpack
from sekisho.model.lambda_ import CodeObject
from sekisho.services.hosting import KeptCode
from sekisho.store.api import Store

_UNFINISHED = "unfinished-"


class CodeStore:
    """Keeps code below one folder; safe to use from several threads."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder = folder
        self._store = store

    def keep(self, archive: bytes) -> KeptCode:
        """Unpack an archive; the same archive is unpacked once.

        Raises:
            CodeRefusedError: it cannot be unpacked.
        """
        digest = hashlib.sha256(archive)
        name = digest.hexdigest()
        if not self.path(name).is_dir():
            self._unpack(archive, name)
        return KeptCode(base64.b64encode(digest.digest()).decode(), len(archive), name)

    def path(self, name: str) -> Path:
        """Return the folder with the code of that name."""
        return self._folder / name

    def find_object(self, bucket: str, key: str) -> bytes | None:
        """Return the archive that stands for an S3 object, or None where nothing does, or it is gone."""
        with self._store.read() as state:
            known = state.find(CodeObject, f"{bucket}/{key}")
        if known is None:
            return None
        path = Path(known.path)
        if path.is_dir():
            return pack_folder(path)
        return path.read_bytes() if path.is_file() else None

    def sweep(self, used: Collection[str]) -> None:
        """Remove what an earlier server left unfinished, and code that no version uses; only before serving."""
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            if path.name not in used:
                shutil.rmtree(path)

    def _unpack(self, archive: bytes, name: str) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self._folder))
        try:
            unpack(archive, unfinished)
            try:
                unfinished.rename(self.path(name))
            except OSError:
                # Somebody else has unpacked the same archive in the meantime.
                if not self.path(name).is_dir():
                    raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        sync_folder(self._folder)
