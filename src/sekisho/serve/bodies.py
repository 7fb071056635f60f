"""Reading bodies of requests that anybody may send."""

from starlette.requests import Request


class BodyTooLargeError(Exception):
    """A request body has more bytes than it may have."""


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body.

    Raises:
        BodyTooLargeError: it has more than ``limit`` bytes.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BodyTooLargeError
    return bytes(body)
