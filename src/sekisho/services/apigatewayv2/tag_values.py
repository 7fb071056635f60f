"""The tags that are given when something is created.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html
"""

from collections.abc import Mapping

from sekisho.services.apigatewayv2 import limits
from sekisho.services.apigatewayv2.errors import bad_request


def decode_tags(tags: Mapping[str, str] | None) -> dict[str, str]:
    """Return the tags.

    Raises:
        ServiceError: there are too many, or one is not valid.
    """
    decoded = dict(tags or {})
    if len(decoded) > limits.TAGS_PER_RESOURCE:
        raise bad_request(f"A resource has at most {limits.TAGS_PER_RESOURCE} tags")
    for key, value in decoded.items():
        if not 1 <= len(key) <= 128 or key.lower().startswith("aws:"):
            raise bad_request(f"Invalid tag key '{key}' specified")
        if len(value) > 256:
            raise bad_request(f"Invalid value of the tag '{key}' specified")
    return decoded
