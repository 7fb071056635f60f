"""The pages of a domain: to sign in, to choose a password, and to be told that something is wrong.

Plain HTML without scripts, in the colours that the browser prefers. What a page shows of the request is escaped;
nothing may frame it or be loaded by it.
"""

import base64
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from starlette.responses import HTMLResponse, Response

from sekisho.model.cognito import PasswordPolicy, UserPool
from sekisho.services.cognito_idp.sign_in.new_password import ATTRIBUTE_PREFIX

_STYLE = (
    ":root{color-scheme:light dark;--back:#f3f4f6;--card:#fff;--text:#1b1b1f;--quiet:#55555f;--line:#85858f;"
    "--edge:#d8d8de;--accent:#2347a8;--on-accent:#fff;--error:#a11b1b;--error-back:#fdecec}"
    "@media(prefers-color-scheme:dark){:root{--back:#131316;--card:#1e1e23;--text:#ececf1;--quiet:#b4b4be;"
    "--line:#8a8a96;--edge:#3a3a42;--accent:#9db8ff;--on-accent:#10142a;--error:#ffb4ab;--error-back:#3a1d1d}}"
    "*{box-sizing:border-box}"
    "body{font:1rem/1.5 system-ui,sans-serif;margin:0;padding:1rem;background:var(--back);color:var(--text)}"
    "main{max-width:24rem;margin:10vh auto;padding:2rem;background:var(--card);border:1px solid var(--edge);"
    "border-radius:.5rem;overflow-wrap:anywhere}"
    "@media(max-width:30rem){body{padding:0;background:var(--card)}"
    "main{margin:0;max-width:none;border:0;padding:1.5rem}}"
    "h1{font-size:1.375rem;line-height:1.25;margin:0 0 1.25rem}"
    "label{display:block;margin:1rem 0 .25rem;font-weight:600}"
    "input{width:100%;padding:.625rem;font:inherit;color:inherit;background:var(--card);"
    "border:1px solid var(--line);border-radius:.25rem}"
    "input[aria-invalid]{border-color:var(--error)}input[readonly]{background:var(--back)}"
    "button{margin-top:1.5rem;width:100%;padding:.75rem;font:inherit;font-weight:600;border:0;"
    "border-radius:.25rem;background:var(--accent);color:var(--on-accent);cursor:pointer}"
    ":focus-visible{outline:3px solid var(--accent);outline-offset:2px}"
    ".quiet{color:var(--quiet);font-size:.875rem;margin:.5rem 0 0}"
    "[role=alert]{color:var(--error);background:var(--error-back);border-left:4px solid;margin:0;"
    "padding:.625rem .75rem}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# No form-action: browsers apply it to where an answered form leads as well, which is the client's own site.
_HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache, no-store, max-age=0, must-revalidate",
}
_ALERT_ID = "alert"
_KINDS = {"birthdate": "date", "email": "email", "phone_number": "tel", "website": "url"}
_AUTOCOMPLETE = {"birthdate": "bday", "email": "email", "name": "name", "phone_number": "tel"}


@dataclass(frozen=True, slots=True)
class NewPassword:
    """What the page for a new password shows.

    Attributes:
        session: stands for the right temporary password.
        attributes: those that the user has to give with it, by name.
    """

    session: str = field(repr=False)
    username: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Field:
    """An input with its label; ``note`` says what may be put in."""

    name: str
    label: str
    kind: str
    autocomplete: str
    value: str = ""
    note: str = ""
    fixed: bool = False


def login_page(pool: UserPool, csrf: str, username: str = "", alert: str = "") -> Response:
    """Return the page that asks for username and password."""
    fields = [
        _Field("username", _username_label(pool), "text", "username", username),
        _Field("password", "Password", "password", "current-password"),
    ]
    wrong = [one.name for one in fields]
    return _form(f"Sign in to {pool.name}", "Sign in", {"_csrf": csrf}, fields, alert, wrong)


