"""Expands ``Fn::ForEach`` loops (AWS::LanguageExtensions), keeping the mark of what each copy was written as.

Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sekisho.cfn.document import Document, Mark, Path
from sekisho.cfn.parameters import resolve_parameters
from sekisho.cfn.values import find_function, is_scalar, to_text

_PREFIX = "Fn::ForEach::"
_VARIABLE = re.compile(r"([$&])\{([A-Za-z0-9]+)\}")
_MOST_COPIES = 5000


def expand_loops(document: Document, given: Mapping[str, str]) -> Document:
    """Return the template with its loops expanded.

    Raises:
        TemplateError: a loop is malformed, or makes too much of a template.
    """
    expansion = _Expansion(document, given)
    body = expansion.expand(document.body, (), (), {})
    return Document(body, expansion.marks, document.source, document.text)


class _Expansion:
    def __init__(self, document: Document, given: Mapping[str, str]) -> None:
        self._document = document
        self._given = given
        self._copies = 0
        self.marks: dict[Path, Mark] = {}

    def expand(self, value: Any, path: Path, out: Path, bindings: Mapping[str, str]) -> Any:
        self.marks[out] = self._document.mark(path)
        if isinstance(value, str):
            return _replace(value, bindings)
        if isinstance(value, list):
            return [
                self.expand(inner, (*path, index), (*out, index), bindings)
                for index, inner in enumerate(value)
            ]
        if not isinstance(value, dict):
            return value
        function = find_function(value)
        if function is not None and function[0] == "Ref" and str(function[1]) in bindings:
            return bindings[str(function[1])]
        members: dict[str, Any] = {}
        for name, inner, source, bound in self._members(value, path, bindings):
            if name in members:
                raise self._document.error(f"Fn::ForEach makes the key {name} twice.", source)
            members[name] = self.expand(inner, source, (*out, name), bound)
        return members

    def _members(
        self, value: Mapping[str, Any], path: Path, bindings: Mapping[str, str]
    ) -> Iterator[tuple[str, Any, Path, Mapping[str, str]]]:
        for key, inner in value.items():
            source = (*path, key)
            if not key.startswith(_PREFIX):
                yield _replace(key, bindings), inner, source, bindings
                continue
            identifier, collection, body = self._loop(inner, source)
            for item in self._collection(collection, (*source, 1), bindings):
                self._count(source)
                yield from self._members(body, (*source, 2), {**bindings, identifier: item})

    def _loop(self, value: Any, path: Path) -> tuple[str, Any, Mapping[str, Any]]:
        if (
            isinstance(value, list)
            and len(value) == 3
            and isinstance(value[0], str)
            and isinstance(value[2], dict)
        ):
            return value[0], value[1], value[2]
        raise self._document.error(
            f"{path[-1]} could not be resolved: the value must be [identifier, collection, object]", path
        )

    def _collection(self, value: Any, path: Path, bindings: Mapping[str, str]) -> list[str]:
        function = find_function(value)
        if function is not None and function[0] == "Ref":
            found = resolve_parameters(self._document, self._given).get(str(function[1]))
            value = [found] if isinstance(found, str) else found
        items = self.expand(value, path, path, bindings)
        if isinstance(items, list) and all(is_scalar(item) for item in items):
            return [to_text(item) for item in items]
        raise self._document.error("The collection of Fn::ForEach must be a list of text.", path)

    def _count(self, path: Path) -> None:
        self._copies += 1
        if self._copies > _MOST_COPIES:
            raise self._document.error(f"Fn::ForEach makes more than {_MOST_COPIES} copies.", path)


def _replace(text: str, bindings: Mapping[str, str]) -> str:
    def replace(match: re.Match[str]) -> str:
        value = bindings.get(match.group(2))
        if value is None:
            return match.group()
        # &{Identifier} leaves only what a logical id may hold.
        return value if match.group(1) == "$" else re.sub(r"[^A-Za-z0-9]", "", value)

    return _VARIABLE.sub(replace, text) if bindings else text
