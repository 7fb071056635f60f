"""A strict JSON reader (RFC 8259) that keeps line and column of every value and refuses duplicate keys."""

import re
from bisect import bisect_right
from json import JSONDecodeError, JSONDecoder
from typing import Any

from sekisho.cfn.document import Mark, Path

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_DECODER = JSONDecoder(strict=True)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class JsonSyntaxError(ValueError):
    """The text is not JSON; line and column count from 1."""

    def __init__(self, mark: Mark, detail: str = "") -> None:
        super().__init__(detail)
        self.line = mark.line
        self.column = mark.column
        self.detail = detail


def read_json(text: str, marks: dict[Path, Mark]) -> Any:
    """Read one JSON value and put the mark of each value into ``marks``.

    Raises:
        JsonSyntaxError: the text is not JSON, or an object holds a key twice.
    """
    return _JsonReader(text, marks).read()


class _JsonReader:
    def __init__(self, text: str, marks: dict[Path, Mark]) -> None:
        self._text = text
        self._marks = marks
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def read(self) -> Any:
        start = self._skip(1 if self._text.startswith("\ufeff") else 0)
        self._marks[()] = self._mark(start)
        try:
            value, end = self._value(start, ())
        except RecursionError:
            raise JsonSyntaxError(self._mark(start), "nested too deeply") from None
        end = self._skip(end)
        if end != len(self._text):
            raise self._error(end)
        return value

    def _mark(self, offset: int) -> Mark:
        line = bisect_right(self._lines, offset)
        return Mark(line, offset - self._lines[line - 1] + 1)

    def _error(self, offset: int, detail: str = "") -> JsonSyntaxError:
        return JsonSyntaxError(self._mark(min(offset, len(self._text))), detail)

    def _skip(self, offset: int) -> int:
        match = _SPACE.match(self._text, offset)
        return match.end() if match else offset

    def _value(self, start: int, path: Path) -> tuple[Any, int]:
        first = self._text[start : start + 1]
        if first == "{":
            return self._object(start + 1, path)
        if first == "[":
            return self._array(start + 1, path)
        if first == '"':
            return self._string(start)
        number = _NUMBER.match(self._text, start)
        if number:
            is_float = number.group(1) or number.group(2)
            return (float if is_float else int)(number.group()), number.end()
        for word, value in _WORDS.items():
            if self._text.startswith(word, start):
                return value, start + len(word)
        raise self._error(start)

    def _string(self, start: int) -> tuple[str, int]:
        if self._text[start : start + 1] != '"':
            raise self._error(start)
        try:
            value, end = _DECODER.raw_decode(self._text, start)
        except JSONDecodeError as error:
            raise self._error(error.pos) from None
        return str(value), end

    def _object(self, offset: int, path: Path) -> tuple[dict[str, Any], int]:
        members: dict[str, Any] = {}
        offset = self._skip(offset)
        if self._text[offset : offset + 1] == "}":
            return members, offset + 1
        while True:
            key_start = offset
            key, offset = self._string(offset)
            if key in members:
                raise self._error(key_start, f"duplicate key {key!r}")
            offset = self._expect(self._skip(offset), ":")
            self._marks[(*path, key)] = self._mark(key_start)
            members[key], offset = self._value(offset, (*path, key))
            offset = self._skip(offset)
            if self._text[offset : offset + 1] == "}":
                return members, offset + 1
            offset = self._expect(offset, ",")

    def _array(self, offset: int, path: Path) -> tuple[list[Any], int]:
        items: list[Any] = []
        offset = self._skip(offset)
        if self._text[offset : offset + 1] == "]":
            return items, offset + 1
        while True:
            inner = (*path, len(items))
            self._marks[inner] = self._mark(offset)
            value, offset = self._value(offset, inner)
            items.append(value)
            offset = self._skip(offset)
            if self._text[offset : offset + 1] == "]":
                return items, offset + 1
            offset = self._expect(offset, ",")

    def _expect(self, offset: int, character: str) -> int:
        if self._text[offset : offset + 1] != character:
            raise self._error(offset)
        return self._skip(offset + 1)
