"""User pools as they were asked for: pools, app clients, groups, resource servers, domains and users.

Words and meanings are AWS's: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_Types.html
Values are normalized once, when an operation stores them. Members that are kept and echoed without effect stand in
``settings``, by their AWS name. What sign-ins leave behind is in :mod:`sekisho.model.sign_ins`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
"""How long each unit of a token's validity is."""

STANDARD_ATTRIBUTES = (
    "address",
    "birthdate",
    "email",
    "email_verified",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
)
"""Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html"""


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What passwords must be like; the defaults are those of a pool that names none."""

    minimum_length: int = 8
    require_uppercase: bool = True
    require_lowercase: bool = True
    require_numbers: bool = True
    require_symbols: bool = True
    history_size: int = 0
    temporary_validity_days: int = 7


@dataclass(frozen=True, slots=True)
class SchemaAttribute:
    """An attribute that users may have; ``name`` has its ``custom:`` or ``dev:custom:`` prefix.

    ``minimum`` and ``maximum`` bound the length of a String and the value of a Number, None for no bound.
    """

    name: str
    data_type: str = "String"
    mutable: bool = True
    required: bool = False
    developer_only: bool = False
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class UserPool:
    """A user pool.

    Attributes:
        id: ``<region>_<9 letters and digits>``.
        schema: every attribute that users may have.
        username_attributes: ``email``, ``phone_number``: what users sign in with instead of a username.
        alias_attributes: what users may sign in with besides their username.
        auto_verified_attributes: what a confirmed sign-up verifies.
        attributes_verified_before_update: attributes that keep their value until the new one is verified.
        triggers: function ARN by trigger, e.g. ``PreSignUp``.
        pre_token_version: ``V1_0``, ``V2_0`` or ``V3_0``: what the trigger ``PreTokenGeneration`` is told.
        sign_up_allowed: whether users may create themselves.
        recovery: how users recover their account, most preferred first: ``verified_email`` and so on.
        updated_issuer: whether tokens carry the issuer of the pattern that AWS calls updated.
    """

    KIND: ClassVar[str] = "cognito.user-pool"

    id: str
    name: str
    account_id: str
    region: str
    arn: str
    created: datetime
    modified: datetime
    password_policy: PasswordPolicy = PasswordPolicy()
    schema: tuple[SchemaAttribute, ...] = ()
    username_attributes: tuple[str, ...] = ()
    alias_attributes: tuple[str, ...] = ()
    auto_verified_attributes: tuple[str, ...] = ()
    attributes_verified_before_update: tuple[str, ...] = ()
    case_sensitive: bool = True
    deletion_protection: bool = False
    triggers: dict[str, str] = field(default_factory=dict)
    pre_token_version: str = "V1_0"
    sign_up_allowed: bool = True
    recovery: tuple[str, ...] = ()
    updated_issuer: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the pool's id."""
        return self.id

    @property
    def scope(self) -> str:
        """Return ``account/region``."""
        return f"{self.account_id}/{self.region}"

    @property
    def provider_name(self) -> str:
        """Return the issuer without its scheme."""
        prefix = "issuer-" if self.updated_issuer else ""
        return f"{prefix}cognito-idp.{self.region}.amazonaws.com/{self.id}"

    @property
    def issuer(self) -> str:
        """Return the ``iss`` that AWS writes into the pool's tokens."""
        return f"https://{self.provider_name}"


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """One of the at most two secrets of an app client; kept readable because DescribeUserPoolClient shows it."""

    id: str
    created: datetime
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Validity:
    """How long a kind of token is valid; ``value`` is None where the default is taken."""

    value: int | None
    unit: str
    given_unit: bool = False

    def seconds(self, default: int) -> int:
        """Return the validity in seconds."""
        return default if self.value is None else self.value * SECONDS[self.unit]


@dataclass(frozen=True, slots=True)
class AppClient:
    """An app client.

    Attributes:
        secrets: oldest first; an app client without any is a public one.
        auth_flows: the flows that it may use, always by their ``ALLOW_`` names.
        given_auth_flows: the flows as they were asked for.
        allowed_oauth_flows: ``code``, ``implicit``, ``client_credentials``.
        oauth_enabled: ``AllowedOAuthFlowsUserPoolClient``: whether the pool's domain serves the client at all.
        hides_users: ``PreventUserExistenceErrors`` is ``ENABLED``.
        revocation: whether refresh tokens can be revoked, and tokens say what they come from.
        session_minutes: how long a challenge waits for its answer.
        rotation: whether a refresh token is replaced when it is used.
        rotation_grace: seconds for which a replaced refresh token is still good.
    """

    KIND: ClassVar[str] = "cognito.app-client"

    pool_id: str
    client_id: str
    name: str
    created: datetime
    modified: datetime
    secrets: tuple[ClientSecret, ...] = ()
    access_validity: Validity = Validity(None, "hours")
    id_validity: Validity = Validity(None, "hours")
    refresh_validity: Validity = Validity(None, "days")
    read_attributes: tuple[str, ...] = ()
    write_attributes: tuple[str, ...] = ()
    auth_flows: tuple[str, ...] = ()
    given_auth_flows: tuple[str, ...] = ()
    identity_providers: tuple[str, ...] = ()
    callback_urls: tuple[str, ...] = ()
    logout_urls: tuple[str, ...] = ()
    default_redirect_uri: str | None = None
    allowed_oauth_flows: tuple[str, ...] = ()
    allowed_oauth_scopes: tuple[str, ...] = ()
    oauth_enabled: bool = False
    hides_users: bool = False
    revocation: bool = True
    session_minutes: int = 3
    rotation: bool = False
    rotation_grace: int = 0
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the client id, which is unique among all pools."""
        return self.client_id

    @property
    def scope(self) -> str:
        """Return the pool's id."""
        return self.pool_id


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a user pool; the lowest ``precedence`` wins, None is the lowest rank of all."""

    KIND: ClassVar[str] = "cognito.group"

    pool_id: str
    name: str
    created: datetime
    modified: datetime
    description: str | None = None
    role_arn: str | None = None
    precedence: int | None = None

    @property
    def key(self) -> str:
        """Return the pool's id and the name."""
        return f"{self.pool_id} {self.name}"

    @property
    def scope(self) -> str:
        """Return the pool's id."""
        return self.pool_id


