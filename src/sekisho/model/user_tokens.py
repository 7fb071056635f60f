"""What tokens of a user pool are issued for, and what comes of it: the words between operations and the issuer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.model.cognito import AppClient, User, UserPool

API_SCOPE = "aws.cognito.signin.user.admin"
"""The scope of every access token that was signed in for over the API; it opens the user's own operations."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A user who has signed in.

    Attributes:
        source: what the trigger PreTokenGeneration is told, e.g. ``TokenGeneration_Authentication``.
        auth_time: when the user signed in.
        scopes: what the access token is for.
        metadata: ``ClientMetadata`` of the request.
        hosted: whether the user signed in at the pool's domain.
        nonce: of the authorization request, to be repeated in the ID token.
        resource: what the access token is bound to (RFC 8707), its ``aud``.
    """

    pool: UserPool
    client: AppClient
    user: User
    source: str
    auth_time: datetime
    scopes: tuple[str, ...] = (API_SCOPE,)
    metadata: Mapping[str, str] = field(default_factory=dict)
    hosted: bool = False
    nonce: str | None = None
    resource: str | None = None


@dataclass(frozen=True, slots=True)
class UserTokens:
    """The tokens of one sign-in; ``expires_in`` is the access token's lifetime in seconds."""

    access_token: str = field(repr=False)
    expires_in: int
    id_token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token of a pool says that is good now."""

    pool_id: str
    sub: str
    client_id: str
    scopes: tuple[str, ...]
    origin_jti: str | None
