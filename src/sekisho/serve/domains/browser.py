"""What a browser holds: that it is signed in at a pool, and the value that its forms must repeat."""

import hashlib
import hmac
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from sekisho.model.cognito import User, UserPool
from sekisho.model.sign_ins import LoginSession
from sekisho.serve.domains.common import DomainDeps
from sekisho.store.api import Reader

SESSION_LIFETIME = timedelta(hours=1)
"""Source: https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-sessions.html"""

_SESSION_COOKIE = "cognito"
_CSRF_COOKIE = "XSRF-TOKEN"
_CSRF_BYTES = _SESSION_BYTES = 32


def find_session(state: Reader, deps: DomainDeps, pool: UserPool, request: Request) -> LoginSession | None:
    """Return the session of a browser that is signed in at the pool, by a user who may still sign in (COGNITO-87)."""
    cookie = request.cookies.get(_SESSION_COOKIE)
    session = None if cookie is None else state.find(LoginSession, _hash(cookie))
    if session is None or session.pool_id != pool.id or deps.tokens.clock.now() >= session.expires:
        return None
    user = state.find(User, session.user_key)
    return None if user is None or not user.enabled else session


def open_session(deps: DomainDeps, pool: UserPool, user: User) -> tuple[str, LoginSession]:
    """Return the cookie of a new session, and the session, which is kept."""
    cookie = deps.tokens.ids.token_bytes(_SESSION_BYTES).hex()
    now = deps.tokens.clock.now()
    session = LoginSession(_hash(cookie), pool.id, user.key, now, now + SESSION_LIFETIME)
    with deps.store.write() as state:
        state.put(session)
    return cookie, session


def close_session(deps: DomainDeps, request: Request) -> None:
    """Forget the session of a browser."""
    cookie = request.cookies.get(_SESSION_COOKIE)
    if cookie is None:
        return
    with deps.store.write() as state:
        if state.find(LoginSession, _hash(cookie)) is not None:
            state.delete(LoginSession, _hash(cookie))


def set_session(response: Response, request: Request, cookie: str) -> None:
    """Have the browser keep its session."""
    _set(response, request, _SESSION_COOKIE, cookie, int(SESSION_LIFETIME.total_seconds()))


def drop_session(response: Response, request: Request) -> None:
    """Have the browser forget its session."""
    response.delete_cookie(_SESSION_COOKIE, path=_path(request))


def csrf_of(deps: DomainDeps, request: Request) -> str:
    """Return the value that forms must repeat: the browser's own, or a new one."""
    return request.cookies.get(_CSRF_COOKIE) or deps.tokens.ids.token_bytes(_CSRF_BYTES).hex()


def set_csrf(response: Response, request: Request, csrf: str) -> None:
    """Have the browser keep the value that its forms repeat."""
    _set(response, request, _CSRF_COOKIE, csrf, None)


def is_own_form(request: Request, given: str | None) -> bool:
    """Tell whether a form came from a page of ours, not from another site's (COGNITO-82).

    Browsers that say where a request comes from are believed (https://www.w3.org/TR/fetch-metadata/).
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    own = request.cookies.get(_CSRF_COOKIE)
    return bool(own and given) and hmac.compare_digest(str(own).encode(), str(given).encode())


def _set(response: Response, request: Request, name: str, value: str, seconds: int | None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=_path(request),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def _path(request: Request) -> str:
    return request.scope.get("root_path") or "/"


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
