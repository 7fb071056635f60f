"""The conditions of a rule: reading, checking and describing them.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sekisho.kernel.re2 import RegexError, parse_regex
from sekisho.model.elbv2 import Condition, QueryStringPair
from sekisho.services.elbv2 import limits
from sekisho.services.elbv2.errors import validation_error
from sekisho.services.ledger import members

LEDGER = {
    "RuleCondition": members(
        enforced="Field Values RegexValues HostHeaderConfig PathPatternConfig HttpHeaderConfig QueryStringConfig"
        " HttpRequestMethodConfig SourceIpConfig"
    ),
    "HostHeaderConditionConfig": members(enforced="Values RegexValues"),
    "PathPatternConditionConfig": members(enforced="Values RegexValues"),
    "HttpHeaderConditionConfig": members(enforced="HttpHeaderName Values RegexValues"),
    "QueryStringConditionConfig": members(enforced="Values"),
    "QueryStringKeyValuePair": members(enforced="Key Value"),
    "HttpRequestMethodConditionConfig": members(enforced="Values"),
    # IpAddressType is for Network Load Balancers.
    "SourceIpConditionConfig": members(enforced="Values", rejected="IpAddressType"),
}

_CONFIGS = {
    "path-pattern": "PathPatternConfig",
    "host-header": "HostHeaderConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
_AT_MOST_ONCE = frozenset({"path-pattern", "host-header", "http-request-method", "source-ip"})
_WITH_REGEX = frozenset({"path-pattern", "host-header", "http-header"})
_WITH_TOP_LEVEL_VALUES = frozenset({"path-pattern", "host-header"})
_LONGEST_VALUE = 128
_LONGEST_METHOD = 40
_LONGEST_HEADER_NAME = 40

_HOST = re.compile(r"[A-Za-z0-9.*?-]*\.[A-Za-z]+")
_PATH = re.compile(r"[A-Za-z0-9_\-.$/~\"'@:+&*?]+")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_METHOD = re.compile(r"[A-Z_-]+")
_VISIBLE = re.compile(r"[\x20-\x7e]+")


def decode_conditions(raw: Sequence[Mapping[str, Any]]) -> tuple[Condition, ...]:
    """Return the conditions of a rule, checked one by one and together.

    Raises:
        ServiceError: ValidationError, naming the condition and what is wrong with it.
    """
    if not raw:
        raise validation_error("A condition must be specified")
    conditions = tuple(_decode_condition(entry) for entry in raw)
    _check_together(conditions)
    return conditions


def encode_condition(condition: Condition) -> dict[str, Any]:
    """Return a condition as DescribeRules answers it."""
    config: dict[str, Any] = {}
    if condition.http_header_name is not None:
        config["HttpHeaderName"] = condition.http_header_name
    if condition.query:
        config["Values"] = [
            {"Value": pair.value} if pair.key is None else {"Key": pair.key, "Value": pair.value}
            for pair in condition.query
        ]
    texts: dict[str, Any] = {}
    if condition.values:
        texts["Values"] = list(condition.values)
    if condition.regex_values:
        texts["RegexValues"] = list(condition.regex_values)
    encoded = {"Field": condition.field, _CONFIGS[condition.field]: {**config, **texts}}
    # ELB-10
    return {**texts, **encoded} if condition.field in _WITH_TOP_LEVEL_VALUES else encoded


def _decode_condition(raw: Mapping[str, Any]) -> Condition:
    field = raw.get("Field")
    if field not in _CONFIGS:
        raise validation_error(f"Condition field '{field}' must be one of '[{','.join(_CONFIGS)}]'")
    config_name = _CONFIGS[field]
    for other in _CONFIGS.values():
        if other != config_name and raw.get(other) is not None:
            raise validation_error(f"'{other}' cannot be specified for a condition of type '{field}'")
    config = raw.get(config_name)
    if config is None and field not in _WITH_TOP_LEVEL_VALUES:
        raise validation_error(f"A '{config_name}' must be specified with '{field}'")
    if field == "query-string":
        return _decode_query(raw, config or {})
    values = _decode_texts("Values", field, raw, config or {})
    regexes = _decode_texts("RegexValues", field, raw, config or {})
    if bool(values) == bool(regexes):
        raise validation_error(
            f"Either Values or RegexValues must be specified for a condition of type '{field}', not both"
            if values
            else "A condition value must be specified"
        )
    name = _decode_header_name(config or {}) if field == "http-header" else None
    for value in values:
        _VALUE_CHECKS[field](value)
    for regex in regexes:
        _check_regex(field, regex)
    return Condition(field, values, regexes, name)


def _decode_texts(
    member: str, field: str, raw: Mapping[str, Any], config: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return the values or expressions of a condition from wherever they may stand."""
    allowed_above = _WITH_REGEX if member == "RegexValues" else _WITH_TOP_LEVEL_VALUES
    above = raw.get(member)
    if above is not None and field not in allowed_above:
        raise validation_error(f"{member} cannot be specified for a condition of type '{field}'")
    inside = config.get(member)
    if above is not None and inside is not None:
        raise validation_error(
            f"You cannot provide both {member} and '{_CONFIGS[field]}' for a condition of type '{field}'"
        )
    return tuple(above if above is not None else inside or ())


