"""Physical ids and attributes of resources that do not run here, in the form that AWS would give them.

They are derived from stack, logical id and generation, so that the same stack has the same ids in every run.
"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.cfn.declared_formats import (
    ARN_FORMATS,
    ATTRIBUTE_FORMATS,
    ID_FORMATS,
    LOWER_CASE,
    NAME_PROPERTIES,
)
from sekisho.cfn.types import PublishedType
from sekisho.cfn.values import is_scalar, to_text

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_EMPTY: Mapping[str, Any] = {"list": [], "map": {}, "integer": 0, "number": 0, "boolean": False}


@dataclass(frozen=True, slots=True)
class Identity:
    """Which resource of which stack, and how often it has been replaced."""

    account_id: str
    region: str
    stack_name: str
    stack_id: str
    logical_id: str
    generation: int = 0

    def digest(self, length: int) -> bytes:
        """Return ``length`` bytes that are this resource's own."""
        seed = f"{self.stack_id}#{self.logical_id}#{self.generation}"
        return hashlib.shake_256(seed.encode()).digest(length)

    @property
    def suffix(self) -> str:
        """Return 12 capital letters and digits, as AWS appends to generated names."""
        return "".join(_DIGITS[byte % len(_DIGITS)] for byte in self.digest(12))

    @property
    def generated_name(self) -> str:
        """Return ``stack-logical-SUFFIX``."""
        return f"{self.stack_name}-{self.logical_id}-{self.suffix}"


@dataclass(frozen=True, slots=True)
class DeclaredState:
    """A declared resource: its type, which one it is, and its resolved properties."""

    type: PublishedType
    identity: Identity
    properties: Mapping[str, Any]

    @property
    def physical_id(self) -> str:
        """Return the physical id, which is what ``Ref`` answers."""
        identifier = self.type.identifier
        if self.type.name in ID_FORMATS:
            return self._format(ID_FORMATS[self.type.name])
        if len(identifier) == 1 and identifier[0].lower().endswith("arn"):
            return self.arn
        return self.name

    @property
    def name(self) -> str:
        """Return the name that the template gives, else the one that AWS would generate."""
        last = self.type.name.rpartition("::")[2]
        # A composite identifier names the parent as well, so its members are no names.
        identifier = self.type.identifier if len(self.type.identifier) == 1 else ()
        candidates = (*NAME_PROPERTIES.get(self.type.name, ()), *identifier, f"{last}Name", "Name")
        for candidate in candidates:
            given = self.properties.get(candidate)
            if isinstance(given, str) and given:
                return given
        generated = self.identity.generated_name
        return generated.lower() if self.type.name in LOWER_CASE else generated

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return self._format(
            ARN_FORMATS.get(self.type.name, "arn:aws:{service}:{region}:{account}:{kind}/{name}")
        )

    def attribute(self, name: str) -> Any:
        """Return an attribute, which the type must have."""
        formats = ATTRIBUTE_FORMATS.get(self.type.name, {})
        if name in formats:
            found = formats[name]
            return [self._format(one) for one in found] if isinstance(found, tuple) else self._format(found)
        given = self._given(name)
        if given is not None:
            return given
        if self.type.identifier == (name,):
            return self.physical_id
        kind = self.type.kind_of(name) or "string"
        if kind in _EMPTY:
            return _EMPTY[kind]
        if name.lower().endswith("arn"):
            return self.arn
        return f"{self.identity.generated_name}-{name}"

    def _given(self, name: str) -> Any:
        found: Any = self.properties
        for step in name.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        return to_text(found) if is_scalar(found) and self.type.kind_of(name) == "string" else found

    def _format(self, text: str) -> str:
        identity = self.identity
        digest = identity.digest(32)
        _, service, kind = (
            self.type.name.split("::") if self.type.name.count("::") == 2 else ("", "custom", "x")
        )
        path = self.properties.get("Path")
        return text.format(
            account=identity.account_id,
            region=identity.region,
            service=service.lower(),
            kind=kind.lower(),
            name=self.name if "{name}" in text else "",
            path=path if isinstance(path, str) and path else "/",
            hex=digest.hex()[:17],
            letters=identity.suffix,
            uuid=uuid.UUID(bytes=digest[:16], version=4),
            generation=identity.generation + 1,
            octet=digest[0],
            properties=_Texts(self.properties),
        )


class _Texts(dict[str, Any]):
    """Properties inside a format: scalars as text, what is missing as nothing."""

    def __missing__(self, name: str) -> str:
        return ""

    def __getitem__(self, name: str) -> str:
        value = super().__getitem__(name)
        return to_text(value) if is_scalar(value) else ""
