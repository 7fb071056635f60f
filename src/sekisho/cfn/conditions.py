"""Evaluates the conditions of a template, each once and only when it is asked for.

Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
"""

from collections.abc import Iterator, Mapping

from sekisho.cfn.document import Document
from sekisho.cfn.intrinsics import NoResources, Resolver, Scope
from sekisho.cfn.parameters import Value


class Conditions(Mapping[str, bool]):
    """The conditions of a template by name; reading one may raise TemplateError."""

    def __init__(self, document: Document, parameters: Mapping[str, Value]) -> None:
        self._document = document
        self._specs = document.section("Conditions")
        self._values: dict[str, bool] = {}
        self._running: list[str] = []
        self._resolver = Resolver(Scope(document, parameters, self), NoResources())

    def __getitem__(self, name: str) -> bool:
        if name not in self._values:
            self._values[name] = self._evaluate(name)
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._specs

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)

    def _evaluate(self, name: str) -> bool:
        path = ("Conditions", name)
        if name in self._running:
            circle = ", ".join(self._running[self._running.index(name) :])
            raise self._document.error(f"Circular dependency between conditions: [{circle}]", path)
        self._running.append(name)
        value = self._resolver.resolve(self._specs[name], path)
        self._running.pop()
        if not isinstance(value, bool):
            raise self._document.error(
                "Template format error: Every Conditions member must be a condition function "
                f"that returns true or false. [{name}]",
                path,
            )
        return value
