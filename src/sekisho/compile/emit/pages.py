"""The pages that an Application Load Balancer makes itself.

Template and lengths: recorded answers of real load balancers (301 is 134 bytes, 302 is 110, 502 is 122, 503
is 162); https://github.com/internetstandards/Internet.nl/issues/1291. Each line, the last one too, ends in CRLF.
"""

TITLES = {
    301: "301 Moved Permanently",
    302: "302 Found",
    400: "400 Bad Request",
    401: "401 Authorization Required",
    403: "403 Forbidden",
    405: "405 Not Allowed",
    408: "408 Request Time-out",
    413: "413 Request Entity Too Large",
    414: "414 Request-URI Too Large",
    463: "463 Bad X-Forwarded-For",
    464: "464 Incompatible Protocol",
    500: "500 Internal Server Error",
    501: "501 Not Implemented",
    502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable",
    504: "504 Gateway Time-out",
    505: "505 HTTP Version Not Supported",
    507: "507 Insufficient Storage",
    562: "562 JWKS Request Failed",
}
"""Status -> what stands in the page's title and heading."""

CONTENT_TYPE = "text/html"
SERVER = "awselb/2.0"


def page(status: int) -> str:
    """Return the page for a status.

    Raises:
        KeyError: the load balancer never makes that status itself.
    """
    return _page(TITLES[status], TITLES[status])


def plain_http_page() -> str:
    """Return the page for plain HTTP on a TLS listener."""
    sentence = "The plain HTTP request was sent to HTTPS port"
    return _page(f"400 {sentence}", TITLES[400], f"<center>{sentence}</center>")


def _page(title: str, heading: str, *more: str) -> str:
    lines = (
        "<html>",
        f"<head><title>{title}</title></head>",
        "<body>",
        f"<center><h1>{heading}</h1></center>",
        *more,
        "</body>",
        "</html>",
    )
    return "".join(line + "\r\n" for line in lines)
