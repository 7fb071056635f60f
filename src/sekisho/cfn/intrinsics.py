"""Resolves intrinsic functions, and remembers where in the template each resolved value came from.

Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from sekisho.cfn import functions
from sekisho.cfn.document import Document, Path
from sekisho.cfn.functions import FunctionError
from sekisho.cfn.values import NO_VALUE, find_function, is_scalar, to_text


class Lookup(Protocol):
    """Answers what the template itself does not know."""

    def ref(self, logical_id: str) -> str:
        """Return what ``Ref`` of a resource is."""
        ...

    def attribute(self, logical_id: str, name: str) -> Any:
        """Return an attribute of a resource.

        Raises:
            FunctionError: the resource has no such attribute.
        """
        ...

    def export(self, name: str) -> str:
        """Return the value of an export.

        Raises:
            FunctionError: nothing exports that name.
        """
        ...


class NoResources:
    """A lookup for places that cannot name resources: conditions, rules, parameters."""

    def ref(self, logical_id: str) -> str:
        """Refuse."""
        raise FunctionError(f"Template error: Unresolved dependencies [{logical_id}].")

    def attribute(self, logical_id: str, name: str) -> Any:
        """Refuse."""
        raise FunctionError(f"Template error: Unresolved dependencies [{logical_id}.{name}].")

    def export(self, name: str) -> str:
        """Refuse."""
        raise FunctionError(f"No export named {name} found.")


@dataclass(frozen=True)
class Scope:
    """What functions refer to besides resources.

    Attributes:
        document: the template.
        parameters: the values of parameters and pseudo parameters, text or lists of text.
        conditions: the conditions, evaluated.
        zones: the Availability Zones by region that ``Fn::GetAZs`` answers.
    """

    document: Document
    parameters: Mapping[str, str | list[str]]
    conditions: Mapping[str, bool] = field(default_factory=dict)
    zones: Callable[[str], list[str]] = lambda region: [f"{region}{letter}" for letter in "abc"]


_BLOCKS = (("Resources",), ("Outputs",))

_Special = Callable[["Resolver", Any, Path, Path], Any]


class Resolver:
    """Resolves values of one template.

    Attributes:
        origins: path in the template of each resolved value, by its path in the result.
    """

    def __init__(self, scope: Scope, lookup: Lookup) -> None:
        self._scope = scope
        self._lookup = lookup
        self.origins: dict[Path, Path] = {}

    def resolve(self, value: Any, path: Path, out: Path = ()) -> Any:
        """Return the value with every function in it resolved; it may be ``NO_VALUE``.

        Raises:
            TemplateError: a function is used wrongly or refers to what is not there.
        """
        self.origins[out] = path
        function = find_function(value)
        # Outside conditions and rules a member may just be called so, as in an IAM policy.
        is_member = function is not None and function[0] == "Condition" and path[:1] in _BLOCKS
        if function is not None and not is_member:
            return self._call(*function, path, out)
        if isinstance(value, dict):
            return self._mapping(value, path, out)
        if isinstance(value, list):
            return self._sequence(value, path, out)
        return value

    def _mapping(self, value: dict[str, Any], path: Path, out: Path) -> dict[str, Any]:
        resolved = {}
        for name, inner in value.items():
            if name.startswith("Fn::"):
                raise self._scope.document.error(
                    f"Template format error: {name} must be the only member of its object.", (*path, name)
                )
            found = self.resolve(inner, (*path, name), (*out, name))
            if found is not NO_VALUE:
                resolved[name] = found
        return resolved

    def _sequence(self, value: list[Any], path: Path, out: Path) -> list[Any]:
        resolved: list[Any] = []
        for index, inner in enumerate(value):
            found = self.resolve(inner, (*path, index), (*out, len(resolved)))
            if found is not NO_VALUE:
                resolved.append(found)
        return resolved

    def _call(self, name: str, argument: Any, path: Path, out: Path) -> Any:
        inner = (*path, name)
        try:
            if name in self._SPECIAL:
                return self._SPECIAL[name](self, argument, inner, out)
            if name in _PLAIN:
                return _PLAIN[name](self._plain(argument, inner))
        except FunctionError as error:
            raise self._scope.document.error(str(error), inner) from None
        raise self._scope.document.error(
            f"Template format error: Unrecognized intrinsic function {name}.", path
        )

    def _plain(self, argument: Any, path: Path) -> Any:
        """Resolve an argument whose parts do not show in the result by their own paths."""
        kept = dict(self.origins)
        resolved = self.resolve(argument, path)
        self.origins = kept
        return resolved

    # ------------------------------------------------------------ functions that look things up

    def _ref(self, argument: Any, _path: Path, _out: Path) -> Any:
        if argument == "AWS::NoValue":
            return NO_VALUE
        if not isinstance(argument, str):
            raise FunctionError("Template error: every Ref object must have a single String value.")
        if argument in self._scope.parameters:
            return self._scope.parameters[argument]
        return self._lookup.ref(argument)

    def _get_att(self, argument: Any, path: Path, _out: Path) -> Any:
        logical_id, attribute = split_get_att(argument)
        return self._lookup.attribute(logical_id, to_text(self._plain(attribute, (*path, 1))))

    def _sub(self, argument: Any, path: Path, _out: Path) -> str:
        text, given = split_sub(argument)
        values = {name: self._plain(inner, (*path, 1, name)) for name, inner in given.items()}
        for variable in functions.find_variables(text):
            if variable not in values:
                values[variable] = self._variable(variable)
        return functions.substitute(text, values)

    def _variable(self, name: str) -> Any:
        if name in self._scope.parameters:
            return self._scope.parameters[name]
        if "." in name:
            logical_id, attribute = name.split(".", 1)
            return self._lookup.attribute(logical_id, attribute)
        return self._lookup.ref(name)

    def _import_value(self, argument: Any, path: Path, _out: Path) -> str:
        name = self._plain(argument, path)
        if not is_scalar(name):
            raise FunctionError("Template error: the attribute in Fn::ImportValue must be a string.")
        return self._lookup.export(to_text(name))

    def _find_in_map(self, argument: Any, path: Path, out: Path) -> Any:
        if not isinstance(argument, list) or len(argument) not in (3, 4):
            raise FunctionError(
                "Template error: every Fn::FindInMap object requires three parameters, the map name, map key "
                "and the attribute for return value"
            )
        keys = [to_text(self._plain(part, (*path, index))) for index, part in enumerate(argument[:3])]
        found: Any = self._scope.document.section("Mappings")
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        if found is not None:
            return found
        if len(argument) == 4 and isinstance(argument[3], dict) and "DefaultValue" in argument[3]:
            return self.resolve(argument[3]["DefaultValue"], (*path, 3, "DefaultValue"), out)
        raise FunctionError(f"Template error: Unable to get mapping for {'::'.join(keys)}")

    def _get_azs(self, argument: Any, path: Path, _out: Path) -> list[str]:
        region = self._plain(argument, path)
        if not isinstance(region, str):
            raise FunctionError("Template error: every Fn::GetAZs object must have a String-typed value.")
        return self._scope.zones(region or str(self._scope.parameters["AWS::Region"]))

    # ------------------------------------------------------------ conditions

    def _if(self, argument: Any, path: Path, out: Path) -> Any:
        if not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[0], str):
            raise FunctionError(
                "Template error: every Fn::If object requires a condition name and two values: "
                "[condition, value if true, value if false]"
            )
        branch = 1 if self._condition(argument[0], path, out, "Fn::If") else 2
        return self.resolve(argument[branch], (*path, branch), out)

    def _condition(self, argument: Any, _path: Path, _out: Path, user: str = "Condition") -> bool:
        if not isinstance(argument, str) or argument not in self._scope.conditions:
            raise FunctionError(f"Template error: unresolved condition dependency {argument} in {user}")
        return self._scope.conditions[argument]

    def _equals(self, argument: Any, path: Path, _out: Path) -> bool:
        if not isinstance(argument, list) or len(argument) != 2:
            raise FunctionError(
                "Template error: every Fn::Equals object requires a list of 2 string parameters."
            )
        left, right = (self._plain(part, (*path, index)) for index, part in enumerate(argument))
        if is_scalar(left) and is_scalar(right):
            return to_text(left) == to_text(right)
        return bool(left == right)

    def _not(self, argument: Any, path: Path, _out: Path) -> bool:
        return not self._booleans(argument, path, "one boolean parameter")[0]

    def _and(self, argument: Any, path: Path, _out: Path) -> bool:
        return all(self._booleans(argument, path, _TWO_TO_TEN))

    def _or(self, argument: Any, path: Path, _out: Path) -> bool:
        return any(self._booleans(argument, path, _TWO_TO_TEN))

    def _booleans(self, argument: Any, path: Path, rule: str) -> list[bool]:
        least, most = (2, 10) if rule == _TWO_TO_TEN else (1, 1)
        values: list[Any] = []
        if isinstance(argument, list) and least <= len(argument) <= most:
            values = [self._plain(part, (*path, index)) for index, part in enumerate(argument)]
        if not values or not all(isinstance(value, bool) for value in values):
            raise FunctionError(f"Template error: every {path[-1]} object requires {rule}.")
        return values

    _SPECIAL: ClassVar[Mapping[str, _Special]] = {
        "Ref": _ref,
        "Condition": _condition,
        "Fn::GetAtt": _get_att,
        "Fn::Sub": _sub,
        "Fn::ImportValue": _import_value,
        "Fn::FindInMap": _find_in_map,
        "Fn::GetAZs": _get_azs,
        "Fn::If": _if,
        "Fn::Equals": _equals,
        "Fn::Not": _not,
        "Fn::And": _and,
        "Fn::Or": _or,
    }


def split_get_att(argument: Any) -> tuple[str, Any]:
    """Return resource and attribute of a ``Fn::GetAtt``; the attribute may be a function itself.

    Raises:
        FunctionError: the argument names no resource or no attribute.
    """
    if isinstance(argument, str) and "." in argument:
        argument = argument.split(".", 1)
    if isinstance(argument, list) and len(argument) > 2 and all(isinstance(part, str) for part in argument):
        argument = [argument[0], ".".join(argument[1:])]
    if not isinstance(argument, list) or len(argument) != 2 or not all(argument):
        raise FunctionError(_GET_ATT)
    logical_id, attribute = argument
    if not isinstance(logical_id, str) or not isinstance(attribute, str | dict):
        raise FunctionError(_GET_ATT)
    return logical_id, attribute


def split_sub(argument: Any) -> tuple[str, dict[str, Any]]:
    """Return text and given variables of a ``Fn::Sub`` in either form.

    Raises:
        FunctionError: the argument has neither form.
    """
    if isinstance(argument, str):
        return argument, {}
    if isinstance(argument, list) and len(argument) in (1, 2) and isinstance(argument[0], str):
        given = argument[1] if len(argument) == 2 else {}
        if isinstance(given, dict):
            return argument[0], given
    raise FunctionError(
        "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a "
        "string as first argument, and an optional second argument to specify a mapping of values to replace "
        "in the string"
    )


_GET_ATT = (
    "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the "
    "resource attribute"
)
_TWO_TO_TEN = "a list of at least 2 and at most 10 boolean parameters"

_PLAIN: Mapping[str, Callable[[Any], Any]] = {
    "Fn::Join": functions.join,
    "Fn::Split": functions.split,
    "Fn::Select": functions.select,
    "Fn::Base64": functions.encode_base64,
    "Fn::Cidr": functions.cidr,
    "Fn::Length": functions.length,
    "Fn::ToJsonString": functions.to_json_string,
    "Fn::Contains": functions.contains,
    "Fn::EachMemberEquals": functions.each_member_equals,
    "Fn::EachMemberIn": functions.each_member_in,
}
