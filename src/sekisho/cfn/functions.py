"""The intrinsic functions that need nothing but their arguments, already resolved.

Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

import base64
import ipaddress
import json
import re
from collections.abc import Iterator
from typing import Any

from sekisho.cfn.values import NO_VALUE, is_scalar, to_text

_SUB = re.compile(r"\$\{(!?)([^{}]*)\}")


class FunctionError(ValueError):
    """The arguments of an intrinsic function are wrong; the text is AWS's."""


def join(argument: Any) -> str:
    """Return ``Fn::Join``."""
    if not isinstance(argument, list) or len(argument) != 2 or not is_scalar(argument[0]):
        raise FunctionError(_JOIN)
    delimiter, items = argument
    if not isinstance(items, list) or not all(is_scalar(item) for item in items):
        raise FunctionError(_JOIN)
    return to_text(delimiter).join(to_text(item) for item in items)


def split(argument: Any) -> list[str]:
    """Return ``Fn::Split``."""
    if not isinstance(argument, list) or len(argument) != 2 or not all(is_scalar(part) for part in argument):
        raise FunctionError(_SPLIT)
    delimiter = to_text(argument[0])
    if not delimiter:
        raise FunctionError(_SPLIT)
    return to_text(argument[1]).split(delimiter)


def select(argument: Any) -> Any:
    """Return ``Fn::Select``."""
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[1], list):
        raise FunctionError(_SELECT)
    index, items = argument
    if isinstance(index, bool) or not is_scalar(index) or not re.fullmatch(r"-?[0-9]+", to_text(index)):
        raise FunctionError(_SELECT)
    number = int(to_text(index))
    if not 0 <= number < len(items):
        raise FunctionError(f"Template error: Fn::Select cannot select nonexistent value at index {number}")
    if items[number] is None:
        raise FunctionError("Template error: Fn::Select cannot select null values")
    return items[number]


def encode_base64(argument: Any) -> str:
    """Return ``Fn::Base64``."""
    if not is_scalar(argument):
        raise FunctionError("Template error: every Fn::Base64 object must have a String-typed value.")
    return base64.b64encode(to_text(argument).encode()).decode()


def cidr(argument: Any) -> list[str]:
    """Return ``Fn::Cidr``: ``[ipBlock, count, cidrBits]``; ``cidrBits`` defaults to 8 host bits."""
    if not isinstance(argument, list) or len(argument) not in (2, 3):
        raise FunctionError(_CIDR)
    try:
        block = ipaddress.ip_network(str(argument[0]))
        count = int(argument[1])
        host_bits = int(argument[2]) if len(argument) == 3 else 8
        prefix = block.max_prefixlen - host_bits
        if not 1 <= count <= 256:
            raise FunctionError(_CIDR)
        # Subnets are made one by one: a /0 holds more of them than anyone could list.
        subnets = block.subnets(new_prefix=prefix)
        found = [str(subnet) for subnet, _ in zip(subnets, range(count), strict=False)]
    except (ValueError, TypeError):
        raise FunctionError(_CIDR) from None
    if len(found) < count:
        raise FunctionError(_CIDR)
    return found


def length(argument: Any) -> int:
    """Return ``Fn::Length`` (AWS::LanguageExtensions)."""
    if not isinstance(argument, list):
        raise FunctionError("Template error: Fn::Length requires a list argument.")
    return len(argument)


def to_json_string(argument: Any) -> str:
    """Return ``Fn::ToJsonString`` (AWS::LanguageExtensions)."""
    if not isinstance(argument, list | dict):
        raise FunctionError("Template error: Fn::ToJsonString requires a list or an object.")
    return json.dumps(argument, separators=(",", ":"))


def contains(argument: Any) -> bool:
    """Return ``Fn::Contains`` (rules): whether a list holds a text."""
    items, value = _list_and_value(argument, "Fn::Contains")
    return is_scalar(value) and to_text(value) in items


def each_member_equals(argument: Any) -> bool:
    """Return ``Fn::EachMemberEquals`` (rules)."""
    items, value = _list_and_value(argument, "Fn::EachMemberEquals")
    return is_scalar(value) and all(item == to_text(value) for item in items)


def each_member_in(argument: Any) -> bool:
    """Return ``Fn::EachMemberIn`` (rules)."""
    items, allowed = _list_and_value(argument, "Fn::EachMemberIn")
    return isinstance(allowed, list) and set(items) <= {to_text(item) for item in allowed}


def find_variables(text: str) -> Iterator[str]:
    """Yield the variables of a ``Fn::Sub`` text, ``Name`` or ``Resource.Attribute``; not ``${!Literal}``."""
    for match in _SUB.finditer(text):
        if not match.group(1):
            yield match.group(2).strip()


def substitute(text: str, values: dict[str, Any]) -> str:
    """Return the text with its variables replaced and ``${!Literal}`` as ``${Literal}``."""

    def replace(match: re.Match[str]) -> str:
        if match.group(1):
            return "${" + match.group(2) + "}"
        value = values[match.group(2).strip()]
        if value is NO_VALUE or not is_scalar(value):
            raise FunctionError(
                f"Template error: variable {match.group(2)} in Fn::Sub expression does not resolve to a "
                "string"
            )
        return to_text(value)

    return _SUB.sub(replace, text)


def _list_and_value(argument: Any, name: str) -> tuple[list[str], Any]:
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], list):
        raise FunctionError(f"Template error: every {name} object requires a list of 2 parameters.")
    return [to_text(item) for item in argument[0] if is_scalar(item)], argument[1]


_JOIN = (
    "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of "
    "strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."
)
_SPLIT = (
    "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string "
    "to be split or a function that returns a string to be split."
)
_SELECT = "Template error: Fn::Select requires a list argument with two elements: an integer index and a list"
_CIDR = (
    "Template error: every Fn::Cidr object requires two or three parameters, (1) ip block (2) count of "
    "cidrs, 1 to 256 (3) optional cidr bits, and the block must hold that many"
)
