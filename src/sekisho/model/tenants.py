"""Auth0-style tenants: their APIs, applications and client grants.

Words and meanings are those of Auth0's Management API v2: https://auth0.com/docs/api/management/v2
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar


class TokenDialect(StrEnum):
    """The access token profile of an API, with or without the ``permissions`` claim."""

    AUTH0 = "access_token"
    AUTH0_AUTHZ = "access_token_authz"
    RFC9068 = "rfc9068_profile"
    RFC9068_AUTHZ = "rfc9068_profile_authz"

    @property
    def is_rfc9068(self) -> bool:
        """Tell whether tokens follow RFC 9068."""
        return self in {TokenDialect.RFC9068, TokenDialect.RFC9068_AUTHZ}

    @property
    def has_permissions(self) -> bool:
        """Tell whether tokens carry the ``permissions`` claim."""
        return self in {TokenDialect.AUTH0_AUTHZ, TokenDialect.RFC9068_AUTHZ}


@dataclass(frozen=True, slots=True)
class Tenant:
    """One tenant; ``domain`` is its host name in lower case, e.g. ``dev-abc.us.auth0.com``."""

    KIND: ClassVar[str] = "tenant"

    domain: str
    created: datetime

    @property
    def key(self) -> str:
        """Return the domain."""
        return self.domain

    @property
    def scope(self) -> str:
        """Return the one scope of all tenants."""
        return "tenants"

    @property
    def issuer(self) -> str:
        """Return the ``iss`` of its tokens; it ends with a slash."""
        return f"https://{self.domain}/"

    @property
    def management_audience(self) -> str:
        """Return the audience of its Management API."""
        return f"https://{self.domain}/api/v2/"


@dataclass(frozen=True, slots=True)
class ApiScope:
    """A permission of an API."""

    value: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class TenantApi:
    """An API, which the Management API calls a resource server.

    Attributes:
        domain: the tenant.
        identifier: the audience of its tokens; never changes.
        id: 24 hexadecimal digits.
        name: for people.
        scopes: its permissions.
        token_lifetime: of access tokens, in seconds.
        token_dialect: how its access tokens look.
        is_system: whether it is the Management API, which can be neither deleted nor redefined.
        settings: members that are kept and echoed without effect.
    """

    KIND: ClassVar[str] = "tenant-api"

    domain: str
    identifier: str
    id: str
    name: str
    scopes: tuple[ApiScope, ...] = ()
    token_lifetime: int = 86400
    token_dialect: TokenDialect = TokenDialect.AUTH0
    is_system: bool = False
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the tenant and the identifier."""
        return f"{self.domain} {self.identifier}"

    @property
    def scope(self) -> str:
        """Return the tenant."""
        return self.domain


@dataclass(frozen=True, slots=True)
class TenantClient:
    """An application, which the Management API calls a client.

    The secret is kept readable because ``read:client_keys`` lets its owner read it again, as Auth0 does.

    Attributes:
        domain: the tenant.
        client_id: 32 letters and digits when it was made here.
        client_secret: 64 url-safe characters when it was made here.
        name: for people; not unique.
        grant_types: the grants that it may use at the token endpoint.
        token_endpoint_auth_method: ``none`` marks a public client, whose secret proves nothing.
        settings: members that are kept and echoed without effect.
    """

    KIND: ClassVar[str] = "tenant-client"

    domain: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    grant_types: tuple[str, ...] = ("client_credentials",)
    token_endpoint_auth_method: str = "client_secret_post"
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the tenant and the client id."""
        return f"{self.domain} {self.client_id}"

    @property
    def scope(self) -> str:
        """Return the tenant."""
        return self.domain


@dataclass(frozen=True, slots=True)
class ClientGrant:
    """Which permissions of an API a client may have.

    Attributes:
        domain: the tenant.
        client_id: the client.
        audience: the identifier of the API.
        id: ``cgr_`` and 16 letters and digits.
        permissions: the granted ones, in the order they were granted.
        allow_all_scopes: whether every permission of the API is granted, those added later too.
        settings: members that are kept and echoed without effect.
    """

    KIND: ClassVar[str] = "client-grant"

    domain: str
    client_id: str
    audience: str
    id: str
    permissions: tuple[str, ...] = ()
    allow_all_scopes: bool = False
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the tenant, the client and the audience: there is one grant for each."""
        return f"{self.domain} {self.client_id} {self.audience}"

    @property
    def scope(self) -> str:
        """Return the tenant."""
        return self.domain
