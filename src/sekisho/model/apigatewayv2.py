"""HTTP APIs as they were asked for: APIs, routes, integrations, authorizers, stages, deployments and domain names.

Words and meanings are AWS's: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/resources.html
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

DEFAULT = "$default"
"""The name of the default stage, and the key of the default route."""


@dataclass(frozen=True, slots=True)
class Cors:
    """The CORS configuration of an API; ``max_age`` in seconds, None where none was given."""

    allow_origins: tuple[str, ...] = ()
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    allow_credentials: bool | None = None
    max_age: int | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """An HTTP API.

    Attributes:
        id: ten lower-case letters and digits.
        disable_execute_api_endpoint: only custom domain names reach it.
        settings: what is kept and described but changes nothing here, in AWS's shape by member name.
        warnings: of the import that made it.
    """

    KIND: ClassVar[str] = "apigatewayv2.api"

    account_id: str
    region: str
    id: str
    name: str
    created: datetime
    description: str | None = None
    version: str | None = None
    cors: Cors | None = None
    disable_execute_api_endpoint: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return f"arn:aws:apigateway:{self.region}::/apis/{self.id}"

    @property
    def execute_arn(self) -> str:
        """Return the ARN that permissions to invoke begin with; stage, method and path follow."""
        return f"arn:aws:execute-api:{self.region}:{self.account_id}:{self.id}"

    @property
    def domain_name(self) -> str:
        """Return the host name of its endpoint."""
        return f"{self.id}.execute-api.{self.region}.amazonaws.com"

    @property
    def key(self) -> str:
        """Return account, region and id."""
        return f"{self.scope}/{self.id}"

    @property
    def scope(self) -> str:
        """Return ``account/region``."""
        return f"{self.account_id}/{self.region}"


@dataclass(frozen=True, slots=True)
class Route:
    """A route.

    Attributes:
        api: the API's key.
        route_key: ``GET /pets/{id}``, ``ANY /{proxy+}`` or ``$default``.
        integration_id: of its integration, None where it has none.
        authorization_type: ``NONE``, ``JWT``, ``CUSTOM`` or ``AWS_IAM``.
        managed: whether quick create made it.
    """

    KIND: ClassVar[str] = "apigatewayv2.route"

    api: str
    id: str
    route_key: str
    integration_id: str | None = None
    authorization_type: str = "NONE"
    authorizer_id: str | None = None
    authorization_scopes: tuple[str, ...] = ()
    operation_name: str | None = None
    managed: bool = False

    @property
    def key(self) -> str:
        """Return the API's key and the id."""
        return f"{self.api}/routes/{self.id}"

    @property
    def scope(self) -> str:
        """Return the API's key."""
        return self.api


@dataclass(frozen=True, slots=True)
class Integration:
    """Where the requests of routes go.

    Attributes:
        api: the API's key.
        type: ``AWS_PROXY`` (a Lambda function) or ``HTTP_PROXY``.
        uri: the function's ARN, the URL, or the listener of a private integration.
        timeout: milliseconds.
        request_parameters: ``append:header.name`` and the like -> a value.
        response_parameters: status code -> the same.
        server_name: to verify the certificate of a private integration against.
        managed: whether quick create made it.
    """

    KIND: ClassVar[str] = "apigatewayv2.integration"

    api: str
    id: str
    type: str
    uri: str
    method: str | None = None
    payload_format_version: str = "1.0"
    timeout: int = 30000
    connection_type: str = "INTERNET"
    connection_id: str | None = None
    credentials_arn: str | None = None
    description: str | None = None
    request_parameters: dict[str, str] = field(default_factory=dict)
    response_parameters: dict[str, dict[str, str]] = field(default_factory=dict)
    server_name: str | None = None
    managed: bool = False

    @property
    def key(self) -> str:
        """Return the API's key and the id."""
        return f"{self.api}/integrations/{self.id}"

    @property
    def scope(self) -> str:
        """Return the API's key."""
        return self.api


