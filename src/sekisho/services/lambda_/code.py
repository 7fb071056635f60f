"""Where the code of a function comes from: an upload, or an S3 object that this machine has a copy of.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCode.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.model.lambda_ import Code
from sekisho.services.context import LongContext
from sekisho.services.hosting import CodeRefusedError, FunctionHosting
from sekisho.services.lambda_ import errors
from sekisho.services.ledger import members

LEDGER = {
    "FunctionCode": members(
        enforced="ZipFile S3Bucket S3Key",
        # Buckets do not run here: the version of an object and its encryption make no difference.
        stored="S3ObjectVersion S3ObjectStorageMode SourceKMSKeyArn",
        rejected="ImageUri",
    )
}

_LARGEST_UPLOAD = 50 * 1024 * 1024


def hosting_of(ctx: LongContext) -> FunctionHosting:
    """Return what keeps and runs functions.

    Raises:
        ServiceError: nothing does.
    """
    if ctx.hosting is None:
        raise errors.nothing_runs()
    return ctx.hosting


def keep_code(ctx: LongContext, given: Mapping[str, Any], operation: str) -> Code:
    """Return the code that a request gives, unpacked and safe on the disk.

    Raises:
        ServiceError: there is no code, too much of it, or it cannot be unpacked.
    """
    archive, bucket, key = given.get("ZipFile"), given.get("S3Bucket"), given.get("S3Key")
    if archive is not None and (bucket or key):
        raise errors.invalid_parameter(
            "Please do not provide other FunctionCode parameters when providing a ZipFile."
        )
    if archive is not None:
        if len(archive) > _LARGEST_UPLOAD:
            raise errors.request_too_large(operation)
        return _keep(ctx, archive, "")
    if not bucket or not key:
        raise errors.invalid_parameter("Please provide a source for function code.")
    return _keep_object(ctx, bucket, key)


def _keep_object(ctx: LongContext, bucket: str, key: str) -> Code:
    source = f"s3://{bucket}/{key}"
    found = hosting_of(ctx).find_object(bucket, key)
    if found is not None:
        return _keep(ctx, found, source)
    if ctx.from_template:  # LAMBDA-02
        return Code("", 0, "", source)
    raise errors.invalid_parameter(
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does"
        " not exist."
    )


def _keep(ctx: LongContext, archive: bytes, source: str) -> Code:
    # LAMBDA-01
    try:
        kept = hosting_of(ctx).keep(archive)
    except CodeRefusedError as refused:
        raise errors.invalid_parameter(refused.message) from None
    return Code(kept.sha256, kept.size, kept.folder, source)
