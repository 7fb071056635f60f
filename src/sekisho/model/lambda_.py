"""Lambda functions as they were asked for: functions, their versions, aliases and resource policies.

Words and meanings are AWS's: https://docs.aws.amazon.com/lambda/latest/api/API_Types.html
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from sekisho.kernel.arn import Arn

LATEST = "$LATEST"
"""The version that can be changed."""


@dataclass(frozen=True, slots=True)
class Code:
    """The code of one version.

    Attributes:
        sha256: of the archive, in base64, as ``CodeSha256``.
        size: of the archive, in bytes.
        folder: name of the folder that holds it unpacked; empty where the code is not on this machine.
        source: where it was to come from, e.g. ``s3://bucket/key``; empty for an upload.
    """

    sha256: str
    size: int
    folder: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a version runs with.

    Attributes:
        timeout: seconds.
        memory: megabytes.
        settings: what is kept and described but changes nothing here, in AWS's own shape by member name.
    """

    code: Code
    role: str
    runtime: str
    handler: str
    description: str = ""
    timeout: int = 3
    memory: int = 128
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Function:
    """A function: what all its versions share.

    Attributes:
        arn: without a version.
        published: number of the newest published version, 0 where there is none; numbers are never used again.
        reserved_concurrency: most invocations at a time, or None for the account's limit.
    """

    KIND: ClassVar[str] = "lambda.function"

    arn: str
    name: str
    published: int = 0
    reserved_concurrency: int | None = None
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the ARN."""
        return self.arn

    @property
    def scope(self) -> str:
        """Return ``account/region``."""
        parsed = Arn.parse(self.arn)
        return f"{parsed.account}/{parsed.region}"


@dataclass(frozen=True, slots=True)
class FunctionVersion:
    """One version of a function: ``$LATEST``, which changes, or a number, which never does."""

    KIND: ClassVar[str] = "lambda.version"

    function_arn: str
    version: str
    configuration: Configuration
    last_modified: datetime
    revision_id: str

    @property
    def arn(self) -> str:
        """Return the ARN with the version."""
        return f"{self.function_arn}:{self.version}"

    @property
    def key(self) -> str:
        """Return the ARN with the version."""
        return self.arn

    @property
    def scope(self) -> str:
        """Return the function's ARN."""
        return self.function_arn


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for a version. ``weights`` send a share of invocations, 0 to 1, to another version."""

    KIND: ClassVar[str] = "lambda.alias"

    function_arn: str
    name: str
    version: str
    revision_id: str
    description: str = ""
    weights: dict[str, float] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return f"{self.function_arn}:{self.name}"

    @property
    def key(self) -> str:
        """Return the ARN."""
        return self.arn

    @property
    def scope(self) -> str:
        """Return the function's ARN."""
        return self.function_arn


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a resource policy: who may do what, on whose behalf."""

    sid: str
    action: str
    principal: str
    source_arn: str | None = None
    source_account: str | None = None
    event_source_token: str | None = None
    organization_id: str | None = None
    url_auth_type: str | None = None
    via_url: bool | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The resource policy of a function (``resource`` is its ARN), or of a version or alias of it."""

    KIND: ClassVar[str] = "lambda.policy"

    resource: str
    function_arn: str
    revision_id: str
    statements: tuple[Statement, ...]

    @property
    def key(self) -> str:
        """Return the ARN of what the policy is about."""
        return self.resource

    @property
    def scope(self) -> str:
        """Return the function's ARN."""
        return self.function_arn


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """An event of an asynchronous invocation that was accepted and has not been handled yet."""

    KIND: ClassVar[str] = "lambda.event"

    id: str
    resource: str
    payload: bytes = field(repr=False)
    client_context: str = field(default="", repr=False)

    @property
    def key(self) -> str:
        """Return the id."""
        return self.id

    @property
    def scope(self) -> str:
        """Return the ARN that was invoked."""
        return self.resource


@dataclass(frozen=True, slots=True)
class CodeObject:
    """Code that a template names by an S3 object, and the local folder or archive that stands for it."""

    KIND: ClassVar[str] = "lambda.code-object"

    bucket: str
    object_key: str
    path: str

    @property
    def key(self) -> str:
        """Return ``bucket/key``."""
        return f"{self.bucket}/{self.object_key}"

    @property
    def scope(self) -> str:
        """Return the bucket."""
        return self.bucket


@dataclass(frozen=True, slots=True)
class CodeBinding:
    """A local folder that a function of a stack runs from, whatever code its template names."""

    KIND: ClassVar[str] = "lambda.code-binding"

    stack_id: str
    logical_id: str
    path: str

    @property
    def key(self) -> str:
        """Return stack and logical id, as a stack's resources are keyed."""
        return f"{self.stack_id}#{self.logical_id}"

    @property
    def scope(self) -> str:
        """Return the stack's id."""
        return self.stack_id
