"""Finds what a value of a template refers to, without resolving it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.cfn import functions
from sekisho.cfn.document import Document, Path
from sekisho.cfn.functions import FunctionError
from sekisho.cfn.intrinsics import split_get_att, split_sub
from sekisho.cfn.values import find_function


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a resource or parameter.

    Attributes:
        name: logical id, parameter or pseudo parameter.
        attribute: the attribute where ``Fn::GetAtt`` asks for one, else None.
        function: the function that refers, e.g. ``Fn::Sub``.
        path: where it stands.
    """

    name: str
    attribute: str | None
    function: str
    path: Path


def find_references(
    document: Document, value: Any, path: Path, conditions: Mapping[str, bool] | None = None
) -> Iterator[Reference]:
    """Yield the references in a value; with ``conditions``, only those of the branches that are taken.

    Raises:
        TemplateError: ``Fn::GetAtt`` or ``Fn::Sub`` is malformed.
    """
    function = find_function(value)
    if function is not None:
        name, argument = function
        inner = (*path, name)
        try:
            if name == "Ref":
                if isinstance(argument, str):
                    yield Reference(argument, None, name, inner)
                return
            if name == "Fn::GetAtt":
                yield from _in_get_att(document, argument, inner, conditions)
                return
            if name == "Fn::Sub":
                yield from _in_sub(document, argument, inner, conditions)
                return
        except FunctionError as error:
            raise document.error(str(error), inner) from None
        branch = _branch(name, argument, conditions)
        if branch is not None:
            yield from find_references(document, argument[branch], (*inner, branch), conditions)
            return
    if isinstance(value, dict):
        for key, member in value.items():
            yield from find_references(document, member, (*path, key), conditions)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from find_references(document, member, (*path, index), conditions)


def _branch(name: str, argument: Any, conditions: Mapping[str, bool] | None) -> int | None:
    if name != "Fn::If" or conditions is None or not isinstance(argument, list) or len(argument) != 3:
        return None
    if not isinstance(argument[0], str) or argument[0] not in conditions:
        return None
    return 1 if conditions[argument[0]] else 2


def _in_get_att(
    document: Document, argument: Any, path: Path, conditions: Mapping[str, bool] | None
) -> Iterator[Reference]:
    logical_id, attribute = split_get_att(argument)
    is_text = isinstance(attribute, str)
    yield Reference(logical_id, attribute if is_text else "", "Fn::GetAtt", path)
    if not is_text:
        yield from find_references(document, attribute, (*path, 1), conditions)


def _in_sub(
    document: Document, argument: Any, path: Path, conditions: Mapping[str, bool] | None
) -> Iterator[Reference]:
    text, given = split_sub(argument)
    for variable in functions.find_variables(text):
        if variable in given:
            continue
        if variable.startswith("AWS::") or "." not in variable:
            yield Reference(variable, None, "Fn::Sub", path)
        else:
            logical_id, attribute = variable.split(".", 1)
            yield Reference(logical_id, attribute, "Fn::Sub", path)
    for name, inner in given.items():
        yield from find_references(document, inner, (*path, 1, name), conditions)


def find_imports(value: Any, path: Path) -> Iterator[tuple[Any, Path]]:
    """Yield the argument and place of every ``Fn::ImportValue``."""
    function = find_function(value)
    if function is not None and function[0] == "Fn::ImportValue":
        yield function[1], (*path, "Fn::ImportValue")
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, member in members:
        yield from find_imports(member, (*path, step))