def _decode_query(raw: Mapping[str, Any], config: Mapping[str, Any]) -> Condition:
    if raw.get("Values") is not None or raw.get("RegexValues") is not None:
        raise validation_error("A condition of type 'query-string' takes its values in 'QueryStringConfig'")
    pairs = []
    for entry in config.get("Values") or ():
        key, value = entry.get("Key"), entry.get("Value")
        if not value:
            raise validation_error("A 'Value' must be specified in 'QueryStringConfig'")
        for name, text in (("Key", key), ("Value", value)):
            if text is not None:
                _check_text(f"{name}' in 'QueryStringConfig", text, _LONGEST_VALUE, _VISIBLE)
        pairs.append(QueryStringPair(value, key))
    if not pairs:
        raise validation_error("A condition value must be specified")
    return Condition("query-string", query=tuple(pairs))


def _decode_header_name(config: Mapping[str, Any]) -> str:
    name = str(config.get("HttpHeaderName") or "")
    if not name:
        raise validation_error("An 'HttpHeaderName' must be specified with 'http-header'")
    if len(name) > _LONGEST_HEADER_NAME:
        raise validation_error(
            f"The 'HttpHeaderName' value is too long; the limit is '{_LONGEST_HEADER_NAME}'"
        )
    if not _TOKEN.fullmatch(name) or name.lower() == "host":
        raise validation_error(
            f"The 'HttpHeaderName' value '{name}' is invalid; use 'host-header' for the host"
        )
    return name


def _check_text(what: str, text: str, longest: int, allowed: re.Pattern[str], hint: str = "") -> None:
    if len(text) > longest:
        raise validation_error(f"The '{what}' value is too long; the limit is '{longest}'")
    if not allowed.fullmatch(text):
        raise validation_error(f"The '{what}' value '{text}' is invalid{hint}")


def _check_host(value: str) -> None:
    hint = "; it must contain a dot, and only letters after the last one"
    _check_text("host-header", value, _LONGEST_VALUE, _HOST, hint)


def _check_path(value: str) -> None:
    _check_text("path-pattern", value, _LONGEST_VALUE, _PATH, "; it contains a character that is not allowed")


def _check_header_value(value: str) -> None:
    _check_text("http-header", value, _LONGEST_VALUE, _VISIBLE)


def _check_method(value: str) -> None:
    hint = "; the allowed characters are A-Z, hyphen and underscore"
    _check_text("http-request-method", value, _LONGEST_METHOD, _METHOD, hint)


def _check_source(value: str) -> None:
    try:
        network = ipaddress.ip_network(value, strict=False) if "/" in value else None
    except ValueError:
        network = None
    if network is None or str(network) == "255.255.255.255/32":
        raise validation_error(f"The 'source-ip' value '{value}' is not a valid CIDR block")


_VALUE_CHECKS: Mapping[str, Callable[[str], None]] = {
    "host-header": _check_host,
    "path-pattern": _check_path,
    "http-header": _check_header_value,
    "http-request-method": _check_method,
    "source-ip": _check_source,
}


def _check_regex(field: str, regex: str) -> None:
    if not 0 < len(regex) <= _LONGEST_VALUE:
        raise validation_error(
            f"A regular expression of '{field}' must have 1 to {_LONGEST_VALUE} characters"
        )
    try:
        parse_regex(regex)  # ELB-13
    except RegexError as error:
        raise validation_error(f"The regular expression of '{field}' is invalid: {error}") from None


def _check_together(conditions: tuple[Condition, ...]) -> None:
    fields = [condition.field for condition in conditions]
    for field in _AT_MOST_ONCE:  # ELB-11
        if fields.count(field) > 1:
            raise validation_error(f"A rule can only have one '{field}' condition")
    # ELB-12
    count = sum(len(part) for each in conditions for part in (each.values, each.regex_values, each.query))
    if count > limits.CONDITION_VALUES_PER_RULE:
        raise validation_error(f"A rule can only have '{limits.CONDITION_VALUES_PER_RULE}' condition values")
    if sum(map(_count_wildcards, conditions)) > limits.CONDITION_WILDCARDS_PER_RULE:
        raise validation_error(f"A rule can only have '{limits.CONDITION_WILDCARDS_PER_RULE}' wildcards")


def _count_wildcards(condition: Condition) -> int:
    if condition.field == "query-string":
        texts = [text for pair in condition.query for text in (pair.key or "", pair.value)]
        return sum(len(re.findall(r"[*?]", re.sub(r"\\[*?\\]", "", text))) for text in texts)
    if condition.field in ("http-request-method", "source-ip"):
        return 0
    return sum(value.count("*") + value.count("?") for value in condition.values)
