"""What sign-ins left behind and nobody can use any more."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sekisho.model.resource import Resource
from sekisho.model.sign_ins import (
    AuthorizationCode,
    AuthSession,
    ConfirmationCode,
    FailedGuess,
    LoginSession,
    OutboxMessage,
    RefreshGrant,
)
from sekisho.store.api import Reader, Store

# An access token is valid for a day at most, and says as long which sign-in it is from.
_AFTERLIFE = timedelta(days=1)
_MESSAGE_LIFETIME = timedelta(days=30)
_BATCH = 500


def delete_expired(store: Store, now: datetime) -> int:
    """Delete what has expired, a few hundred at a time so that nobody waits long; return how many there were."""
    with store.read() as state:
        expired = list(_find(state, now))
    for start in range(0, len(expired), _BATCH):
        with store.write() as state:
            for kind, key in expired[start : start + _BATCH]:
                if state.find(kind, key) is not None:
                    state.delete(kind, key)
    return len(expired)


def _find(state: Reader, now: datetime) -> Iterator[tuple[type[Resource], str]]:
    ended = now - _AFTERLIFE
    yield from ((AuthSession, one.key) for one in state.list(AuthSession) if one.expires <= now)
    yield from ((ConfirmationCode, one.key) for one in state.list(ConfirmationCode) if one.expires <= now)
    yield from ((FailedGuess, one.key) for one in state.list(FailedGuess) if one.expires <= now)
    yield from ((LoginSession, one.key) for one in state.list(LoginSession) if one.expires <= now)
    yield from ((RefreshGrant, one.key) for one in state.list(RefreshGrant) if one.expires <= ended)
    yield from ((AuthorizationCode, one.key) for one in state.list(AuthorizationCode) if one.expires <= ended)
    written = now - _MESSAGE_LIFETIME
    yield from ((OutboxMessage, one.key) for one in state.list(OutboxMessage) if one.created <= written)
