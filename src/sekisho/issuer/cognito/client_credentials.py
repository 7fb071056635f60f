"""The client credentials grant of a user pool (RFC 6749 section 4.4)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sekisho.issuer.cognito.claims import access_seconds, machine_claims
from sekisho.issuer.cognito.keys import ACCESS
from sekisho.issuer.cognito.pre_token import apply_to_access_token, run_for_client
from sekisho.issuer.cognito.user_tokens import PoolTokens
from sekisho.issuer.request import TokenRequest
from sekisho.issuer.token import Draft, Issued
from sekisho.kernel.errors import OAuthError, ServiceError
from sekisho.model.cognito import AppClient, ResourceServer, UserPool
from sekisho.store.api import Reader, Store


@dataclass(frozen=True, slots=True)
class MachineAccess:
    """What an app client gets for itself: scopes, and what its request tells the trigger."""

    scopes: tuple[str, ...]
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """The grant, bound to one pool and one transaction; it writes nothing."""

    name: ClassVar[str] = "client_credentials"

    state: Reader
    store: Store
    pool: UserPool
    tokens: PoolTokens

    def authorize(self, client: AppClient, request: TokenRequest) -> MachineAccess:
        """Decide which scopes the client gets.

        Raises:
            OAuthError: ``invalid_scope`` for one that does not exist, ``invalid_grant`` for one that is not the
                client's.
        """
        metadata = decode_metadata(request.get("aws_client_metadata"))
        existing = _existing_scopes(self.state, self.pool)
        allowed = [scope for scope in client.allowed_oauth_scopes if scope in existing]
        requested = request.get("scope")
        wanted = allowed if requested is None else dict.fromkeys(requested.split())  # COGNITO-62
        for scope in wanted:
            if scope not in existing:  # COGNITO-63
                raise OAuthError(
                    "invalid_scope", hint=f"no resource server of the pool has the scope {scope}"
                )
            if scope not in allowed:
                raise OAuthError("invalid_grant", hint=f"the client may not have the scope {scope}")
        if not wanted:
            raise OAuthError("invalid_grant", hint="the client has no scope of a resource server")
        return MachineAccess(tuple(wanted), metadata)

    def issue(self, client: AppClient, authorization: MachineAccess) -> Issued:
        """Draft the access token; this grant gives no other (RFC 6749 section 4.4.3).

        Raises:
            OAuthError: the trigger failed.
        """
        tokens = self.tokens
        claims = machine_claims(
            client,
            authorization.scopes,
            tokens.urls.issuer(self.pool),
            tokens.clock.now(),
            tokens.ids.uuid(),
        )
        try:
            overrides = run_for_client(
                tokens.triggers, self.pool, client, authorization.scopes, authorization.metadata
            )
            claims = apply_to_access_token(claims, overrides.access_token)
        except ServiceError as error:  # COGNITO-64
            raise OAuthError("invalid_request", error.message) from None
        return Issued({"access_token": Draft(claims, None, ACCESS)}, access_seconds(client))


def decode_metadata(text: str | None) -> Mapping[str, str]:
    """Return ``aws_client_metadata``: a JSON object of strings.

    Raises:
        OAuthError: ``invalid_request`` where it is something else.
    """
    if text is None:
        return {}
    try:
        metadata = json.loads(text)
    except (ValueError, RecursionError):
        metadata = None
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise OAuthError("invalid_request", hint="aws_client_metadata is not a JSON object of strings")
    return metadata


def _existing_scopes(state: Reader, pool: UserPool) -> frozenset[str]:
    return frozenset(
        f"{server.identifier}/{scope.name}"
        for server in state.list(ResourceServer, pool.id)
        for scope in server.scopes
    )
