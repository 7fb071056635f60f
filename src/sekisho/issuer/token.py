"""The phases of a token endpoint, once for every issuer and every grant.

1. the grant: is the grant type given and known
2. the client: does it prove who it is
3. permission: may this client use this grant
4. authorization: what the grant gives it: audience, scopes, a user
5. issue: the claims of each token
6. write: sign, and render the answer

An issuer says what differs between products (texts, what a client is), a grant what differs between grants.
Neither can skip a phase.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sekisho.issuer.keys import current_key
from sekisho.issuer.request import TokenRequest
from sekisho.issuer.signing import sign
from sekisho.kernel.errors import OAuthError
from sekisho.store.api import Reader

C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Draft:
    """A token before it is signed: claims in their order, the ``typ`` header or None, and which key signs."""

    claims: Mapping[str, Any]
    typ: str | None
    purpose: str = "access"


@dataclass(frozen=True, slots=True)
class Issued:
    """What a grant issues.

    Attributes:
        tokens: tokens by the member of the answer that holds them, e.g. ``access_token``.
        expires_in: lifetime of the access token, in seconds.
        scope: the granted scopes, separated by spaces; not written when empty.
        signed: further members of the answer whose value is a token already.
    """

    tokens: Mapping[str, Draft]
    expires_in: int
    scope: str = ""
    signed: Mapping[str, str] = field(default_factory=dict, repr=False)


class Grant(Protocol[C_contra, A]):
    """The hooks of one grant type, for clients ``C``; ``A`` is what it authorizes."""

    @property
    def name(self) -> str:
        """Return the ``grant_type``."""
        ...

    def authorize(self, client: C_contra, request: TokenRequest) -> A:
        """Decide what the client gets.

        Raises:
            OAuthError: nothing.
        """
        ...

    def issue(self, client: C_contra, authorization: A) -> Issued:
        """Draft the tokens for what was authorized."""
        ...


class Issuer(Protocol[C]):
    """The hooks of one kind of issuer, bound to the state of one transaction."""

    @property
    def issuer(self) -> str:
        """Return the ``iss`` of its tokens."""
        ...

    @property
    def state(self) -> Reader:
        """Return the transaction."""
        ...

    def find_grant(self, grant_type: str | None) -> Grant[C, Any]:
        """Return the grant of that type.

        Raises:
            OAuthError: the type is missing or not known.
        """
        ...

    def authenticate(self, request: TokenRequest) -> C:
        """Return the client that makes the request.

        Raises:
            OAuthError: it does not prove who it is.
        """
        ...

    def check_permission(self, client: C, grant_type: str) -> None:
        """Check that the client may use the grant.

        Raises:
            OAuthError: it may not.
        """
        ...


def answer_token_request(issuer: Issuer[C], request: TokenRequest) -> dict[str, Any]:
    """Return the JSON members of a successful answer (RFC 6749 section 5.1).

    Raises:
        OAuthError: the request is refused.
    """
    grant = issuer.find_grant(request.get("grant_type"))
    client = issuer.authenticate(request)
    issuer.check_permission(client, grant.name)
    authorization = grant.authorize(client, request)
    issued = grant.issue(client, authorization)
    return _write(issuer, issued)


def render_error(error: OAuthError) -> dict[str, str]:
    """Return the JSON members of an error answer (RFC 6749 section 5.2)."""
    members = {"error": error.error, "error_description": error.description, "error_uri": error.uri}
    return {name: value for name, value in members.items() if value is not None}


def _write(issuer: Issuer[Any], issued: Issued) -> dict[str, Any]:
    answer: dict[str, Any] = {
        **issued.signed,
        **{
            member: sign(current_key(issuer.state, issuer.issuer, draft.purpose), draft.claims, draft.typ)
            for member, draft in issued.tokens.items()
        },
    }
    if issued.scope:  # AUTH0-11
        answer["scope"] = issued.scope
    return {**answer, "expires_in": issued.expires_in, "token_type": "Bearer"}
