"""What an operation may use: the state, the clock, identifiers, and who is calling."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sekisho.kernel.clock import Clock
from sekisho.kernel.functions import FunctionInvoker, NoFunctions
from sekisho.kernel.ids import Ids
from sekisho.model.cognito import AppClient, UserPool
from sekisho.model.keys import SigningKey
from sekisho.model.sign_ins import RefreshGrant
from sekisho.model.user_tokens import AccessClaims, SignIn, UserTokens
from sekisho.services.hosting import FunctionHosting
from sekisho.services.issuers import IssuerDiscovery
from sekisho.store.api import Reader, Store, Writer


@dataclass(frozen=True, slots=True)
class TargetHealth:
    """The health of one registered target, in AWS's words (``State``, ``Reason``, ``Description``)."""

    state: str
    reason: str | None = None
    description: str | None = None


class Runtime(Protocol):
    """What the running parts know and the state does not."""

    def target_health(self, target_group_arn: str) -> Mapping[str, TargetHealth]:
        """Return the health of the targets of a group, by ``id:port`` (0 for a function); others are left out."""
        ...


class Operations(Protocol):
    """Calls operations by name: how CloudFormation creates what a template asks for."""

    def call(self, service: str, operation: str, params: Mapping[str, Any], region: str) -> dict[str, Any]:
        """Run one operation in its own transaction and return its output.

        Raises:
            ServiceError: the operation refused; nothing was changed.
        """
        ...

    def call_within(
        self, state: Writer, service: str, operation: str, params: Mapping[str, Any], region: str
    ) -> dict[str, Any]:
        """Run one operation inside an open transaction and return its output.

        Raises:
            ServiceError: the operation refused; the caller must not commit ``state``.
        """
        ...


class UserPoolTokens(Protocol):
    """The issuer of user pools: keys, tokens of users, and what becomes of them."""

    def new_keys(self, pool: UserPool) -> tuple[SigningKey, ...]:
        """Return the keys of a new pool; takes tenths of a second, so call it outside a transaction."""
        ...

    def issue(self, store: Store, sign_in: SignIn) -> UserTokens:
        """Return new tokens for a sign-in; runs the trigger PreTokenGeneration and keeps the refresh token.

        Raises:
            ServiceError: the trigger failed.
        """
        ...

    def refresh(self, store: Store, client: AppClient, token: str, metadata: Mapping[str, str]) -> UserTokens:
        """Return tokens for a refresh token; a new refresh token is among them where the client rotates them.

        Raises:
            TokenRefusedError: the refresh token is not good for this client, or the user may not sign in.
            ServiceError: the trigger failed.
        """
        ...

    def find_grant(self, state: Reader, client_id: str, token: str) -> RefreshGrant:
        """Return what a refresh token stands for.

        Raises:
            TokenRefusedError: it is not good for this client.
        """
        ...

    def revoke(self, state: Writer, client_id: str, token: str) -> None:
        """Revoke a refresh token, and with it every access token of the same sign-in; once more is no error.

        Raises:
            TokenRefusedError: it is not a refresh token of this client.
        """
        ...

    def read_access_token(self, state: Reader, token: str) -> AccessClaims:
        """Return what an access token says.

        Raises:
            TokenRefusedError: it was not issued here, has expired, or was revoked.
        """
        ...


@dataclass(frozen=True, slots=True)
class LongContext:
    """What an operation gets that takes many steps, each in a transaction that it opens itself.

    Its fields are those of :class:`Context`, with the store in place of a transaction. ``hosting`` is None where
    nothing runs functions, ``discovery`` where no issuer is asked. ``from_template`` is true where CloudFormation
    asks: what a template merely names may be missing on this machine.
    """

    store: Store
    clock: Clock
    ids: Ids
    account_id: str
    region: str
    operations: Operations
    functions: FunctionInvoker = field(default_factory=NoFunctions)
    tokens: UserPoolTokens | None = None
    hosting: FunctionHosting | None = None
    from_template: bool = False
    discovery: IssuerDiscovery | None = None

    @property
    def home(self) -> str:
        """Return ``account/region``, the scope of resources that have no parent."""
        return f"{self.account_id}/{self.region}"


@dataclass(frozen=True, slots=True)
class ReadContext:
    """Everything that reaches an operation that only reads, besides its parameters.

    ``state`` is one version of everything. ``tokens`` is None where no issuer of user pools runs.
    """

    state: Reader
    clock: Clock
    ids: Ids
    account_id: str
    region: str
    runtime: Runtime
    operations: Operations
    tokens: UserPoolTokens | None = None

    @property
    def home(self) -> str:
        """Return ``account/region``, the scope of resources that have no parent."""
        return f"{self.account_id}/{self.region}"


@dataclass(frozen=True, slots=True)
class Context(ReadContext):
    """What an operation gets that changes things: ``state`` is one transaction, and raising changes nothing."""

    state: Writer
