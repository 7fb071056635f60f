"""``GET /oauth2/authorize``, ``/login`` and ``/logout`` of a domain.

https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sekisho.issuer.cognito.authorize import (
    AuthorizationRequest,
    RedirectError,
    RequestPageError,
    check_authorization_request,
    new_authorization_code,
)
from sekisho.kernel.errors import SekishoError, ServiceError
from sekisho.model.cognito import AppClient, User, UserPool
from sekisho.model.user_tokens import SignIn
from sekisho.serve.domains import browser
from sekisho.serve.domains.common import DomainDeps, pool_of, read_form
from sekisho.serve.domains.pages import NewPassword, error_page, login_page, new_password_page
from sekisho.services.cognito_idp.sign_in.hosted import NewPasswordNeeded, set_password, sign_in
from sekisho.services.cognito_idp.sign_in.new_password import ATTRIBUTE_PREFIX

_NO_STORE = {"cache-control": "no-cache, no-store, max-age=0, must-revalidate"}
_MAY_TRY_AGAIN = frozenset(
    ("InvalidPasswordException", "InvalidParameterException", "PasswordHistoryPolicyViolationException")
)
_ELSEWHERE = {
    "UserNotConfirmedException": "There is no page for that here: an app calls ConfirmSignUp.",
    "PasswordResetRequiredException": "There is no page for that here: an app calls ConfirmForgotPassword.",
}
"""What a user can do whom the page cannot help."""

_MISSING_PAGES = {
    "/signup": "sign up: an app calls SignUp and ConfirmSignUp",
    "/confirmUser": "confirm a user: an app calls ConfirmSignUp",
    "/resendcode": "send a code again: an app calls ResendConfirmationCode",
    "/forgotPassword": "reset a password: an app calls ForgotPassword and ConfirmForgotPassword",
    "/confirmForgotPassword": "reset a password: an app calls ForgotPassword and ConfirmForgotPassword",
    "/passkeys/add": "add a passkey: passkeys are not supported",
    "/oauth2/idpresponse": "return from an identity provider: federation is not supported",
    "/saml2/idpresponse": "return from an identity provider: federation is not supported",
}
MISSING_PAGES = tuple(_MISSING_PAGES)
"""Pages that a domain of AWS has and this one has not."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request that is good, and the pool that it is for."""

    pool: UserPool
    request: AuthorizationRequest


