"""RE2's regular expressions, checked without RE2: what passes here compiles in Envoy.

Only the syntax that RE2 is certain to take passes; Python's ``re`` is no judge of that, as the dialects differ.
Unicode property classes are left out because AWS does not take them. Syntax:
https://github.com/google/re2/wiki/Syntax
"""

import re
from dataclasses import dataclass

_GREATEST_REPEAT = 1000
_GREATEST_SIZE = (
    4_000  # parts with repeats written out: under 100,000 instructions, which RE2 has the memory for
)
_REPEAT = re.compile(r"\{([0-9]{1,5})(?:(,)([0-9]{1,5})?)?\}")
_FLAGS = re.compile(r"\((?:\?(?:([imsU]*)(?:-([imsU]+))?)([:)]))")
_NAMED = re.compile(r"\(\?P?<([A-Za-z_][A-Za-z0-9_]*)>")
_HEX = re.compile(r"\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})")
_POSIX_CLASS = re.compile(
    r"\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]"
)
_PERL_CLASSES = frozenset("dDsSwW")
_ASSERTIONS = frozenset("AzbB")
_CONTROLS = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}


class RegexError(ValueError):
    """The text is not a regular expression of RE2; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Regex:
    """A checked regular expression: its text and how many capture groups it has."""

    text: str
    groups: int


def parse_regex(text: str) -> Regex:
    """Check a regular expression.

    Raises:
        RegexError: RE2 would not take it, or it uses a Unicode property class.
    """
    parser = _Parser(text)
    parser.parse_alternatives()
    if parser.position < len(text):
        raise parser.error("unexpected ')'")
    return Regex(text, parser.groups)


@dataclass(frozen=True, slots=True)
class _Cost:
    """What an expression costs: the product of its nested repeats, and its parts with repeats written out."""

    repeats: int
    size: int


class _Parser:
    """Walks the expression once; each method takes one construct."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.groups = 0
        self._names: set[str] = set()
        self._depth = 0

    def error(self, reason: str) -> RegexError:
        return RegexError(f"{reason} at position {self.position} of '{self.text}'")

    def parse_alternatives(self) -> _Cost:
        cost = self._parse_sequence()
        while self._peek() == "|":
            self.position += 1
            other = self._parse_sequence()
            cost = _Cost(max(cost.repeats, other.repeats), cost.size + other.size)
        return cost

    def _peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def _parse_sequence(self) -> _Cost:
        repeats = size = 1
        while self._peek() not in ("", "|", ")"):
            atom = self._parse_atom()
            times = self._parse_repeat()
            repeats = max(repeats, atom.repeats * times)
            size += atom.size * times
            if repeats > _GREATEST_REPEAT or size > _GREATEST_SIZE:
                raise self.error("too many repeats")
        return _Cost(repeats, size)

    def _parse_repeat(self) -> int:
        """Take the operator after an atom; return how often it repeats, 1 for an open end."""
        counted = _REPEAT.match(self.text, self.position)
        times = 1
        if counted:
            least = int(counted[1])
            most = int(counted[3]) if counted[3] else least
            if least > most or most > _GREATEST_REPEAT:
                raise self.error("bad repeat count")
            times = max(most, 1)
            self.position = counted.end()
        elif self._peek() and self._peek() in "*+?":
            self.position += 1
        else:
            return 1
        if self._peek() == "?":
            self.position += 1
        following = self._peek()
        if (following and following in "*+?") or _REPEAT.match(self.text, self.position):
            raise self.error("possessive or repeated repeat operator")
        return times

    def _parse_atom(self) -> _Cost:
        match self._peek():
            case "(":
                return self._parse_group()
            case "[":
                return _Cost(1, self._parse_class())
            case "\\":
                self._parse_escape()
            case "*" | "+" | "?":
                raise self.error("nothing to repeat")
            case _ if _REPEAT.match(self.text, self.position):
                raise self.error("nothing to repeat")
            case _:
                self.position += 1
        return _Cost(1, 1)

    def _parse_group(self) -> _Cost:
        self._depth += 1
        if self._depth > 50:
            raise self.error("groups are nested too deeply")
        named = _NAMED.match(self.text, self.position)
        flags = _FLAGS.match(self.text, self.position)
        if named:
            if named[1] in self._names:
                raise self.error(f"group name '{named[1]}' given twice")
            self._names.add(named[1])
            self.groups += 1
            self.position = named.end()
        elif flags:
            self.position = flags.end()
            if flags[3] == ")":
                return self._parse_bare_flags(flags)
        elif self.text.startswith("(?", self.position):
            raise self.error("unsupported group: no lookaround, atomic group, recursion or condition")
        else:
            self.groups += 1
            self.position += 1
        cost = self.parse_alternatives()
        if self._peek() != ")":
            raise self.error("missing ')'")
        self.position += 1
        self._depth -= 1
        return cost

    def _parse_bare_flags(self, flags: re.Match[str]) -> _Cost:
        if not flags[1] and not flags[2]:
            raise self.error("empty flags")
        if (self._peek() and self._peek() in "*+?") or _REPEAT.match(self.text, self.position):
            raise self.error("nothing to repeat")
        self._depth -= 1
        return _Cost(1, 1)

    def _parse_class(self) -> int:
        """Take a character class and return its number of parts."""
        self.position += 1
        if self._peek() == "^":
            self.position += 1
        parts = 0
        while parts == 0 or self._peek() != "]":
            parts += 1
            low = self._parse_class_part()
            if self._peek() == "-" and self.text[self.position + 1 : self.position + 2] not in ("", "]"):
                self.position += 1
                high = self._parse_class_part()
                if low is None or high is None or low > high:
                    raise self.error("bad character class range")
        self.position += 1
        return parts

    def _parse_class_part(self) -> str | None:
        """Take one part of a character class; return the character, or None for a class of them."""
        if not self._peek():
            raise self.error("missing ']'")
        posix = _POSIX_CLASS.match(self.text, self.position)
        if posix:
            self.position = posix.end()
            return None
        if self.text.startswith("[:", self.position):
            raise self.error("unknown character class")
        if self._peek() == "\\":
            return self._parse_escape(in_class=True)
        character = self._peek()
        self.position += 1
        return character

    def _parse_escape(self, *, in_class: bool = False) -> str | None:
        """Take an escape; return the character it stands for, or None for a class or an assertion."""
        code = _HEX.match(self.text, self.position)
        if code:
            point = int(code[1] or code[2], 16)
            if point > 0x10FFFF:
                raise self.error("not a character")
            self.position = code.end()
            return chr(point)
        letter = self.text[self.position + 1 : self.position + 2]
        if letter in _PERL_CLASSES or (letter in _ASSERTIONS and not in_class):
            self.position += 2
            return None
        if letter in _CONTROLS:
            self.position += 2
            return _CONTROLS[letter]
        if letter and letter.isascii() and letter.isprintable() and not letter.isalnum():
            self.position += 2
            return letter
        raise self.error("unsupported escape: no backreference, property class or unknown letter")
