"""Authorization requests of a user pool's domain, and the codes that answer them.

https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from sekisho.issuer.cognito.authorization_code import CODE_LIFETIME, hash_code
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.ids import Ids
from sekisho.model.cognito import AppClient, UserPool
from sekisho.model.sign_ins import AuthorizationCode
from sekisho.store.api import Reader

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_NEED_OPENID = frozenset({"email", "phone", "profile"})
_PROMPTS = frozenset({"none", "login", "select_account", "consent"})


class RequestPageError(SekishoError):
    """The request cannot be answered by a redirect: nobody says where to safely."""


class RedirectError(SekishoError):
    """The request is refused by a redirect to the client (RFC 6749 section 4.1.2.1)."""

    def __init__(self, location: str, error: str) -> None:
        super().__init__(error)
        self.location = location


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that may be answered.

    Attributes:
        response_type: ``code`` or ``token``.
        challenge: the S256 code challenge, or None.
        resource: what the access token is to be bound to (RFC 8707), or None.
        prompt: what the client asks of the login page.
    """

    client: AppClient
    redirect_uri: str
    response_type: str
    scopes: tuple[str, ...]
    state: str | None = field(default=None, repr=False)
    nonce: str | None = field(default=None, repr=False)
    challenge: str | None = None
    prompt: str | None = None
    resource: str | None = None

    def redirect(self, params: Mapping[str, str]) -> str:
        """Return where the browser goes with an answer: in the query for a code, else in the fragment."""
        given = {**params, **({} if self.state is None else {"state": self.state})}
        if self.response_type == "token":
            return f"{self.redirect_uri}#{urlencode(given)}"
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{urlencode(given)}"

    def refuse(self, error: str, description: str | None = None) -> RedirectError:
        """Return the refusal that goes back to the client."""
        params = (
            {"error": error} if description is None else {"error_description": description, "error": error}
        )
        return RedirectError(self.redirect(params), error)


def check_authorization_request(
    state: Reader, pool: UserPool, params: Mapping[str, str]
) -> AuthorizationRequest:
    """Return the request that query parameters make.

    Raises:
        RequestPageError: client or redirect URI are not good: nothing is sent there (COGNITO-80).
        RedirectError: anything else is not good.
    """
    client = state.find(AppClient, params.get("client_id", ""))
    if client is None or client.pool_id != pool.id:
        raise RequestPageError("The app client does not exist.")
    redirect_uri = params.get("redirect_uri") or client.default_redirect_uri
    if redirect_uri is None or redirect_uri not in client.callback_urls:
        raise RequestPageError("An error was encountered with the requested page: redirect_mismatch")
    response_type = params.get("response_type", "")
    request = AuthorizationRequest(
        client,
        redirect_uri,
        response_type if response_type == "token" else "code",
        (),
        params.get("state"),
        params.get("nonce"),
        params.get("code_challenge"),
        params.get("prompt"),
        params.get("resource"),
    )
    _check_response_type(request, response_type)
    _check_challenge(request, params)
    if params.get("identity_provider", "COGNITO") != "COGNITO" or "idp_identifier" in params:
        raise request.refuse("invalid_request", "identity provider is not supported")
    if request.prompt is not None and not set(request.prompt.split()) <= _PROMPTS:
        raise request.refuse("invalid_request", "prompt is not supported")
    if request.resource is not None and not _is_resource(request.resource):  # COGNITO-86
        raise request.refuse("invalid_request", "resource is not a URL")
    return replace(request, scopes=_scopes(request, params.get("scope")))


def new_authorization_code(
    request: AuthorizationRequest, user_key: str, auth_time: datetime, ids: Ids, now: datetime
) -> tuple[str, AuthorizationCode]:
    """Return a code and what is kept of it."""
    text = ids.uuid()
    code = AuthorizationCode(
        hash_code(text),
        request.client.pool_id,
        request.client.client_id,
        user_key,
        request.redirect_uri,
        request.scopes,
        auth_time,
        now + CODE_LIFETIME,
        request.challenge,
        request.nonce,
        resource=request.resource,
    )
    return text, code


def _check_response_type(request: AuthorizationRequest, response_type: str) -> None:
    needed = {"code": "code", "token": "implicit"}.get(response_type)
    if needed is None:
        raise request.refuse("invalid_request", "invalid response_type")
    if not request.client.oauth_enabled or needed not in request.client.allowed_oauth_flows:
        raise request.refuse("unauthorized_client")


def _check_challenge(request: AuthorizationRequest, params: Mapping[str, str]) -> None:
    """Check the code challenge; only S256 is taken (RFC 7636 section 4.2) (COGNITO-66)."""
    if request.challenge is None and "code_challenge_method" not in params:
        return
    if params.get("code_challenge_method") != "S256":
        raise request.refuse("invalid_request", "code_challenge_method must be S256")
    if request.challenge is None or not _is_digest(request.challenge):
        raise request.refuse("invalid_request", "code_challenge is not the digest of a verifier")


def _is_digest(challenge: str) -> bool:
    if not _CHALLENGE.fullmatch(challenge):
        return False
    try:
        return len(base64.urlsafe_b64decode(f"{challenge}=")) == 32
    except (binascii.Error, ValueError):
        return False


def _is_resource(resource: str) -> bool:
    """Tell whether a resource is a URL that tokens may be bound to: HTTPS, this machine, or an app's own scheme."""
    try:
        parts = urlsplit(resource)
    except ValueError:
        return False
    is_url = bool(parts.scheme and "://" in resource and (parts.netloc or parts.path)) and "#" not in resource
    return is_url and (parts.scheme != "http" or parts.hostname == "localhost")


def _scopes(request: AuthorizationRequest, requested: str | None) -> tuple[str, ...]:
    """Return the scopes: those asked for, or all of the client's (COGNITO-81)."""
    allowed = request.client.allowed_oauth_scopes
    wanted = tuple(dict.fromkeys(requested.split())) if requested else allowed
    if not wanted or not set(wanted) <= set(allowed):
        raise request.refuse("invalid_scope")
    if _NEED_OPENID.intersection(wanted) and "openid" not in wanted:
        raise request.refuse("invalid_scope", "openid is needed with email, phone and profile")
    return wanted
