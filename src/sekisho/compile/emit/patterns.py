"""Patterns as RE2 regular expressions and as Envoy's cheaper string matches.

Envoy matches a regular expression against the whole text, so one that is searched anywhere is wrapped.
"""

import re
from collections.abc import Iterable

from envoy.type.matcher.v3.regex_pb2 import RegexMatcher
from envoy.type.matcher.v3.string_pb2 import StringMatcher

from sekisho.kernel.route_key import SegmentKind, parse_path
from sekisho.model.ir import Pattern, PatternKind

ANYTHING = r"\C*"
"""Any bytes; a dot would leave out what is not UTF-8."""

# EDGE-08: one character is one visible one.
_ONE = "[ -~]"

_WILDCARD_TOKEN = re.compile(r"\\([*?\\])|([*?])|(.)", re.DOTALL)
_SPECIAL = frozenset("\\.+*?()|[]{}^$")


def escape(text: str) -> str:
    """Return a regular expression that matches exactly the text."""
    return "".join("\\" + character if character in _SPECIAL else character for character in text)


def regex_of(pattern: Pattern, many: str = ANYTHING, one: str = _ONE) -> str:
    """Return a regular expression that matches a whole text where the pattern does.

    Args:
        pattern: the pattern.
        many: what ``*`` becomes.
        one: what ``?`` becomes.
    """
    match pattern.kind:
        case PatternKind.REGEX:
            # EDGE-09
            found = f"{ANYTHING}(?:{pattern.text}){ANYTHING}"
        case PatternKind.EXACT:
            found = escape(pattern.text)
        case PatternKind.WILDCARD:
            found = "".join(
                many if wild == "*" else one if wild == "?" else escape(escaped or plain)
                for escaped, wild, plain in _WILDCARD_TOKEN.findall(pattern.text)
            )
        case PatternKind.TEMPLATE:
            found = template_regex(pattern.text)
    return f"(?:{found})" if pattern.case_sensitive else f"(?i:{found})"


def template_regex(template: str) -> str:
    """Return a regular expression that matches the paths of a template; each variable is a group."""
    kinds = {SegmentKind.VARIABLE: "([^/]+)", SegmentKind.GREEDY: f"({ANYTHING})"}
    segments = (
        escape(segment.text) if segment.kind is SegmentKind.STATIC else kinds[segment.kind]
        for segment in parse_path(template)
    )
    return "/" + "/".join(segments)


def any_of(regexes: Iterable[str]) -> str:
    """Return a regular expression that matches where one of the given ones does."""
    return "|".join(regexes)


def regex_matcher(regex: str) -> RegexMatcher:
    """Return Envoy's matcher for a whole text."""
    return RegexMatcher(regex=regex)


def emit_string_match(patterns: tuple[Pattern, ...]) -> StringMatcher:
    """Return a match of one of the patterns, as a plain comparison where that is enough."""
    if len(patterns) == 1:
        plain = _plain_match(patterns[0])
        if plain is not None:
            plain.ignore_case = not patterns[0].case_sensitive
            return plain
    return StringMatcher(safe_regex=regex_matcher(any_of(map(regex_of, patterns))))


def _plain_match(pattern: Pattern) -> StringMatcher | None:
    """Return a comparison without a regular expression, or None where there is no such."""
    if pattern.kind is PatternKind.EXACT:
        return StringMatcher(exact=pattern.text)
    inner = pattern.text.strip("*")
    if pattern.kind is not PatternKind.WILDCARD or not inner or set(inner) & set("*?\\"):
        return None
    starts, ends = not pattern.text.startswith("*"), not pattern.text.endswith("*")
    if starts:
        return StringMatcher(prefix=inner)
    return StringMatcher(suffix=inner) if ends else StringMatcher(contains=inner)
