"""The values of a template's parameters: given or default, checked against what the template allows.

Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.cfn.document import Document, Path
from sekisho.cfn.errors import TemplateError
from sekisho.cfn.values import is_scalar, to_text

Value = str | list[str]

_SSM_VALUE = re.compile(r"AWS::SSM::Parameter::Value<(.+)>")
_LIST = re.compile(r"List<(.+)>|CommaDelimitedList")
_KNOWN = re.compile(
    r"String|Number|CommaDelimitedList|AWS::[A-Za-z0-9:]+|List<(String|Number|AWS::[A-Za-z0-9:]+)>"
)
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_MEMBERS = frozenset(
    (
        "Type",
        "Default",
        "NoEcho",
        "AllowedValues",
        "AllowedPattern",
        "MaxLength",
        "MinLength",
        "MaxValue",
        "MinValue",
        "Description",
        "ConstraintDescription",
    )
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a template, as declared.

    Attributes:
        default: the default as text, or None where there is none.
    """

    name: str
    type: str
    default: str | None
    no_echo: bool
    description: str | None
    allowed_values: tuple[str, ...]
    spec: Mapping[str, Any]

    @property
    def is_list(self) -> bool:
        """Tell whether ``Ref`` returns a list of text."""
        return _LIST.fullmatch(self._value_type) is not None

    @property
    def is_number(self) -> bool:
        """Tell whether the value, or each value of the list, must be a number."""
        return self._value_type in ("Number", "List<Number>")

    @property
    def _value_type(self) -> str:
        # The value given is the name of an SSM parameter; without SSM the name itself stands for its value.
        stored = _SSM_VALUE.fullmatch(self.type)
        return stored.group(1) if stored else self.type


def load_parameters(document: Document) -> dict[str, Parameter]:
    """Return the declared parameters by name, in order.

    Raises:
        TemplateError: a declaration is not valid.
    """
    return {name: _load(document, name, spec) for name, spec in document.section("Parameters").items()}


def resolve_parameters(document: Document, given: Mapping[str, str]) -> dict[str, Value]:
    """Return the value of every parameter: as given, else the default.

    Raises:
        TemplateError: a value is missing, names no parameter, or is not allowed.
    """
    declared = load_parameters(document)
    unknown = [name for name in given if name not in declared]
    if unknown:
        raise document.error(
            f"Parameters: [{', '.join(unknown)}] do not exist in the template", ("Parameters",)
        )
    missing = [name for name, one in declared.items() if name not in given and one.default is None]
    if missing:
        path: Path = ("Parameters", missing[0])
        raise document.error(f"Parameters: [{', '.join(missing)}] must have values", path)
    return {name: _check(document, one, given.get(name, one.default or "")) for name, one in declared.items()}


def _load(document: Document, name: str, spec: Any) -> Parameter:
    path: Path = ("Parameters", name)
    if not isinstance(spec, dict) or not isinstance(spec.get("Type"), str):
        raise document.error(
            f"Template format error: Every Parameters object must contain a Type member. [{name}]", path
        )
    unknown = sorted(spec.keys() - _MEMBERS)
    if unknown:
        raise document.error(f"Invalid template parameter property '{unknown[0]}'", (*path, unknown[0]))
    stored = _SSM_VALUE.fullmatch(spec["Type"])
    if not _KNOWN.fullmatch(stored.group(1) if stored else spec["Type"]):
        raise document.error(
            f"Template format error: Unrecognized parameter type: {spec['Type']}", (*path, "Type")
        )
    default = spec.get("Default")
    if default is not None and not is_scalar(default):
        raise document.error(
            "Template format error: Every Default member must be a string.", (*path, "Default")
        )
    description = spec.get("Description")
    return Parameter(
        name,
        spec["Type"],
        None if default is None else to_text(default),
        to_text(spec.get("NoEcho", False)).lower() == "true",
        None if description is None else str(description),
        tuple(to_text(value) for value in spec.get("AllowedValues") or () if is_scalar(value)),
        spec,
    )


def _check(document: Document, parameter: Parameter, text: str) -> Value:
    values = [part.strip() for part in text.split(",")] if parameter.is_list and text else [text]
    for value in values:
        problem = _find_problem(parameter, value)
        if problem:
            raise _refuse(document, parameter, problem)
    if parameter.is_list:
        return values if text else []
    return text


def _refuse(document: Document, parameter: Parameter, problem: str) -> TemplateError:
    said = parameter.spec.get("ConstraintDescription")
    message = (
        f"Parameter {parameter.name} failed to satisfy constraint: {said}"
        if said
        else f"Parameter '{parameter.name}' must {problem}"
    )
    return document.error(message, ("Parameters", parameter.name))


def _find_problem(parameter: Parameter, value: str) -> str | None:
    """Return what the value must, but does not, satisfy."""
    if parameter.allowed_values and value not in parameter.allowed_values:
        return "be one of AllowedValues"
    if parameter.is_number:
        return _find_number_problem(parameter, value)
    pattern = parameter.spec.get("AllowedPattern")
    if pattern is not None and not _matches(str(pattern), value):
        return f"match pattern {pattern}"
    least, most = (_limit(parameter, name) for name in ("MinLength", "MaxLength"))
    if least is not None and len(value) < least:
        return f"contain at least {least:g} characters"
    if most is not None and len(value) > most:
        return f"contain at most {most:g} characters"
    return None


def _find_number_problem(parameter: Parameter, value: str) -> str | None:
    if not _NUMBER.fullmatch(value):
        return "be a number."
    least, most = (_limit(parameter, name) for name in ("MinValue", "MaxValue"))
    if least is not None and float(value) < least:
        return f"be a number not less than {least:g}"
    if most is not None and float(value) > most:
        return f"be a number not greater than {most:g}"
    return None


def _limit(parameter: Parameter, name: str) -> float | None:
    limit = parameter.spec.get(name)
    return float(to_text(limit)) if is_scalar(limit) and _NUMBER.fullmatch(to_text(limit)) else None


def _matches(pattern: str, value: str) -> bool:
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            return re.fullmatch(pattern, value) is not None
    except re.error:
        # A pattern that only Java's dialect knows is not held against the value.
        return True
