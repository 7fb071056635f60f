"""Tokens of users: issued at a sign-in, renewed with its refresh token, revoked, and read back."""

import base64
import binascii
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.issuer.cognito.claims import (
    Instance,
    access_claims,
    access_seconds,
    id_claims,
    membership,
    pool_groups,
)
from sekisho.issuer.cognito.keys import ACCESS, ID, new_pool_keys
from sekisho.issuer.cognito.pre_token import apply_to_access_token, apply_to_id_token, run_for_user
from sekisho.issuer.cognito.signed import read_signed
from sekisho.issuer.cognito.triggers import Triggers
from sekisho.issuer.cognito.urls import PoolUrls
from sekisho.issuer.context import NewKey
from sekisho.issuer.keys import current_key, generate_private_key
from sekisho.issuer.signing import sign
from sekisho.kernel.clock import Clock
from sekisho.kernel.errors import TokenRefusedError, TokenReusedError
from sekisho.kernel.ids import Ids
from sekisho.model.cognito import AppClient, Group, User, UserAlias, UserPool
from sekisho.model.keys import SigningKey
from sekisho.model.sign_ins import RefreshGrant
from sekisho.model.user_tokens import AccessClaims, SignIn, UserTokens
from sekisho.store.api import Reader, Store, Writer

DEFAULT_REFRESH_SECONDS = 30 * 86400
_TOKEN_SECRET_BYTES = 48
_MOST_RETRIES = 10
_REFRESH = "TokenGeneration_RefreshTokens"


