"""The transforms of a rule: reading, checking and describing them.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.kernel.re2 import RegexError, parse_regex
from sekisho.model.elbv2 import Transform
from sekisho.services.elbv2.errors import validation_error
from sekisho.services.ledger import members

LEDGER = {
    "RuleTransform": members(enforced="Type HostHeaderRewriteConfig UrlRewriteConfig"),
    "HostHeaderRewriteConfig": members(enforced="Rewrites"),
    "UrlRewriteConfig": members(enforced="Rewrites"),
    "RewriteConfig": members(enforced="Regex Replace"),
}

_CONFIGS = {"host-header-rewrite": "HostHeaderRewriteConfig", "url-rewrite": "UrlRewriteConfig"}
_LONGEST = 1024


def decode_transforms(raw: Sequence[Mapping[str, Any]]) -> tuple[Transform, ...]:
    """Return the transforms of a rule.

    Raises:
        ServiceError: ValidationError, naming the transform and what is wrong with it.
    """
    transforms = tuple(_decode_transform(entry) for entry in raw)
    types = [transform.type for transform in transforms]
    for name in _CONFIGS:  # ELB-14
        if types.count(name) > 1:
            raise validation_error(f"A rule can only have one transform of type '{name}'")
    return transforms


def encode_transform(transform: Transform) -> dict[str, Any]:
    """Return a transform as DescribeRules answers it."""
    rewrites = [{"Regex": transform.regex, "Replace": transform.replace}]
    return {"Type": transform.type, _CONFIGS[transform.type]: {"Rewrites": rewrites}}


def _decode_transform(raw: Mapping[str, Any]) -> Transform:
    kind = raw["Type"]
    for name, config in _CONFIGS.items():
        if (raw.get(config) is not None) != (name == kind):
            raise validation_error(
                f"A transform of type '{kind}' takes a '{_CONFIGS[kind]}' and nothing else"
            )
    rewrites = raw[_CONFIGS[kind]].get("Rewrites") or []
    if len(rewrites) != 1:
        raise validation_error(f"Exactly one rewrite must be specified in '{_CONFIGS[kind]}'")
    regex, replace = rewrites[0]["Regex"], rewrites[0]["Replace"]
    if not 0 < len(regex) <= _LONGEST or len(replace) > _LONGEST:
        raise validation_error(f"Regex and Replace of a transform have at most {_LONGEST} characters")
    if any(not " " <= character <= "~" for character in replace):
        raise validation_error("Replace of a transform holds a character that is not visible ASCII")
    try:
        parse_regex(regex)  # ELB-13
    except RegexError as error:
        raise validation_error(f"The regular expression of '{kind}' is invalid: {error}") from None
    return Transform(kind, regex, replace)
