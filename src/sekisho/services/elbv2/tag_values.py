"""Tags as the operations take and answer them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.services.elbv2 import errors, limits


def decode_tags(raw: Sequence[Mapping[str, Any]] | None) -> dict[str, str]:
    """Return tags by key, in order.

    Raises:
        ServiceError: DuplicateTagKeys, TooManyTags, or ValidationError for a key that AWS keeps for itself.
    """
    tags: dict[str, str] = {}
    for tag in raw or ():
        key = tag["Key"]
        if key in tags:
            raise errors.duplicate_tag_keys(key)
        if key.lower().startswith("aws:"):
            raise errors.validation_error(f"Tag key '{key}' must not start with 'aws:'")
        tags[key] = tag.get("Value") or ""
    check_tag_count(tags)
    return tags


def check_tag_count(tags: Mapping[str, str]) -> None:
    """Raise TooManyTags where a resource would have more than it may."""
    if len(tags) > limits.TAGS_PER_RESOURCE:
        raise errors.too_many("Tags", limits.TAGS_PER_RESOURCE)


def encode_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as DescribeTags answers them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