@dataclass(frozen=True, slots=True)
class ResourceServerScope:
    """A scope of a resource server, without the server's identifier."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class ResourceServer:
    """An API whose scopes app clients may ask for, as ``<identifier>/<scope>``."""

    KIND: ClassVar[str] = "cognito.resource-server"

    pool_id: str
    identifier: str
    name: str
    scopes: tuple[ResourceServerScope, ...] = ()

    @property
    def key(self) -> str:
        """Return the pool's id and the identifier."""
        return f"{self.pool_id} {self.identifier}"

    @property
    def scope(self) -> str:
        """Return the pool's id."""
        return self.pool_id


@dataclass(frozen=True, slots=True)
class UserPoolDomain:
    """The domain of a user pool's endpoints.

    Attributes:
        domain: the prefix of an Amazon domain, or the whole host name of a custom one.
        certificate_arn: the certificate of a custom domain; None for a prefix.
        managed_login_version: 1 for the hosted UI, 2 for managed login; the login page is the same here.
    """

    KIND: ClassVar[str] = "cognito.domain"

    domain: str
    pool_id: str
    certificate_arn: str | None = None
    managed_login_version: int = 1
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the domain, which is unique among all pools."""
        return self.domain

    @property
    def scope(self) -> str:
        """Return the pool's id."""
        return self.pool_id

    def host(self, region: str) -> str:
        """Return the host name of the endpoints."""
        return (
            f"{self.domain}.auth.{region}.amazoncognito.com" if self.certificate_arn is None else self.domain
        )


@dataclass(frozen=True, slots=True)
class Password:
    """What is kept of a password; neither part gives it away.

    Attributes:
        hash: Argon2id (RFC 9106), in its own encoding.
        srp_salt: hexadecimal, 16 bytes.
        srp_verifier: hexadecimal, what the SRP protocol verifies with (RFC 2945).
        set_at: when it was set.
        temporary: whether the user has to change it at the next sign-in.
    """

    hash: str = field(repr=False)
    srp_salt: str
    srp_verifier: str = field(repr=False)
    set_at: datetime
    temporary: bool = False


@dataclass(frozen=True, slots=True)
class User:
    """A user of a user pool.

    Attributes:
        username: as it is shown; in a pool without case sensitivity the store's key is in lower case.
        folded: the username as the key holds it.
        sub: the UUID that names the user for ever.
        attributes: by name, without ``sub``.
        status: ``UNCONFIRMED``, ``CONFIRMED``, ``FORCE_CHANGE_PASSWORD`` or ``RESET_REQUIRED``.
        history: hashes of passwords of before, newest first.
        groups: names, in the order in which the user joined.
        failures: failed password attempts in a row.
        locked_until: no password attempt is looked at before.
        signed_out: tokens of sign-ins of before are not good any more.
    """

    KIND: ClassVar[str] = "cognito.user"
    QUIET: ClassVar[bool] = True

    pool_id: str
    username: str
    folded: str
    sub: str
    status: str
    created: datetime
    modified: datetime
    attributes: dict[str, str] = field(default_factory=dict)
    enabled: bool = True
    password: Password | None = None
    history: tuple[str, ...] = field(default=(), repr=False)
    groups: tuple[str, ...] = ()
    failures: int = 0
    locked_until: datetime | None = None
    signed_out: datetime | None = None

    @property
    def trigger_attributes(self) -> dict[str, str]:
        """Return the attributes as the functions of a pool's ``LambdaConfig`` get them."""
        return {"sub": self.sub, "cognito:user_status": self.status, **self.attributes}

    @property
    def key(self) -> str:
        """Return the pool's id and the folded username."""
        return f"{self.pool_id} {self.folded}"

    @property
    def scope(self) -> str:
        """Return the pool's id."""
        return self.pool_id


@dataclass(frozen=True, slots=True)
class UserAlias:
    """Another name of a user: the sub, or an attribute to sign in with.

    Attributes:
        attribute: ``sub``, ``email``, ``phone_number`` or ``preferred_username``.
        value: folded where the pool does not look at case.
        folded: the folded username of the user whose name it is.
    """

    KIND: ClassVar[str] = "cognito.user-alias"
    QUIET: ClassVar[bool] = True

    pool_id: str
    attribute: str
    value: str
    folded: str

    @property
    def key(self) -> str:
        """Return the pool's id, the attribute and its value."""
        return f"{self.pool_id} {self.attribute} {self.value}"

    @property
    def scope(self) -> str:
        """Return the user's key."""
        return f"{self.pool_id} {self.folded}"
