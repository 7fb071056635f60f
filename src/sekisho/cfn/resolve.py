"""What a template asks of a resource, resolved, and what that means for the resource that exists."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.cfn.intrinsics import Lookup, Resolver
from sekisho.cfn.template import ResourceSpec, Template
from sekisho.cfn.work import Work
from sekisho.model.cloudformation import ResourceVersion


@dataclass(frozen=True)
class Resolved:
    """What a template asks of one resource, resolved, and where each part came from."""

    spec: ResourceSpec
    properties: Mapping[str, Any]
    resolver: Resolver


def resolve_resource(template: Template, lookup: Lookup, spec: ResourceSpec) -> Resolved:
    """Resolve the properties of a resource.

    Raises:
        TemplateError: something in them cannot be resolved.
    """
    resolver = Resolver(template.scope, lookup)
    properties = resolver.resolve(spec.properties, (*spec.path, "Properties"))
    return Resolved(spec, properties if isinstance(properties, dict) else {}, resolver)


def needs_replacement(
    work: Work, current: ResourceVersion, type_name: str, wanted: Mapping[str, Any]
) -> bool:
    """Tell whether a change touches a property that can only be given at creation."""
    names = current.properties.keys() | wanted.keys()
    changed = {name for name in names if current.properties.get(name) != wanted.get(name)}
    return bool(changed & work.handler(type_name).create_only)
