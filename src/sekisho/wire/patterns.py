"""Smithy's regular expressions (Java's dialect) as Python's.

What differs in the models: ``\\p{L}`` classes, and that a value must match as a whole.
Source: https://smithy.io/2.0/spec/constraint-traits.html#pattern-trait
"""

import functools
import itertools
import re
import unicodedata

_PROPERTY = re.compile(r"\\p\{([A-Z])\}")
# Planes 4 to 13 are unassigned, 15 and 16 are private use: no letter, mark, number, sign or space.
_ASSIGNED = (range(0x40000), range(0xE0000, 0xE1000))


def is_match(pattern: str, text: str) -> bool:
    """Tell whether the whole text matches the pattern."""
    return _compile(pattern).fullmatch(text) is not None


@functools.cache
def _compile(pattern: str) -> re.Pattern[str]:
    # Java's \w, \d and \s mean ASCII.
    return re.compile(_PROPERTY.sub(_expand, pattern), re.ASCII)


def _expand(found: re.Match[str]) -> str:
    ranges = _category_ranges()[found[1]]
    text = found.string[: found.start()]
    inside = text.replace("\\[", "").replace("\\]", "").rfind("[") > text.replace("\\]", "").rfind("]")
    return ranges if inside else f"[{ranges}]"


@functools.cache
def _category_ranges() -> dict[str, str]:
    """Return, for each major Unicode category, its code points as the inside of a character class."""
    classes: dict[str, list[str]] = {}
    for span in _ASSIGNED:
        for category, run in itertools.groupby(span, key=lambda code: unicodedata.category(chr(code))[0]):
            codes = list(run)
            classes.setdefault(category, []).append(f"\\U{codes[0]:08x}-\\U{codes[-1]:08x}")
    return {category: "".join(parts) for category, parts in classes.items()}