@dataclass(frozen=True, slots=True)
class PoolTokens:
    """The issuer of every user pool."""

    clock: Clock
    ids: Ids
    triggers: Triggers
    urls: PoolUrls = PoolUrls()  # noqa: RUF009 - frozen
    new_key: NewKey = generate_private_key

    def new_keys(self, pool: UserPool) -> tuple[SigningKey, ...]:
        """Return the keys of a new pool; takes tenths of a second."""
        return new_pool_keys(pool.issuer, self.new_key, self.ids, self.clock.now())

    def issue(self, store: Store, sign_in: SignIn, origin: str | None = None) -> UserTokens:
        """Return new tokens for a sign-in; runs the trigger PreTokenGeneration and keeps the refresh token.

        ``origin`` names the sign-in where it has a name already.

        Raises:
            ServiceError: the trigger failed.
            TokenRefusedError: the user was deleted or disabled meanwhile.
        """
        grant, token = self._new_grant(sign_in, origin or self.ids.uuid())
        tokens = self._sign(store, sign_in, grant)
        with store.write() as state:
            _check_user(state.find(User, sign_in.user.key))
            state.put(grant)
        return replace(tokens, refresh_token=token)

    def refresh(self, store: Store, client: AppClient, token: str, metadata: Mapping[str, str]) -> UserTokens:
        """Return tokens for a refresh token; a new refresh token is among them where the client rotates them.

        Raises:
            TokenRefusedError: the refresh token is not good for this client, or the user may not sign in.
            ServiceError: the trigger failed.
        """
        with store.read() as state:
            grant = self.find_grant(state, client.client_id, token)
            user = _check_user(state.find(User, grant.user_key))
            pool = state.get(UserPool, grant.pool_id)
        sign_in = SignIn(
            pool,
            client,
            user,
            _REFRESH,
            grant.auth_time,
            grant.scopes,
            metadata,
            grant.hosted,
            grant.nonce,
            grant.resource,
        )
        tokens = self._sign(store, sign_in, grant)
        if not client.rotation:
            return tokens
        return replace(tokens, refresh_token=self._rotate(store, client, token))

    def find_grant(self, state: Reader, client_id: str, token: str) -> RefreshGrant:
        """Return what a refresh token stands for.

        Raises:
            TokenRefusedError: it is not good for this client.
        """
        grant = _known_grant(state, client_id, token)
        now, hashed = self.clock.now(), _hash(token)
        if grant.revoked or _is_signed_out(state.find(User, grant.user_key), grant.issued or grant.auth_time):
            raise TokenRefusedError("Refresh Token has been revoked")  # COGNITO-14
        if hashed not in (grant.token_hash, *grant.also_good):
            until = grant.previous_until
            if until is None or now >= until:
                raise TokenReusedError("Refresh token has been invalidated by rotation")
        if now >= grant.expires:
            raise TokenRefusedError("Refresh Token has expired")
        return grant

    def revoke(self, state: Writer, client_id: str, token: str) -> None:
        """Revoke a refresh token, and with it every access token of the same sign-in; once more is no error.

        Raises:
            TokenRefusedError: it is not a refresh token of this client.
        """
        grant = _known_grant(state, client_id, token)
        if not grant.revoked:
            state.put(replace(grant, revoked=True))

    def read_access_token(self, state: Reader, token: str) -> AccessClaims:
        """Return what an access token says.

        Raises:
            TokenRefusedError: it was not issued here, has expired, or was revoked.
        """
        pool, claims = read_signed(state, token, ACCESS, self.urls, self.clock.now())
        client = state.find(AppClient, claims["client_id"])
        alias = state.find(UserAlias, f"{pool.id} sub {claims['sub']}")
        user = None if alias is None else state.find(User, f"{pool.id} {alias.folded}")
        if client is None or user is None:
            raise TokenRefusedError("Invalid Access Token")
        origin = claims.get("origin_jti")
        grant = None if origin is None else state.find(RefreshGrant, origin)
        since = _instant(claims["iat"]) if grant is None else grant.issued or grant.auth_time
        lost = origin is not None and (grant is None or grant.revoked)
        if lost or _is_signed_out(user, since):
            raise TokenRefusedError("Access Token has been revoked")
        scopes = tuple(str(claims.get("scope", "")).split())
        return AccessClaims(pool.id, user.sub, client.client_id, scopes, origin)

    def _new_grant(self, sign_in: SignIn, origin: str) -> tuple[RefreshGrant, str]:
        token, now = _new_token(origin, self.ids), self.clock.now()
        lifetime = sign_in.client.refresh_validity.seconds(DEFAULT_REFRESH_SECONDS) or DEFAULT_REFRESH_SECONDS
        grant = RefreshGrant(
            origin,
            sign_in.pool.id,
            sign_in.user.key,
            sign_in.client.client_id,
            sign_in.auth_time,
            now + timedelta(seconds=lifetime),
            _hash(token),
            sign_in.scopes,
            self.ids.uuid(),
            hosted=sign_in.hosted,
            nonce=sign_in.nonce,
            resource=sign_in.resource,
            issued=now,
        )
        return grant, token

    def _rotate(self, store: Store, client: AppClient, token: str) -> str:
        """Return a new refresh token; the one it replaces stays good for the client's grace period (COGNITO-15).

        Who uses the replaced one again in that time gets one more beside the first, and no more time.
        """
        with store.write() as state:
            grant = self.find_grant(state, client.client_id, token)
            new, used = _new_token(grant.origin_jti, self.ids), _hash(token)
            good = (grant.token_hash, *grant.also_good)
            if used not in good:
                state.put(replace(grant, also_good=(*grant.also_good, _hash(new))[-_MOST_RETRIES:]))
                return new
            others = tuple(each for each in good if each != used)
            until = self.clock.now() + timedelta(seconds=client.rotation_grace)
            changed = replace(grant, token_hash=_hash(new), also_good=others)
            state.put(replace(changed, previous_hash=used, previous_until=until))
        return new

    def _sign(self, store: Store, sign_in: SignIn, grant: RefreshGrant) -> UserTokens:
        with store.read() as state:
            groups = state.list(Group, sign_in.pool.id)
            keys = {purpose: current_key(state, sign_in.pool.issuer, purpose) for purpose in (ID, ACCESS)}
        member = membership(pool_groups(sign_in.pool, sign_in.user, groups))
        overrides = run_for_user(self.triggers, sign_in, member)
        member = overrides.member or member
        instance = self._instance(sign_in, grant)
        access = apply_to_access_token(access_claims(sign_in, member, instance), overrides.access_token)
        access_token = sign(keys[ACCESS], access, None)
        id_token = None
        if not sign_in.hosted or "openid" in sign_in.scopes:  # COGNITO-85
            claims = apply_to_id_token(id_claims(sign_in, member, instance), overrides.id_token)
            if sign_in.hosted:
                claims = {"at_hash": _at_hash(access_token), **claims}
            id_token = sign(keys[ID], claims, None)
        return UserTokens(access_token, access_seconds(sign_in.client), id_token)

    def _instance(self, sign_in: SignIn, grant: RefreshGrant) -> Instance:
        origin = grant.origin_jti if sign_in.client.revocation else None
        issuer = self.urls.issuer(sign_in.pool)
        return Instance(issuer, self.clock.now(), self.ids.uuid(), self.ids.uuid(), grant.event_id, origin)


def _known_grant(state: Reader, client_id: str, token: str) -> RefreshGrant:
    """Return the grant whose refresh token this is or was."""
    origin = _origin_of(token)
    grant = None if origin is None else state.find(RefreshGrant, origin)
    if grant is None or grant.client_id != client_id:
        raise TokenRefusedError("Invalid Refresh Token")
    if _hash(token) not in (grant.token_hash, grant.previous_hash, *grant.also_good):
        raise TokenRefusedError("Invalid Refresh Token")
    return grant


def _check_user(user: User | None) -> User:
    if user is None:
        raise TokenRefusedError("Invalid Refresh Token")
    if not user.enabled:
        raise TokenRefusedError("User is disabled.")
    return user


def _is_signed_out(user: User | None, since: datetime) -> bool:
    return user is None or (user.signed_out is not None and since <= user.signed_out)


def _new_token(origin: str, ids: Ids) -> str:
    """Return a refresh token: the sign-in that it is for, and what nobody can guess."""
    raw = uuid.UUID(origin).bytes + ids.token_bytes(_TOKEN_SECRET_BYTES)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _origin_of(token: str) -> str | None:
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    return str(uuid.UUID(bytes=raw[:16])) if len(raw) == 16 + _TOKEN_SECRET_BYTES else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _at_hash(access_token: str) -> str:
    """Return the left half of the hash (OpenID Connect Core 1.0 section 3.1.3.6)."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()


def _instant(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), tz=UTC)
