"""Code that stands in a template, as the archive that CloudFormation makes of it.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
"""

import io
import zipfile

from sekisho.kernel.errors import ServiceError

_FILES = {"python": "index.py", "nodejs": "index.js"}
_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack_inline(text: str, runtime: str) -> bytes:
    """Return an archive with the text in the file ``index``; the same text always makes the same bytes.

    Raises:
        ServiceError: the runtime takes no code as text.
    """
    name = next((name for prefix, name in _FILES.items() if runtime.startswith(prefix)), None)
    if name is None:
        raise ServiceError(
            "InvalidRequest", f"ZipFile can only be used when Runtime is set to any of {', '.join(_FILES)}."
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name, _EPOCH), text.encode())
    return buffer.getvalue()
