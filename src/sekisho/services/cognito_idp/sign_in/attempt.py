"""One attempt to sign in: who asks for what."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sekisho.model.cognito import AppClient, User, UserPool
from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import find_user, fold
from sekisho.services.cognito_idp.secret_hash import check_secret_hash
from sekisho.services.cognito_idp.triggers import PoolTriggers
from sekisho.services.context import LongContext


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request to sign in, or to answer a challenge.

    Attributes:
        parameters: ``AuthParameters`` or ``ChallengeResponses``.
        metadata: ``ClientMetadata``.
        is_admin: whether it came by an Admin operation.
    """

    ctx: LongContext
    pool: UserPool
    client: AppClient
    parameters: Mapping[str, str] = field(repr=False)
    metadata: Mapping[str, str]
    is_admin: bool

    def require(self, name: str) -> str:
        """Return a parameter.

        Raises:
            ServiceError: InvalidParameterException where it is missing.
        """
        value = self.parameters.get(name)
        if not value:
            raise errors.missing_parameter(name)
        return value

    def find_user(self, username: str) -> User | None:
        """Return the user as the state has it now."""
        with self.ctx.store.read() as state:
            return find_user(state, self.pool, username)

    def find_by_key(self, key: str) -> User | None:
        """Return the user as the state has it now, by its key."""
        with self.ctx.store.read() as state:
            return state.find(User, key)

    def check_secret_hash(self, username: str, user: User | None = None) -> None:
        """Check ``SECRET_HASH`` over the username given or one of the user's own names.

        Raises:
            ServiceError: NotAuthorizedException.
        """
        names = [username] if user is None else [username, user.username, user.sub]
        check_secret_hash(self.client, self.parameters.get("SECRET_HASH"), dict.fromkeys(names))

    def key_of(self, username: str) -> str:
        """Return the key that a user of that name would have."""
        return f"{self.pool.id} {fold(self.pool, username)}"

    @property
    def triggers(self) -> PoolTriggers:
        """Return what runs the pool's triggers."""
        return PoolTriggers(self.ctx.functions)
