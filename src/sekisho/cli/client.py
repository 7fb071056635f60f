"""What the commands ask a server that runs already."""

import http
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from sekisho.kernel.errors import UsageError

_TIMEOUT_SECONDS = 10


def get_json(server: str, path: str) -> tuple[int, Any]:
    """Return the status and the JSON body of ``GET path``; ``server`` is a base URL such as ``http://127.0.0.1:4566``.

    Raises:
        UsageError: the URL is not one, or nobody answers there, or somebody who is not Sekisho.
    """
    return _send(server, "GET", path, None)


def post_json(server: str, path: str, value: Any) -> Any:
    """Return the JSON body of ``POST path`` with a JSON body.

    Raises:
        UsageError: the URL is not one, or nobody answers there, or somebody who is not Sekisho, or the server says
            that the request is wrong.
    """
    status, answer = _send(server, "POST", path, json.dumps(value))
    if status >= http.HTTPStatus.BAD_REQUEST:
        raise UsageError(str(answer.get("message", answer)))
    return answer


def _send(server: str, method: str, path: str, body: str | None) -> tuple[int, Any]:
    parts = urlsplit(server)
    if parts.scheme != "http" or not parts.hostname:
        raise UsageError(f"{server!r} is not the URL of a server; it looks like http://127.0.0.1:4566")
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=_TIMEOUT_SECONDS)
    try:
        headers = {} if body is None else {"content-type": "application/json"}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    except OSError as error:
        raise UsageError(
            f"no server answers at {server} ({error.strerror or error}); start one with: sekisho up PATH"
        ) from None
    except (ValueError, http.client.HTTPException):
        raise UsageError(f"what answers at {server} is not sekisho") from None
    finally:
        connection.close()
