"""What the resource types of Elastic Load Balancing have in common."""

from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Applied, Calls, Desired

NAME_LIMIT = 32


def pick(properties: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the named properties, those that are given."""
    return {name: properties[name] for name in names if name in properties}


def has_changed(desired: Desired, applied: Applied, *names: str) -> bool:
    """Tell whether any of the named properties is to change."""
    return any(desired.properties.get(name) != applied.properties.get(name) for name in names)


def delete_resource(calls: Calls, operation: str, params: Mapping[str, Any], gone: str) -> None:
    """Delete, taking what is gone already for deleted."""
    try:
        calls(operation, params)
    except ServiceError as error:
        if error.code != gone:
            raise


def update_tags(calls: Calls, desired: Desired, applied: Applied) -> None:
    """Bring the tags of the resource to those that are desired."""
    wanted = {tag["Key"]: tag for tag in desired.properties.get("Tags", [])}
    had = {tag["Key"]: tag for tag in applied.properties.get("Tags", [])}
    arns = [applied.physical_id]
    if had.keys() - wanted.keys():
        calls("RemoveTags", {"ResourceArns": arns, "TagKeys": sorted(had.keys() - wanted.keys())})
    added = [tag for key, tag in wanted.items() if had.get(key) != tag]
    if added:
        calls("AddTags", {"ResourceArns": arns, "Tags": added})


def attribute_changes(
    wanted: Sequence[Mapping[str, Any]], had: Sequence[Mapping[str, Any]], defaults: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the attributes to set: the wanted ones, and those that are not wanted any more by their defaults."""
    given = {one.get("Key"): one.get("Value") for one in wanted}
    gone = [one["Key"] for one in had if one.get("Key") not in given]
    return [
        *({"Key": key, "Value": defaults[key]} for key in gone if key in defaults),
        *({"Key": key, "Value": value} for key, value in given.items()),
    ]


def check_is_new(calls: Calls, desired: Desired, type_name: str, operation: str) -> None:
    """Refuse a name that is taken: the operation would answer with a resource that is not the stack's own.

    Raises:
        ServiceError: ``AlreadyExists``.
    """
    name = desired.properties.get("Name")
    if name is None:  # CFN-12
        return
    try:
        calls(operation, {"Names": [name]})
    except ServiceError:
        return
    raise ServiceError(
        "AlreadyExists", f"Resource of type '{type_name}' with identifier '{name}' already exists."
    )


def without(items: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Return the items that are not among the others."""
    return [item for item in items if item not in others]
