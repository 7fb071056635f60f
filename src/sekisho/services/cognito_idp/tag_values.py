"""Tags of user pools."""

from collections.abc import Mapping

from sekisho.services.cognito_idp import errors

TAGS_PER_POOL = 50
"""Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""


def check_tags(tags: Mapping[str, str]) -> None:
    """Check the tags of a pool.

    Raises:
        ServiceError: InvalidParameterException for too many, or for a key that AWS keeps for itself.
    """
    for key in tags:
        if key.lower().startswith("aws:"):
            raise errors.invalid_parameter(f"Tag key '{key}' must not start with 'aws:'")
    if len(tags) > TAGS_PER_POOL:
        raise errors.invalid_parameter(f"A user pool has at most {TAGS_PER_POOL} tags.")
