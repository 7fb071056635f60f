"""What sign-ins to user pools leave behind: refresh tokens, challenges, codes and messages.

Tokens, sessions and codes that a client holds are kept as SHA-256 hashes: they are random, so nothing gives them back.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class RefreshGrant:
    """What one sign-in may be continued with.

    Attributes:
        origin_jti: names the sign-in in every token that comes from it.
        user_key: key of the user.
        client_id: the app client that the refresh token was given to.
        auth_time: when the user signed in.
        expires: when the refresh token ends.
        token_hash: of the refresh token that is good now.
        previous_hash: of the one that it replaced, good until ``previous_until``.
        also_good: of others that are good now, because their predecessor was used more than once in its grace period.
        issued: when the refresh token was first given; None for the time of the sign-in.
        scopes: what the access tokens of this sign-in are for.
        event_id: of the sign-in.
        revoked: whether it was revoked.
        nonce: of the authorization request, to be repeated in ID tokens.
        resource: of the authorization request, the ``aud`` of access tokens.
    """

    KIND: ClassVar[str] = "cognito.refresh-grant"
    QUIET: ClassVar[bool] = True

    origin_jti: str
    pool_id: str
    user_key: str
    client_id: str
    auth_time: datetime
    expires: datetime
    token_hash: str
    scopes: tuple[str, ...]
    event_id: str
    previous_hash: str | None = None
    previous_until: datetime | None = None
    revoked: bool = False
    hosted: bool = False
    nonce: str | None = None
    resource: str | None = None
    also_good: tuple[str, ...] = ()
    issued: datetime | None = None

    @property
    def key(self) -> str:
        """Return the origin."""
        return self.origin_jti

    @property
    def scope(self) -> str:
        """Return the user's key."""
        return self.user_key


@dataclass(frozen=True, slots=True)
class AuthSession:
    """A challenge that waits for its answer.

    Attributes:
        session_hash: of the ``Session`` that the client holds.
        user_key: key of the user; of a user that does not exist where the client must not know.
        challenge: e.g. ``NEW_PASSWORD_REQUIRED``.
        state: what the challenge needs to be verified, by name.
        is_admin: whether only AdminRespondToAuthChallenge may answer it.
    """

    KIND: ClassVar[str] = "cognito.auth-session"
    QUIET: ClassVar[bool] = True

    session_hash: str
    pool_id: str
    client_id: str
    user_key: str
    challenge: str
    expires: datetime
    is_admin: bool = False
    state: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> str:
        """Return the hash of the session."""
        return self.session_hash

    @property
    def scope(self) -> str:
        """Return the pool's id."""
        return self.pool_id


@dataclass(frozen=True, slots=True)
class FailedGuess:
    """Failed password attempts at a user that does not exist, where the app client must not know.

    ``name_hash`` is the SHA-256 of what would be the user's key: people type passwords into the wrong field.
    """

    KIND: ClassVar[str] = "cognito.failed-guess"
    QUIET: ClassVar[bool] = True

    pool_id: str
    name_hash: str
    failures: int
    expires: datetime
    locked_until: datetime | None = None

    @property
    def key(self) -> str:
        """Return the hash."""
        return self.name_hash

    @property
    def scope(self) -> str:
        """Return the pool's id."""
        return self.pool_id


@dataclass(frozen=True, slots=True)
class ConfirmationCode:
    """The newest code that was sent to a user for one purpose.

    Attributes:
        purpose: ``sign-up``, ``forgot-password``, or ``attribute:`` and its name.
        value: the new value of an attribute that takes effect when the code is given.
        destination: where it was sent; it verifies nothing else.
        attempts: how often a wrong code was given.
    """

    KIND: ClassVar[str] = "cognito.code"
    QUIET: ClassVar[bool] = True

    pool_id: str
    user_key: str
    purpose: str
    code: str = field(repr=False)
    expires: datetime
    value: str | None = None
    destination: str = ""
    attempts: int = 0

    @property
    def key(self) -> str:
        """Return the user's key and the purpose."""
        return f"{self.user_key} {self.purpose}"

    @property
    def scope(self) -> str:
        """Return the user's key."""
        return self.user_key


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message that a real pool would have sent; it can be read here.

    Attributes:
        medium: ``EMAIL`` or ``SMS``.
        destination: the address or number.
        reason: the trigger source that names why, e.g. ``CustomMessage_SignUp``.
        code: the code or temporary password in it.
    """

    KIND: ClassVar[str] = "cognito.outbox"
    QUIET: ClassVar[bool] = True

    id: str
    pool_id: str
    username: str
    medium: str
    destination: str
    reason: str
    subject: str
    body: str = field(repr=False)
    code: str = field(repr=False)
    created: datetime

    @property
    def key(self) -> str:
        """Return the message's id."""
        return self.id

    @property
    def scope(self) -> str:
        """Return the pool's id."""
        return self.pool_id


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """A code of the authorization endpoint, good once (RFC 6749 section 4.1.2).

    Attributes:
        code_hash: of the code.
        redirect_uri: where it was sent.
        challenge: the S256 code challenge (RFC 7636), or None.
        used: the sign-in that it was exchanged for; a second use revokes that.
        replayed: whether it was used again, perhaps before that sign-in was there to be revoked.
    """

    KIND: ClassVar[str] = "cognito.authorization-code"
    QUIET: ClassVar[bool] = True

    code_hash: str
    pool_id: str
    client_id: str
    user_key: str
    redirect_uri: str
    scopes: tuple[str, ...]
    auth_time: datetime
    expires: datetime
    challenge: str | None = None
    nonce: str | None = None
    used: str | None = None
    resource: str | None = None
    replayed: bool = False

    @property
    def key(self) -> str:
        """Return the hash of the code."""
        return self.code_hash

    @property
    def scope(self) -> str:
        """Return the pool's id."""
        return self.pool_id


@dataclass(frozen=True, slots=True)
class LoginSession:
    """A browser that is signed in at a pool's login page."""

    KIND: ClassVar[str] = "cognito.login-session"
    QUIET: ClassVar[bool] = True

    cookie_hash: str
    pool_id: str
    user_key: str
    auth_time: datetime
    expires: datetime

    @property
    def key(self) -> str:
        """Return the hash of the cookie."""
        return self.cookie_hash

    @property
    def scope(self) -> str:
        """Return the user's key."""
        return self.user_key
