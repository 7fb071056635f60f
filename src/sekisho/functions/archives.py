"""Zip archives of function code: packing folders, and unpacking what others send.

Limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

import io
import os
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from sekisho.services.hosting import CodeRefusedError

_LARGEST = 262_144_000
_CHUNK = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNREADABLE = "Could not unzip uploaded file. Please check your file, then try to upload again."
_TOO_LARGE = f"Unzipped size must be smaller than {_LARGEST} bytes"


def pack_folder(folder: Path) -> bytes:
    """Return a folder as an archive; the same files always make the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
                mode = 0o755 if os.access(path, os.X_OK) else 0o644
                entry.external_attr = (stat.S_IFREG | mode) << 16
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpack(archive: bytes, folder: Path) -> None:
    """Unpack an archive into an empty folder; files cannot be written to, and are on the disk when this returns.

    Raises:
        CodeRefusedError: it is no archive, it is too large unpacked, or a name in it leads out of the folder.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            room = _LARGEST
            for entry in opened.infolist():
                room -= _unpack_entry(opened, entry, folder, room)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        # RuntimeError is an encrypted entry, NotImplementedError a compression that zipfile does not know,
        # OSError a name that is a file and a folder, or too long.
        raise CodeRefusedError(_UNREADABLE) from None
    for each in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        sync_folder(each)


def _unpack_entry(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, room: int) -> int:
    """Unpack one entry and return its size."""
    parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or "\0" in entry.filename:
        raise CodeRefusedError(_UNREADABLE)
    target = folder.joinpath(*parts)
    if entry.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = 0o555 if (entry.external_attr >> 16) & 0o111 else 0o444
    size = 0
    target.unlink(missing_ok=True)  # the last of several entries of one name counts
    with opened.open(entry) as source, target.open("xb") as file:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > room:
                raise CodeRefusedError(_TOO_LARGE)
            file.write(chunk)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    return size


def sync_folder(folder: Path) -> None:
    """Have the entries of a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
