"""How the pages of a user pool should look: kept for tools that ask for it again, without effect here."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class ManagedLoginBranding:
    """The branding of managed login for one app client.

    Attributes:
        has_defaults: whether it is Amazon's own design, without settings.
        settings: a JSON document of the branding editor.
        assets: images, as AWS has them; ``Bytes`` in base64.
    """

    KIND: ClassVar[str] = "cognito.branding"

    id: str
    pool_id: str
    client_id: str
    created: datetime
    modified: datetime
    has_defaults: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    assets: tuple[dict[str, Any], ...] = ()

    @property
    def key(self) -> str:
        """Return the pool's id and its own."""
        return f"{self.pool_id} {self.id}"

    @property
    def scope(self) -> str:
        """Return the pool's id."""
        return self.pool_id
