"""Finds the files that templates name: assets of a cloud assembly, and templates beside a template.

An asset manifest says which file stands for which object of the bootstrap bucket:
https://docs.aws.amazon.com/cdk/v2/guide/deploy.html#deploy-how-synth-assemblies
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import StackInput


def find_asset(folder: Path, object_key: str) -> Path | None:
    """Return the file or folder of a cloud assembly that is the asset of that S3 object key, or None."""
    for asset in _list_assets(folder):
        keys = {place.get("objectKey") for place in asset.get("destinations", {}).values()}
        path = folder / str(asset.get("source", {}).get("path", ""))
        if object_key in keys and path != folder and path.exists():
            return path
    return None


def list_objects(folder: Path, account_id: str, region: str) -> Iterator[tuple[str, str, Path]]:
    """Yield bucket, object key and file or folder of each asset of a cloud assembly that is there.

    Raises:
        ServiceError: an asset manifest cannot be read.
    """
    known = {"${AWS::AccountId}": account_id, "${AWS::Region}": region, "${AWS::Partition}": "aws"}
    for asset in _list_assets(folder):
        path = folder / str(asset.get("source", {}).get("path", ""))
        if path == folder or not path.exists():
            continue
        for place in asset.get("destinations", {}).values():
            bucket = str(place.get("bucketName", ""))
            for name, value in known.items():
                bucket = bucket.replace(name, value)
            yield bucket, str(place.get("objectKey", "")), path


def find_nested_template(url: str, parent: StackInput) -> StackInput | None:
    """Return the template that a ``TemplateURL`` means: an asset, or a file relative to the template around it.

    Raises:
        ServiceError: the file cannot be read.
    """
    if not parent.folder or not url:
        return None
    folder = Path(parent.folder)
    path = find_asset(folder, url.rpartition("/")[2])
    if path is None and "://" not in url and (folder / url).is_file():
        path = folder / url
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ServiceError("ValidationError", f"The template {path.name} cannot be read.") from None
    return StackInput(text, source=str(path), folder=str(path.parent))


def _list_assets(folder: Path) -> Iterator[dict[str, Any]]:
    for manifest in sorted(folder.glob("*.assets.json")):
        try:
            files = json.loads(manifest.read_text(encoding="utf-8")).get("files", {})
        except (OSError, ValueError):
            raise ServiceError(
                "ValidationError", f"The asset manifest {manifest.name} cannot be read."
            ) from None
        yield from files.values()
