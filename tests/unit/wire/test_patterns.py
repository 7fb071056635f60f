import re

import pytest

from sekisho.wire import patterns
from sekisho.wire.models import SERVED, load_service_model
from sekisho.wire.patterns import is_match

USERNAME = r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+"


@pytest.mark.parametrize("service", SERVED)
def test_every_pattern_of_the_models_compiles(service: str) -> None:
    model = load_service_model(service)
    found = {model.shape_for(name).metadata.get("pattern") for name in model.shape_names} - {None}
    for pattern in found:
        assert isinstance(patterns._compile(pattern), re.Pattern)


@pytest.mark.parametrize("text", ["a", "\u00e4", "\u65e5\u672c", "x+y@z", "\u0301", "\U0001f600", "\u0663"])
def test_letters_marks_symbols_numbers_and_punctuation(text: str) -> None:
    assert is_match(USERNAME, text)


@pytest.mark.parametrize("text", ["", "a b", "a\u00a0b", "a\n", "\x00", "\u200b", "\ue000", "\U000f0000"])
def test_separators_controls_and_private_use_are_none_of_these(text: str) -> None:
    assert not is_match(USERNAME, text)


def test_a_class_stands_outside_brackets_too() -> None:
    assert is_match(r"\p{L}+", "abc")
    assert not is_match(r"\p{L}+", "abc1")


def test_a_negated_class() -> None:
    assert is_match(r"[^_\p{Z}]+", "a-b")
    assert not is_match(r"[^_\p{Z}]+", "a b")


def test_word_characters_are_ascii_as_in_java() -> None:
    assert not is_match(r"[\w-]+_[0-9a-zA-Z]+", "\u00fcs-east-1_abc")


def test_an_anchored_pattern_does_not_let_a_newline_through() -> None:
    assert not is_match(r"^[a-z]+$", "abc\n")
