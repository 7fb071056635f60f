"""The authorization code grant of a user pool (RFC 6749 section 4.1.3, RFC 7636 section 4.6)."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from sekisho.issuer.cognito.refresh_token import issued
from sekisho.issuer.cognito.user_tokens import PoolTokens
from sekisho.issuer.request import TokenRequest
from sekisho.issuer.token import Issued
from sekisho.kernel.errors import OAuthError, ServiceError, TokenRefusedError
from sekisho.model.cognito import AppClient, User, UserPool
from sekisho.model.sign_ins import AuthorizationCode, RefreshGrant
from sekisho.model.user_tokens import SignIn, UserTokens
from sekisho.store.api import Reader, Store, Writer

CODE_LIFETIME = timedelta(minutes=5)
"""Source: https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html"""

_SOURCE = "TokenGeneration_HostedAuth"
_SHORTEST_VERIFIER, _LONGEST_VERIFIER = 43, 128


@dataclass(frozen=True, slots=True)
class AuthorizationCodeGrant:
    """The grant, bound to one pool."""

    name: ClassVar[str] = "authorization_code"

    state: Reader
    store: Store
    pool: UserPool
    tokens: PoolTokens

    def authorize(self, client: AppClient, request: TokenRequest) -> UserTokens:
        """Exchange the code, once.

        Raises:
            OAuthError: ``invalid_request`` where a parameter is missing, ``invalid_grant`` for a code or verifier that
                is not good, ``unauthorized_client`` for another redirect URI.
        """
        text, redirect_uri = request.get("code"), request.get("redirect_uri")
        if text is None or redirect_uri is None:
            raise OAuthError("invalid_request", hint="code and redirect_uri must be given")
        code, origin = self._take(client, text, redirect_uri, request.get("code_verifier"))
        with self.store.read() as state:
            user = state.find(User, code.user_key)
        given = code.expires - CODE_LIFETIME
        if user is None or not user.enabled or user.created > given:
            raise OAuthError("invalid_grant", hint="the user is gone or disabled")
        if user.signed_out is not None and given <= user.signed_out:
            raise OAuthError("invalid_grant", hint="the user has signed out everywhere")
        sign_in = SignIn(
            self.pool,
            client,
            user,
            _SOURCE,
            code.auth_time,
            code.scopes,
            hosted=True,
            nonce=code.nonce,
            resource=code.resource,
        )
        try:
            issued = self.tokens.issue(self.store, sign_in, origin)
        except TokenRefusedError as error:
            raise OAuthError("invalid_grant", hint=error.message) from None
        except ServiceError as error:  # COGNITO-64
            raise OAuthError("invalid_request", error.message) from None
        self._check_replay(code, origin)
        return issued

    def issue(self, client: AppClient, authorization: UserTokens) -> Issued:
        """Return the tokens, which are signed already."""
        del client
        return issued(authorization)

    def _take(
        self, client: AppClient, text: str, redirect_uri: str, verifier: str | None
    ) -> tuple[AuthorizationCode, str]:
        """Mark the code as used; return it and the name of the sign-in that it becomes (COGNITO-65)."""
        with self.store.write() as state:
            code = state.find(AuthorizationCode, hash_code(text))
            if code is None or code.client_id != client.client_id:
                raise OAuthError("invalid_grant", hint="the code is unknown or another client's")
            if code.used is not None:
                state.put(replace(code, replayed=True))
                _revoke(state, code.used)
            origin = self.tokens.ids.uuid()
            refusal = self._refusal(code, redirect_uri, verifier)
            if refusal is None:
                state.put(replace(code, used=origin))
        if refusal is not None:
            raise refusal
        return code, origin

    def _check_replay(self, code: AuthorizationCode, origin: str) -> None:
        """Revoke tokens that were still being signed when somebody else used the code."""
        with self.store.read() as state:
            current = state.find(AuthorizationCode, code.key)
        if current is None or not current.replayed:
            return
        with self.store.write() as state:
            _revoke(state, origin)
        raise OAuthError("invalid_grant", hint="the code was used twice at a time")

    def _refusal(self, code: AuthorizationCode, redirect_uri: str, verifier: str | None) -> OAuthError | None:
        if code.used is not None:
            return OAuthError("invalid_grant", hint="the code was used before")
        if self.tokens.clock.now() >= code.expires:
            return OAuthError("invalid_grant", hint="the code has expired")
        if redirect_uri != code.redirect_uri:
            return OAuthError("unauthorized_client", "invalid_redirect")
        if not _is_verified(code.challenge, verifier):
            return OAuthError("invalid_grant", hint="the code_verifier is missing or another")
        return None


def _revoke(state: Writer, origin: str) -> None:
    """Revoke what a code got (RFC 6749 section 4.1.2): its second use says that somebody has stolen it."""
    stolen = state.find(RefreshGrant, origin)
    if stolen is not None:
        state.put(replace(stolen, revoked=True))


def hash_code(code: str) -> str:
    """Return what is kept of a code."""
    return hashlib.sha256(code.encode()).hexdigest()


def _is_verified(challenge: str | None, verifier: str | None) -> bool:
    """Tell whether the verifier proves the challenge; a verifier for no challenge proves nothing (COGNITO-66)."""
    if challenge is None or verifier is None:
        return challenge is None and verifier is None
    if not _SHORTEST_VERIFIER <= len(verifier) <= _LONGEST_VERIFIER:
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)
