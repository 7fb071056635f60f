import random

import pytest

from sekisho.kernel.re2 import RegexError, parse_regex

GOOD = {
    "": 0,
    "^/a/(.*)$": 1,
    "a|b|": 0,
    "(?i)abc": 0,
    "(?i-s:abc)": 0,
    "(?P<x>a)(?<y>b)(?:c)": 2,
    "[a-z0-9_-]+": 0,
    "[]a][^]][[:alpha:]\\d-]": 0,
    "a{2,3}?b{2,}c{0}": 0,
    "a{,3}{": 0,
    "\\x41\\x{1F600}\\t\\.\\/\\_": 0,
    "\\A\\bword\\B\\z": 0,
    "(a{100}){10}": 1,
    "^*": 0,
}
BAD = [
    *("(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?>a)", "(?#c)", "(?(1)a)", "(?R)", "(?1)", "(?"),
    *("a++", "a*+", "a**", "a{2}{3}", "*a", "{2}", "(?i)*", "a|*"),
    *("\\1", "\\k<a>", "\\pL", "\\p{Lu}", "\\Z", "\\G", "\\u1234", "\\", "\\x{110000}", "\\é", "[\\b]"),
    *("(a", "a)", "[a", "[z-a]", "[a-\\d]", "[[:foo:]]", "(?P<a>x)(?P<a>y)", "(?P<1>x)"),
    *("a{1001}", "a{3,2}", "(a{100}){11}", ".{1000}" * 11, "(" * 51 + ")" * 51),
]


@pytest.mark.parametrize(("text", "groups"), GOOD.items())
def test_what_re2_takes_is_taken(text: str, groups: int) -> None:
    assert parse_regex(text).groups == groups


@pytest.mark.parametrize("text", BAD)
def test_the_rest_is_refused(text: str) -> None:
    with pytest.raises(RegexError):
        parse_regex(text)


def test_what_is_taken_compiles_in_re2() -> None:
    re2 = pytest.importorskip(
        "re2", reason="google-re2 is not installed: the oracle of RE2's syntax is missing"
    )
    options = re2.Options()
    options.log_errors = False
    pieces = [*"ab01-^$.*+?|()[]{}\\:,/ &=<>!_é", "(?:", "(?i)", "(?P<x>", "(?<y>", "{2}", "{2,}", "{2,3}"]
    pieces += [
        "{1000}",
        "\\d",
        "\\w",
        "\\b",
        "\\x41",
        "[[:alpha:]]",
        "[^",
        "a-z",
        "[a-z]",
        "(?-s)",
        "{0}",
        "\\t",
    ]
    draw = random.Random(20261121)
    taken = 0
    for _ in range(10_000):
        text = "".join(draw.choices(pieces, k=draw.randint(1, 9)))
        try:
            regex = parse_regex(text)
        except RegexError:
            continue
        taken += 1
        assert re2.compile(text, options).groups == regex.groups, text
    assert taken > 2_500
