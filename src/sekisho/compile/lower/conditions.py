"""The conditions of a rule as one match.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""

import re
from dataclasses import replace

from sekisho.model.elbv2 import Condition
from sekisho.model.ir import HeaderMatch, Match, Pattern, PatternKind, QueryPair

_LONE_BACKSLASH = re.compile(r"\\(?![*?])")


def lower_conditions(conditions: tuple[Condition, ...]) -> tuple[Match, bool]:
    """Return the match for a rule's conditions, and whether all of them are of a kind that is run.

    A condition of another kind is left out, so that the match fits at least what the rule was meant for.
    """
    match = Match()
    complete = True
    for condition in conditions:
        extended = _with_repeatable(match, condition) or _with_single(match, condition)
        match = extended or match
        complete = complete and extended is not None
    return match, complete


def _with_single(match: Match, condition: Condition) -> Match | None:
    """Add a condition of which a rule has at most one."""
    match condition.field:
        case "path-pattern":
            return replace(match, path=_patterns(condition, case_sensitive=True))
        case "host-header":
            return replace(match, host=_patterns(condition, case_sensitive=False))
        case "http-request-method":
            return replace(match, methods=condition.values)
        case "source-ip":
            return replace(match, sources=condition.values)
    return None


def _with_repeatable(match: Match, condition: Condition) -> Match | None:
    """Add a condition of which a rule may have several, all of which have to hold."""
    if condition.field == "http-header" and condition.http_header_name:
        patterns = _patterns(condition, case_sensitive=False)
        return replace(
            match, headers=(*match.headers, HeaderMatch(condition.http_header_name.lower(), patterns))
        )
    if condition.field == "query-string":
        pairs = tuple(
            QueryPair(_query(pair.value), None if pair.key is None else _query(pair.key))
            for pair in condition.query
        )
        return replace(match, query=(*match.query, pairs))
    return None


def _patterns(condition: Condition, *, case_sensitive: bool) -> tuple[Pattern, ...]:
    # A regular expression says itself whether case matters.
    regexes = (Pattern(text, PatternKind.REGEX) for text in condition.regex_values)
    return (*(_wildcard(text, case_sensitive=case_sensitive) for text in condition.values), *regexes)


def _wildcard(text: str, *, case_sensitive: bool) -> Pattern:
    if "*" in text or "?" in text:
        return Pattern(text.replace("\\", "\\\\"), PatternKind.WILDCARD, case_sensitive)
    return Pattern(text, PatternKind.EXACT, case_sensitive)


def _query(text: str) -> Pattern:
    # "To search for a literal '*' or '?' character in a query string, you must escape these characters ... using a
    # '\' character": https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_QueryStringConditionConfig.html
    if "*" in text or "?" in text:
        return Pattern(_LONE_BACKSLASH.sub(r"\\\\", text), PatternKind.WILDCARD, case_sensitive=False)
    return Pattern(text, PatternKind.EXACT, case_sensitive=False)
