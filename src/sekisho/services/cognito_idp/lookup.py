"""Finding pools, app clients, groups and users, with AWS's refusals for what is not there."""

from typing import Protocol

from sekisho.model.cognito import AppClient, Group, User, UserAlias, UserPool
from sekisho.services.cognito_idp import errors
from sekisho.services.context import UserPoolTokens
from sekisho.store.api import Reader


class Home(Protocol):
    """Where a request is at home: both kinds of context are."""

    @property
    def home(self) -> str:
        """Return ``account/region``."""
        ...

    @property
    def tokens(self) -> UserPoolTokens | None:
        """Return the issuer of user pools."""
        ...


def get_pool(ctx: Home, state: Reader, pool_id: str) -> UserPool:
    """Return the pool of the request's region.

    Raises:
        ServiceError: ResourceNotFoundException.
    """
    pool = state.find(UserPool, pool_id)
    if pool is None or pool.scope != ctx.home:
        raise errors.pool_not_found(pool_id)
    return pool


def get_client(state: Reader, pool: UserPool, client_id: str) -> AppClient:
    """Return an app client of the pool.

    Raises:
        ServiceError: ResourceNotFoundException.
    """
    client = state.find(AppClient, client_id)
    if client is None or client.pool_id != pool.id:
        raise errors.client_not_found(client_id)
    return client


def get_client_and_pool(state: Reader, client_id: str) -> tuple[AppClient, UserPool]:
    """Return an app client of any pool, for requests that name only the client.

    Raises:
        ServiceError: ResourceNotFoundException.
    """
    client = state.find(AppClient, client_id)
    if client is None:
        raise errors.client_not_found(client_id)
    return client, state.get(UserPool, client.pool_id)


def get_group(state: Reader, pool: UserPool, name: str) -> Group:
    """Return a group of the pool.

    Raises:
        ServiceError: ResourceNotFoundException.
    """
    group = state.find(Group, f"{pool.id} {name}")
    if group is None:
        raise errors.group_not_found()
    return group


def get_user(state: Reader, pool: UserPool, username: str) -> User:
    """Return the user with that username, sub or alias.

    Raises:
        ServiceError: UserNotFoundException.
    """
    user = find_user(state, pool, username)
    if user is None:
        raise errors.user_not_found()
    return user


def find_user(state: Reader, pool: UserPool, username: str) -> User | None:
    """Return the user with that username, sub or alias, or None (COGNITO-20)."""
    folded = fold(pool, username)
    user = state.find(User, f"{pool.id} {folded}")
    if user is not None:
        return user
    for attribute in ("sub", *pool.username_attributes, *pool.alias_attributes):
        alias = state.find(UserAlias, f"{pool.id} {attribute} {folded}")
        if alias is not None:
            return state.find(User, f"{pool.id} {alias.folded}")
    return None


def fold(pool: UserPool, name: str) -> str:
    """Return a username or alias as the pool compares it."""
    return name if pool.case_sensitive else name.casefold()


def require_tokens(ctx: Home) -> UserPoolTokens:
    """Return the issuer; a server that offers this service has one."""
    if ctx.tokens is None:
        raise RuntimeError("this server has no issuer of user pools")
    return ctx.tokens