def new_password_page(
    pool: UserPool, csrf: str, asked: NewPassword, alert: str = "", *, of_password: bool = True
) -> Response:
    """Return the page that asks for a password in place of a temporary one, and for missing attributes.

    An alert is about the password, or else about the attributes.
    """
    fields = [
        _Field("username", _username_label(pool), "text", "username", asked.username, fixed=True),
        _Field(
            "new_password", "New password", "password", "new-password", note=_describe(pool.password_policy)
        ),
        *(_attribute_field(name, value) for name, value in asked.attributes.items()),
    ]
    hidden = {"_csrf": csrf, "session": asked.session}
    wrong = [one.name for one in fields[1:] if (one.name == "new_password") == of_password]
    return _form("Change your password", "Set password", hidden, fields, alert, wrong)


def error_page(message: str, status: int = 400) -> Response:
    """Return the page for a request that cannot be answered otherwise."""
    return _page("Something is wrong", _alert(message), status)


def _username_label(pool: UserPool) -> str:
    """Return what the users of a pool sign in with."""
    return " or ".join(_label(name) for name in pool.username_attributes).capitalize() or "Username"


def _label(attribute: str) -> str:
    return attribute.replace("_", " ").capitalize()


def _describe(policy: PasswordPolicy) -> str:
    kinds = {
        "an upper case letter": policy.require_uppercase,
        "a lower case letter": policy.require_lowercase,
        "a number": policy.require_numbers,
        "a symbol": policy.require_symbols,
    }
    needed = [kind for kind, is_needed in kinds.items() if is_needed]
    return f"At least {policy.minimum_length} characters{', with ' if needed else ''}{', '.join(needed)}."


def _attribute_field(name: str, value: str) -> _Field:
    kind, autocomplete = _KINDS.get(name, "text"), _AUTOCOMPLETE.get(name, "on")
    return _Field(f"{ATTRIBUTE_PREFIX}{name}", _label(name), kind, autocomplete, value)


def _form(
    title: str,
    button: str,
    hidden: Mapping[str, str],
    fields: Sequence[_Field],
    alert: str,
    wrong: Collection[str],
) -> Response:
    kept = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in hidden.items()
    )
    first = next((one.name for one in fields if not one.fixed and not one.value), None)
    inputs = "".join(
        _input(one, has_focus=one.name == first, is_wrong=bool(alert) and one.name in wrong) for one in fields
    )
    told = _alert(alert) if alert else ""
    form = f'{told}<form method="post">{kept}{inputs}<button type="submit">{button}</button></form>'
    return _page(title, form, 200)


def _alert(message: str) -> str:
    return f'<p role="alert" id="{_ALERT_ID}">{escape(message)}</p>'


def _input(one: _Field, *, has_focus: bool, is_wrong: bool) -> str:
    name, described = escape(one.name), []
    if one.note:
        described.append(f"{name}-note")
    if is_wrong:
        described.append(_ALERT_ID)
    attributes = [
        f'id="{name}" name="{name}" type="{one.kind}" autocomplete="{one.autocomplete}"',
        'autocapitalize="none" spellcheck="false"' if one.kind in ("text", "password") else "",
        "readonly" if one.fixed else "required",
        "autofocus" if has_focus else "",
        'aria-invalid="true"' if is_wrong else "",
        f'aria-describedby="{" ".join(described)}"' if described else "",
    ]
    note = f'<p class="quiet" id="{name}-note">{escape(one.note)}</p>' if one.note else ""
    shown = " ".join(part for part in attributes if part)
    return f'<label for="{name}">{escape(one.label)}</label><input {shown} value="{escape(one.value)}">{note}'


def _page(title: str, body: str, status: int) -> Response:
    head = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head>'
    )
    return HTMLResponse(
        f"{head}<body><main><h1>{escape(title)}</h1>{body}</main></body></html>", status, _HEADERS
    )
