import pytest
from envoy.type.matcher.v3.string_pb2 import StringMatcher

from sekisho.compile.emit.patterns import emit_string_match, escape, regex_of
from sekisho.model.ir import Pattern, PatternKind


def wild(text: str, *, case: bool = True) -> Pattern:
    return Pattern(text, PatternKind.WILDCARD, case)


@pytest.mark.parametrize(
    ("pattern", "regex"),
    [
        (Pattern("a.b+c"), r"(?:a\.b\+c)"),
        (Pattern("A", case_sensitive=False), "(?i:A)"),
        (wild("/a?/*.js"), r"(?:/a[ -~]/\C*\.js)"),
        (wild(r"a\*b\?c\\d*"), r"(?:a\*b\?c\\d\C*)"),
        (Pattern("^/v[0-9]$", PatternKind.REGEX), r"(?:\C*(?:^/v[0-9]$)\C*)"),
        (Pattern("a|b", PatternKind.REGEX), r"(?:\C*(?:a|b)\C*)"),
    ],
)
@pytest.mark.semantics("EDGE-08", "EDGE-09")
def test_patterns_become_regular_expressions(pattern: Pattern, regex: str) -> None:
    assert regex_of(pattern) == regex


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (Pattern("x"), StringMatcher(exact="x")),
        (Pattern("x*", case_sensitive=False), StringMatcher(exact="x*", ignore_case=True)),
        (wild("x*"), StringMatcher(prefix="x")),
        (wild("*x", case=False), StringMatcher(suffix="x", ignore_case=True)),
        (wild("*x*"), StringMatcher(contains="x")),
    ],
)
def test_simple_patterns_need_no_regular_expression(pattern: Pattern, expected: StringMatcher) -> None:
    assert emit_string_match((pattern,)) == expected


@pytest.mark.parametrize("text", ["*", "**", "a*b", "a?", r"a\*", r"\**", "*a*b*", r"*a\?"])
def test_other_patterns_do(text: str) -> None:
    matcher = emit_string_match((wild(text),))
    assert matcher.WhichOneof("match_pattern") == "safe_regex"


def test_alternatives_are_one_expression() -> None:
    matcher = emit_string_match((Pattern("a"), wild("b*")))
    assert matcher.safe_regex.regex == r"(?:a)|(?:b\C*)"


def test_escape_covers_every_operator() -> None:
    assert escape("a\\.+*?()|[]{}^$/-") == r"a\\\.\+\*\?\(\)\|\[\]\{\}\^\$/-"
