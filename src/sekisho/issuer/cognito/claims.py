"""The claims of a user pool's tokens, in the order in which they were seen.

Access tokens: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
ID tokens: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.model.cognito import STANDARD_ATTRIBUTES, AppClient, Group, User, UserPool
from sekisho.model.user_tokens import SignIn

DEFAULT_SECONDS = 3600
"""How long access and ID tokens are valid where the app client does not say (COGNITO-08)."""

_BOOLEANS = frozenset({"email_verified", "phone_number_verified"})
_OPENID_SCOPES = frozenset({"email", "phone", "profile"})


@dataclass(frozen=True, slots=True)
class Membership:
    """The groups that a token names, and the roles that come with them."""

    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    preferred_role: str | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """What tells one issue of tokens from the next.

    ``origin_jti`` is None where the app client has token revocation off.
    """

    issuer: str
    now: datetime
    access_jti: str
    id_jti: str
    event_id: str
    origin_jti: str | None


def membership(groups: Sequence[Group]) -> Membership:
    """Return what groups, given in order of creation, say in a token (COGNITO-06)."""
    ranked = sorted(groups, key=lambda group: (group.precedence is None, group.precedence or 0))
    roles = tuple(dict.fromkeys(group.role_arn for group in ranked if group.role_arn is not None))
    with_role = [group for group in ranked if group.role_arn is not None]
    winners = {group.role_arn for group in with_role if group.precedence == with_role[0].precedence}
    return Membership(
        tuple(group.name for group in ranked), roles, winners.pop() if len(winners) == 1 else None
    )


def access_claims(sign_in: SignIn, member: Membership, instance: Instance) -> dict[str, Any]:
    """Return the claims of a user's access token."""
    issued_at = int(instance.now.timestamp())
    claims: dict[str, Any] = {"sub": sign_in.user.sub}
    if member.groups:
        claims["cognito:groups"] = list(member.groups)
    claims["iss"] = instance.issuer
    if sign_in.hosted:  # COGNITO-07
        claims["version"] = 2
    claims["client_id"] = sign_in.client.client_id
    if sign_in.resource is not None:  # COGNITO-86
        claims["aud"] = sign_in.resource
    if instance.origin_jti is not None:
        claims["origin_jti"] = instance.origin_jti
    claims["event_id"] = instance.event_id
    claims["token_use"] = "access"
    claims["scope"] = " ".join(sign_in.scopes)
    claims["auth_time"] = int(sign_in.auth_time.timestamp())
    claims["exp"] = issued_at + access_seconds(sign_in.client)
    claims["iat"] = issued_at
    claims["jti"] = instance.access_jti
    claims["username"] = sign_in.user.username
    return claims


def id_claims(sign_in: SignIn, member: Membership, instance: Instance) -> dict[str, Any]:
    """Return the claims of a user's ID token."""
    issued_at = int(instance.now.timestamp())
    attributes = readable_attributes(sign_in.client, sign_in.user, sign_in.scopes)
    claims: dict[str, Any] = {"sub": sign_in.user.sub}
    if member.groups:
        claims["cognito:groups"] = list(member.groups)
    claims |= {name: _claim(name, value) for name, value in attributes.items() if name in _BOOLEANS}
    if member.preferred_role is not None:
        claims["cognito:preferred_role"] = member.preferred_role
    claims["iss"] = instance.issuer
    claims["cognito:username"] = sign_in.user.username
    if sign_in.nonce is not None:
        claims["nonce"] = sign_in.nonce
    if instance.origin_jti is not None:
        claims["origin_jti"] = instance.origin_jti
    if member.roles:
        claims["cognito:roles"] = list(member.roles)
    claims["aud"] = sign_in.client.client_id
    claims["event_id"] = instance.event_id
    claims["token_use"] = "id"
    claims["auth_time"] = int(sign_in.auth_time.timestamp())
    claims["exp"] = issued_at + sign_in.client.id_validity.seconds(DEFAULT_SECONDS)
    claims["iat"] = issued_at
    claims["jti"] = instance.id_jti
    return claims | {name: _claim(name, value) for name, value in attributes.items() if name not in _BOOLEANS}


def machine_claims(
    client: AppClient, scopes: Sequence[str], issuer: str, now: datetime, jti: str
) -> dict[str, Any]:
    """Return the claims of an access token that an app client gets for itself (COGNITO-09)."""
    issued_at = int(now.timestamp())
    return {
        "sub": client.client_id,
        "token_use": "access",
        "scope": " ".join(scopes),
        "auth_time": issued_at,
        "iss": issuer,
        "exp": issued_at + access_seconds(client),
        "iat": issued_at,
        "version": 2,
        "jti": jti,
        "client_id": client.client_id,
    }


def access_seconds(client: AppClient) -> int:
    """Return how long the client's access tokens are valid."""
    return client.access_validity.seconds(DEFAULT_SECONDS)


def readable_attributes(client: AppClient, user: User, scopes: Sequence[str] = ()) -> dict[str, str]:
    """Return the attributes that the client may read, those that the scopes are about (COGNITO-10)."""
    readable = set(client.read_attributes or STANDARD_ATTRIBUTES)
    asked = _OPENID_SCOPES.intersection(scopes)
    if asked and "profile" not in asked:
        about = {"email": {"email", "email_verified"}, "phone": {"phone_number", "phone_number_verified"}}
        readable &= set().union(*(about[scope] for scope in asked))
    return {name: value for name, value in user.attributes.items() if name in readable}


def pool_groups(pool: UserPool, user: User, groups: Sequence[Group]) -> list[Group]:
    """Return the groups of the pool that the user is in, in order of creation."""
    mine = set(user.groups)
    return [group for group in groups if group.pool_id == pool.id and group.name in mine]


def _claim(name: str, value: str) -> Any:
    if name in _BOOLEANS:
        return value == "true"
    if name == "address":  # OpenID Connect Core 1.0 section 5.1.1
        return {"formatted": value}
    if name == "updated_at" and value.isdigit():
        return int(value)
    return value
