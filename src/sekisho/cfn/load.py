"""Read templates, JSON and YAML, keeping line and column of every value.

CloudFormation reads YAML 1.1 without timestamps, binary, aliases and merge keys:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

import re
from typing import Any

import yaml

from sekisho.cfn.document import Document, Mark, Path
from sekisho.cfn.errors import TemplateError
from sekisho.cfn.load_json import JsonSyntaxError, read_json

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_FULL_NAMES = {"Ref": "Ref", "Condition": "Condition"}
# fmt: off
_SHORT_FORMS = frozenset((
    "Ref", "Condition", "And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals",
    "FindInMap", "GetAtt", "GetAZs", "If", "ImportValue", "Join", "Length", "Not", "Or", "RefAll", "Select",
    "Split", "Sub", "ToJsonString", "Transform", "ValueOf", "ValueOfAll",
))
# fmt: on

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE = frozenset(("yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"))
_FALSE = frozenset(("no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"))
# Only spellings that read back the same: an account id such as 000123456789 stays the text that was written.
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*([eE][-+]?[0-9]+)?|\.[0-9]+([eE][-+]?[0-9]+)?)")


def load_template(text: str, source: str = "template") -> Document:
    """Read a template.

    Raises:
        TemplateError: the text is neither well-formed JSON nor YAML, holds a key twice, or is not a mapping.
    """
    marks: dict[Path, Mark] = {}
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        body = _load_json(text, source, marks)
    else:
        body = _YamlReader(text, source, marks).read()
    if not isinstance(body, dict):
        raise TemplateError("Template format error: unsupported structure.", f"{source}:1:1")
    return Document(body, marks, source, text)


def _load_json(text: str, source: str, marks: dict[Path, Mark]) -> Any:
    try:
        return read_json(text, marks)
    except JsonSyntaxError as error:
        raise TemplateError(
            f"Template format error: JSON not well-formed. (line {error.line}, column {error.column})"
            + (f" {error.detail}" if error.detail else ""),
            f"{source}:{error.line}:{error.column}",
        ) from None


class _YamlReader:
    """Builds values from the parser's events, so that tags, marks and duplicate keys are all seen."""

    def __init__(self, text: str, source: str, marks: dict[Path, Mark]) -> None:
        self._source = source
        self._marks = marks
        self._events = yaml.parse(text, Loader=_Loader)

    def read(self) -> Any:
        """Return the one document of the text."""
        try:
            for event in self._events:
                if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent, yaml.AliasEvent)):
                    self._mark((), event)
                    value = self._value(event, ())
                    self._expect_end()
                    return value
        except yaml.MarkedYAMLError as error:
            raise self._not_well_formed(error.problem_mark, error.problem or "") from None
        except yaml.YAMLError as error:
            raise self._not_well_formed(None, str(error)) from None
        except RecursionError:
            raise self._not_well_formed(None, "nested too deeply") from None
        return None

    def _expect_end(self) -> None:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise self._not_well_formed(event.start_mark, "a template is one document")

    def _value(self, event: Any, path: Path) -> Any:
        if isinstance(event, yaml.AliasEvent):
            raise TemplateError(
                "Template error: YAML aliases are not allowed in CloudFormation templates", self._place(event)
            )
        name = self._function(event)
        if name is None:
            return self._plain(event, path)
        inner = self._plain(event, (*path, name))
        self._marks.setdefault((*path, name), self._marks[path])
        if name == "Fn::GetAtt" and isinstance(inner, str):
            inner = inner.split(".", 1)
        return {name: inner}

    def _function(self, event: Any) -> str | None:
        tag = event.tag
        if tag is None or tag == "!" or tag.startswith("tag:yaml.org,2002:"):
            return None
        name = tag.removeprefix("!")
        if name not in _SHORT_FORMS:
            raise self._not_well_formed(event.start_mark, f"unknown tag {tag}")
        return _FULL_NAMES.get(name, f"Fn::{name}")

    def _plain(self, event: Any, path: Path) -> Any:
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        # What is quoted or tagged is text whatever it looks like.
        return read_plain_scalar(event.value) if event.implicit[0] else event.value

    def _mapping(self, path: Path) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                raise self._not_well_formed(event.start_mark, "a key must be text")
            if event.value == "<<" and event.implicit[0]:
                raise self._not_well_formed(event.start_mark, "merge keys are not supported")
            if event.value in mapping:  # CFN-13
                raise self._not_well_formed(event.start_mark, f"duplicate key {event.value!r}")
            inner = (*path, event.value)
            self._mark(inner, event)
            mapping[event.value] = self._value(next(self._events), inner)
        return mapping

    def _sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            inner = (*path, len(items))
            self._mark(inner, event)
            items.append(self._value(event, inner))
        return items

    def _mark(self, path: Path, event: Any) -> None:
        self._marks[path] = Mark(event.start_mark.line + 1, event.start_mark.column + 1)

    def _place(self, event: Any) -> str:
        return f"{self._source}:{event.start_mark.line + 1}:{event.start_mark.column + 1}"

    def _not_well_formed(self, mark: Any, detail: str) -> TemplateError:
        message = "Template format error: YAML not well-formed."
        location = self._source
        if mark is not None:
            message += f" (line {mark.line + 1}, column {mark.column + 1})"
            location += f":{mark.line + 1}:{mark.column + 1}"
        return TemplateError(f"{message} {detail}".rstrip(), location)


def read_plain_scalar(text: str) -> str | int | float | bool | None:
    """Return what an unquoted YAML scalar means.

    Dates, and numbers that would not read back the same, are the text that was written.
    """
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
