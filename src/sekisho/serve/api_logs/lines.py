"""Lines of access logs, and the files that they go to.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
"""

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

_VARIABLE = re.compile(r"\$context\.(authorizer\.claims\.[\w:-]*\w|\w+(?:\.\w+)*)", re.ASCII)
_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f-\x9f\u2028\u2029]')
_REGION = re.compile(r"[a-z0-9-]+")
_UNSET = "-"
_QUOTED = "error.messageString"
_LONGEST_NAME = 200


def render_line(template: str, values: Mapping[str, str]) -> str:
    """Return a format with its variables filled in, as one line (HTTP-LOG-01).

    What a value holds of quotes, backslashes and control characters is escaped as in JSON: a client may choose
    values, and neither end a member of the line nor begin another line (HTTP-LOG-02).
    """

    def fill(found: re.Match[str]) -> str:
        value = values.get(found[1], _UNSET)
        return value if found[1] == _QUOTED else _SPECIAL.sub(_escape, value)

    return _VARIABLE.sub(fill, " ".join(template.split("\n")))


def log_file(folder: Path, destination: str) -> Path:
    """Return the file of a log group or delivery stream: its name, escaped as in URLs, in a folder of its region."""
    parts = destination.split(":", 5)
    region, resource = (parts[3], parts[5]) if len(parts) == 6 else ("", destination)
    region = region if _REGION.fullmatch(region) else "none"
    name = resource.removeprefix("log-group:").removesuffix(":*").removeprefix("deliverystream/")
    escaped = quote(name, safe="")
    if len(escaped) > _LONGEST_NAME:
        escaped = f"{escaped[:_LONGEST_NAME]}-{sha256(name.encode()).hexdigest()[:16]}"
    return folder / region / f"{escaped}.log"


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
