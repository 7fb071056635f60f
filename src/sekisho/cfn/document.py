"""A loaded template: plain values, and beside them the line and column of every one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.cfn.errors import TemplateError

Path = tuple[str | int, ...]
"""The way from the root of a template to a value: keys and list indexes."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the text; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Document:
    """A template.

    Attributes:
        body: dicts, lists and scalars; short-form tags have become ``{"Fn::…": …}``.
        marks: the mark of each value by path; of a member of a mapping, that of its key.
        source: what to call the template in messages, e.g. ``template.yaml``.
        text: the text that it was read from.
    """

    body: Mapping[str, Any]
    marks: Mapping[Path, Mark]
    source: str
    text: str

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a top-level section, empty where the template has none."""
        section = self.body.get(name)
        return section if isinstance(section, dict) else {}

    def mark(self, path: Path) -> Mark:
        """Return the mark of the value, or of the nearest one around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.marks:
                return self.marks[path[:length]]
        return Mark(1, 1)

    def location(self, path: Path) -> str:
        """Return ``source:line:column Path/In/Template``."""
        mark = self.mark(path)
        return f"{self.source}:{mark.line}:{mark.column} {format_path(path)}".rstrip()

    def error(self, message: str, path: Path = ()) -> TemplateError:
        """Return the error to raise for a fault at ``path``."""
        return TemplateError(message, self.location(path))


def format_path(path: Path) -> str:
    """Return the path with slashes, e.g. ``Resources/Rule/Properties/Actions/0``."""
    return "/".join(str(step) for step in path)