class LoginEndpoints:
    """The endpoints of every domain that a browser visits."""

    def __init__(self, deps: DomainDeps) -> None:
        self._deps = deps

    async def authorize(self, request: Request) -> Response:
        """Answer a signed-in browser with a code or tokens, and send any other to the login page."""
        return await anyio.to_thread.run_sync(self._refusable, self._authorize, request)

    async def show_login(self, request: Request) -> Response:
        """Show the login page."""
        return await anyio.to_thread.run_sync(self._refusable, self._show_login, request)

    async def login(self, request: Request) -> Response:
        """Take the login form, or the one for a new password."""
        form = await read_form(request)
        return await anyio.to_thread.run_sync(
            self._refusable, lambda asked: self._login(asked, form), request
        )

    async def logout(self, request: Request) -> Response:
        """Forget that the browser is signed in, and send it where the client wants it."""
        return await anyio.to_thread.run_sync(self._logout, request)

    def _refusable(self, answer: Callable[[Request], Response], request: Request) -> Response:
        try:
            return answer(request)
        except RequestPageError as error:
            return error_page(error.message)
        except RedirectError as error:
            return _redirect(error.location)

    def _authorize(self, request: Request) -> Response:
        asked = self._asked(request)
        prompts = set((asked.request.prompt or "").split())
        with self._deps.store.read() as state:
            session = browser.find_session(state, self._deps, asked.pool, request)
            user = None if session is None else state.find(User, session.user_key)
        if session is not None and user is not None and "login" not in prompts:
            return _redirect(self._answer(asked, user, session.auth_time))
        if "none" in prompts:
            raise asked.request.refuse("login_required")
        return _redirect(f"{request.scope.get('root_path', '')}/login?{request.url.query}")

    def _show_login(self, request: Request) -> Response:
        asked = self._asked(request)
        csrf = browser.csrf_of(self._deps, request)
        hint = request.query_params.get("login_hint", "")
        response = login_page(asked.pool, csrf, hint)
        browser.set_csrf(response, request, csrf)
        return response

    def _login(self, request: Request, form: Mapping[str, str]) -> Response:
        asked = self._asked(request)
        if not browser.is_own_form(request, form.get("_csrf")):
            return error_page("The form has expired. Go back and try again.", 403)
        csrf, username, pool = form["_csrf"], form.get("username", ""), asked.pool
        try:
            user = self._sign_in(asked, form)
        except ServiceError as error:
            if "session" in form and error.code in _MAY_TRY_AGAIN:
                again = NewPassword(form["session"], username, _attributes(form))
                of_password = error.code != "InvalidParameterException"
                return new_password_page(pool, csrf, again, error.message, of_password=of_password)
            told = f"{error.message} {_ELSEWHERE.get(error.code, '')}".rstrip()
            return login_page(pool, csrf, username, told)
        if isinstance(user, NewPasswordNeeded):
            wanted = NewPassword(user.session, username, dict.fromkeys(user.attributes, ""))
            return new_password_page(pool, csrf, wanted)
        browser.close_session(self._deps, request)
        cookie, session = browser.open_session(self._deps, asked.pool, user)
        response = _redirect(self._answer(asked, user, session.auth_time))
        browser.set_session(response, request, cookie)
        return response

    def _sign_in(self, asked: Asked, form: Mapping[str, str]) -> User | NewPasswordNeeded:
        ctx, pool, client = self._deps.context(asked.pool.region), asked.pool, asked.request.client
        username = form.get("username", "")
        if "session" in form:
            chosen, attributes = form.get("new_password", ""), _attributes(form)
            return set_password(ctx, pool, client, form["session"], username, chosen, attributes)
        return sign_in(ctx, pool, client, username, form.get("password", ""))

    def _logout(self, request: Request) -> Response:
        """Sign the browser out; it goes only where the client is registered for (COGNITO-83)."""
        params = request.query_params
        with self._deps.store.read() as state:
            pool = pool_of(state, request)
            client = state.find(AppClient, params.get("client_id", ""))
        if client is None or client.pool_id != pool.id:
            return error_page("The app client does not exist.")
        logout_uri, redirect_uri = params.get("logout_uri"), params.get("redirect_uri")
        if logout_uri is not None and logout_uri in client.logout_urls:
            target = logout_uri
        elif redirect_uri is not None and redirect_uri in client.callback_urls and "response_type" in params:
            target = f"{request.scope.get('root_path', '')}/login?{request.url.query}"
        else:
            return error_page("Required String parameter 'logout_uri' or 'redirect_uri' is not registered")
        browser.close_session(self._deps, request)
        response = _redirect(target)
        browser.drop_session(response, request)
        return response

    def _asked(self, request: Request) -> Asked:
        pairs = request.query_params.multi_items()
        if len({name for name, _ in pairs}) != len(pairs):
            raise RequestPageError("A parameter is included more than once.")
        with self._deps.store.read() as state:
            pool = pool_of(state, request)
            # RFC 6749 section 3.1: "Parameters sent without a value MUST be treated as if they were omitted".
            given = {name: value for name, value in pairs if value}
            return Asked(pool, check_authorization_request(state, pool, given))

    def _answer(self, asked: Asked, user: User, auth_time: datetime) -> str:
        """Return where the browser goes with a code, or with tokens where the client asked for them."""
        tokens, wanted = self._deps.tokens, asked.request
        if wanted.response_type == "code":
            text, code = new_authorization_code(wanted, user.key, auth_time, tokens.ids, tokens.clock.now())
            with self._deps.store.write() as state:
                state.put(code)
            return wanted.redirect({"code": text})
        hosted = SignIn(
            asked.pool,
            wanted.client,
            user,
            "TokenGeneration_HostedAuth",
            auth_time,
            wanted.scopes,
            hosted=True,
            nonce=wanted.nonce,
            resource=wanted.resource,
        )
        try:
            issued = tokens.issue(self._deps.store, hosted)
        except SekishoError as error:
            raise wanted.refuse("server_error", error.message) from None
        id_token = {} if issued.id_token is None else {"id_token": issued.id_token}
        return wanted.redirect(
            {
                **id_token,
                "access_token": issued.access_token,
                "expires_in": str(issued.expires_in),
                "token_type": "Bearer",
            }
        )


async def show_missing_page(request: Request) -> Response:
    """Say that there is no such page here, and what there is instead."""
    page = request.url.path.removeprefix(request.scope.get("root_path", ""))
    return error_page(f"There is no page here to {_MISSING_PAGES[page]}.", 501)


def _attributes(form: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(ATTRIBUTE_PREFIX): value
        for name, value in form.items()
        if name.startswith(ATTRIBUTE_PREFIX)
    }


def _redirect(location: str) -> Response:
    return RedirectResponse(location, 302, _NO_STORE)
