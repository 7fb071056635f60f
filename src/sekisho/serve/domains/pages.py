"""The pages of a domain: to sign in, to choose a password, and to be told that something is wrong.

Plain HTML without scripts. What a page shows of the request is escaped; nothing may frame it or be loaded by it.
"""

import base64
import hashlib
from collections.abc import Sequence
from html import escape

from starlette.responses import HTMLResponse, Response

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f4f4f6;color:#1b1b1f}"
    "main{max-width:22rem;margin:12vh auto;padding:2rem;background:#fff;border:1px solid #d8d8de;border-radius:8px}"
    "h1{font-size:1.25rem;margin:0 0 1rem}label{display:block;margin:.75rem 0 .25rem}"
    "input{box-sizing:border-box;width:100%;padding:.5rem;font:inherit;border:1px solid #8b8b94;border-radius:4px}"
    "button{margin-top:1.25rem;width:100%;padding:.6rem;font:inherit;border:0;border-radius:4px;"
    "background:#2b4ca8;color:#fff;cursor:pointer}[role=alert]{color:#a11b1b;margin:0 0 .5rem}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache, no-store, max-age=0, must-revalidate",
}


def login_page(pool_name: str, csrf: str, username: str = "", alert: str = "") -> Response:
    """Return the page that asks for username and password."""
    fields = [
        _field("username", "Username", "text", "username", username),
        _field("password", "Password", "password", "current-password"),
    ]
    return _form(f"Sign in to {pool_name}", "Sign in", [("_csrf", csrf)], fields, alert)


def new_password_page(csrf: str, session: str, username: str, alert: str = "") -> Response:
    """Return the page that asks for a password in place of a temporary one."""
    hidden = [("_csrf", csrf), ("session", session), ("username", username)]
    fields = [_field("new_password", "New password", "password", "new-password")]
    return _form("Change your password", "Set password", hidden, fields, alert)


def error_page(message: str, status: int = 400) -> Response:
    """Return the page for a request that cannot be answered otherwise."""
    return _page("Something is wrong", f'<p role="alert">{escape(message)}</p>', status)


def _form(
    title: str, button: str, hidden: Sequence[tuple[str, str]], fields: Sequence[str], alert: str
) -> Response:
    kept = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in hidden)
    told = f'<p role="alert">{escape(alert)}</p>' if alert else ""
    form = f'{told}<form method="post">{kept}{"".join(fields)}<button type="submit">{button}</button></form>'
    return _page(title, form, 200)


def _field(name: str, label: str, kind: str, autocomplete: str, value: str = "") -> str:
    attributes = f'id="{name}" name="{name}" type="{kind}" autocomplete="{autocomplete}"'
    return f'<label for="{name}">{label}</label><input {attributes} value="{escape(value)}" required>'


def _page(title: str, body: str, status: int) -> Response:
    head = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
    )
    return HTMLResponse(
        f"{head}<body><main><h1>{escape(title)}</h1>{body}</main></body></html>", status, _HEADERS
    )