@dataclass(frozen=True, slots=True)
class Authorizer:
    """Who decides on the requests of routes.

    Attributes:
        api: the API's key.
        type: ``JWT`` or ``REQUEST`` (a Lambda function).
        identity_source: where the credentials are, e.g. ``$request.header.Authorization``.
        issuer, audience: of a JWT authorizer.
        uri, payload_format_version, simple_responses, credentials_arn: of a function.
        ttl: seconds that a function's answer is kept.
    """

    KIND: ClassVar[str] = "apigatewayv2.authorizer"

    api: str
    id: str
    name: str
    type: str
    identity_source: tuple[str, ...] = ()
    issuer: str | None = None
    audience: tuple[str, ...] = ()
    uri: str | None = None
    payload_format_version: str | None = None
    simple_responses: bool = False
    ttl: int = 0
    credentials_arn: str | None = None

    @property
    def key(self) -> str:
        """Return the API's key and the id."""
        return f"{self.api}/authorizers/{self.id}"

    @property
    def scope(self) -> str:
        """Return the API's key."""
        return self.api


@dataclass(frozen=True, slots=True)
class Definition:
    """All of an API that a deployment takes with it."""

    routes: tuple[Route, ...] = ()
    integrations: tuple[Integration, ...] = ()
    authorizers: tuple[Authorizer, ...] = ()
    cors: Cors | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """An API as it was at one moment; stages serve deployments."""

    KIND: ClassVar[str] = "apigatewayv2.deployment"

    api: str
    id: str
    created: datetime
    definition: Definition
    description: str | None = None
    auto_deployed: bool = False

    @property
    def key(self) -> str:
        """Return the API's key and the id."""
        return f"{self.api}/deployments/{self.id}"

    @property
    def scope(self) -> str:
        """Return the API's key."""
        return self.api


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: a deployment under a name, with variables and limits.

    Attributes:
        api: the API's key.
        name: ``$default``, or the first segment of the paths that reach it.
        default_route_settings, route_settings: limits in AWS's shape; the latter by route key.
        access_log_settings: in AWS's shape.
        cache_epoch: counts how often what authorizers answered was to be forgotten.
        managed: whether quick create made it.
    """

    KIND: ClassVar[str] = "apigatewayv2.stage"

    api: str
    name: str
    created: datetime
    updated: datetime
    auto_deploy: bool = False
    deployment_id: str | None = None
    description: str | None = None
    variables: dict[str, str] = field(default_factory=dict)
    default_route_settings: dict[str, Any] = field(default_factory=dict)
    route_settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    access_log_settings: dict[str, str] = field(default_factory=dict)
    client_certificate_id: str | None = None
    status_message: str | None = None
    cache_epoch: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    managed: bool = False

    @property
    def key(self) -> str:
        """Return the API's key and the name."""
        return f"{self.api}/stages/{self.name}"

    @property
    def scope(self) -> str:
        """Return the API's key."""
        return self.api


@dataclass(frozen=True, slots=True)
class DomainName:
    """A custom domain name; ``configurations`` and ``mutual_tls`` in AWS's shape."""

    KIND: ClassVar[str] = "apigatewayv2.domain-name"

    account_id: str
    region: str
    name: str
    configurations: tuple[dict[str, Any], ...]
    hosted_name: str
    routing_mode: str = "API_MAPPING_ONLY"
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return f"arn:aws:apigateway:{self.region}::/domainnames/{self.name}"

    @property
    def key(self) -> str:
        """Return account, region and name."""
        return f"{self.scope}/{self.name}"

    @property
    def scope(self) -> str:
        """Return ``account/region``."""
        return f"{self.account_id}/{self.region}"


@dataclass(frozen=True, slots=True)
class ApiMapping:
    """Where the paths of a domain name that begin with ``mapping_key`` lead; an empty one takes the rest."""

    KIND: ClassVar[str] = "apigatewayv2.api-mapping"

    domain: str
    id: str
    api: str
    stage: str
    mapping_key: str = ""

    @property
    def key(self) -> str:
        """Return the domain name's key and the id."""
        return f"{self.domain}/apimappings/{self.id}"

    @property
    def scope(self) -> str:
        """Return the domain name's key."""
        return self.domain


@dataclass(frozen=True, slots=True)
class VpcLink:
    """A link to a network; on one machine everything is reachable, so it is only kept."""

    KIND: ClassVar[str] = "apigatewayv2.vpc-link"

    account_id: str
    region: str
    id: str
    name: str
    created: datetime
    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return f"arn:aws:apigateway:{self.region}::/vpclinks/{self.id}"

    @property
    def key(self) -> str:
        """Return account, region and id."""
        return f"{self.scope}/{self.id}"

    @property
    def scope(self) -> str:
        """Return ``account/region``."""
        return f"{self.account_id}/{self.region}"
