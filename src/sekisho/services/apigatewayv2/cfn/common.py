"""What the resource types of API Gateway v2 have in common."""

from collections.abc import Mapping
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Applied, Calls, Desired


def pick(properties: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return those of the properties that are given."""
    return {name: properties[name] for name in names if name in properties}


def members_of(properties: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the members of a property that is an object, none where it is not given.

    Raises:
        ServiceError: it is no object; the schema that AWS publishes leaves the shape of some open.
    """
    value = properties.get(name) or {}
    if not isinstance(value, Mapping):
        raise ServiceError("InvalidRequest", f"{name} must be an object.")
    return value


def reset(desired: Desired, applied: Applied, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults of the properties that the template does not give any more.

    An update operation leaves alone what a request does not name.
    """
    gone = applied.properties.keys() - desired.properties.keys()
    return {name: default for name, default in defaults.items() if name in gone}


def delete_resource(calls: Calls, operation: str, params: Mapping[str, Any]) -> None:
    """Delete, taking what is gone already for deleted."""
    try:
        calls(operation, params)
    except ServiceError as error:
        if error.code != "NotFoundException":
            raise


def update_tags(calls: Calls, arn: str, desired: Desired, applied: Applied) -> None:
    """Bring the tags of a resource to those that are desired."""
    wanted, had = members_of(desired.properties, "Tags"), members_of(applied.properties, "Tags")
    if wanted == had:
        return
    if had.keys() - wanted.keys():
        calls("UntagResource", {"ResourceArn": arn, "TagKeys": sorted(had.keys() - wanted.keys())})
    if wanted:
        calls("TagResource", {"ResourceArn": arn, "Tags": wanted})


def tagged_arn(place: Desired | Applied, path: str) -> str:
    """Return the ARN by which a resource is tagged; ``path`` is ``apis/<id>`` or the like."""
    return f"arn:aws:apigateway:{place.region}::/{path}"
