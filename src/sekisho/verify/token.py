"""From the text of a compact JWS to its parts, or the rule that it breaks."""

import base64
import json
import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NoReturn

from sekisho.kernel.semantics import Rule
from sekisho.verify.token_semantics import (
    TOKEN_01,
    TOKEN_02,
    TOKEN_03,
    TOKEN_04,
    TOKEN_05,
    TOKEN_06,
    TOKEN_10,
    TOKEN_11,
)

LONGEST_TOKEN = 16 * 1024
"""Characters (TOKEN-06)."""

DEEPEST_JSON = 32
"""Levels of objects and arrays, the outermost one included (TOKEN-05)."""

LONGEST_NUMBER = 128
"""Characters; an exponent has at most four digits of them (TOKEN-05)."""

LATEST_DATE: Final = {"exp": 253_402_300_799, "nbf": 2**32 - 1, "iat": 253_402_300_799}
"""Claim -> the last second that it may name (TOKEN-11)."""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_FOREIGN = re.compile(r"[^A-Za-z0-9_-]")
_LONG_EXPONENT = re.compile(r"[eE][+-]?[0-9]{5}")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


class Flaw(StrEnum):
    """What is wrong with a token's form; an HTTP API has a text for each."""

    SEGMENTS = "segments"
    LENGTH = "length"
    BASE64 = "base64"
    HEADER = "header"
    PAYLOAD = "payload"


class MalformedTokenError(Exception):
    """The token does not have the form of a JWT.

    Attributes:
        rule: the rule that it breaks.
        flaw: what is wrong.
        found: what was found, fit to be shown.
        offset: for BASE64, the place of the first wrong character in its segment.
    """

    def __init__(self, rule: Rule, flaw: Flaw, found: str, offset: int = 0) -> None:
        super().__init__(found)
        self.rule = rule
        self.flaw = flaw
        self.found = found
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Token:
    """The parts of a token. Nothing in it has been verified; numbers are floats."""

    header: dict[str, Any]
    payload: dict[str, Any]
    signing_input: bytes
    signature: bytes


def parse_token(text: str) -> Token:
    """Return the parts of a compact JWS whose payload is a claim set.

    Raises:
        MalformedTokenError: it is none.
    """
    segments = text.split(".")
    if len(segments) != 3 or not all(segments):  # TOKEN-01
        found = f"{len(segments)} segments, {segments.count('')} of them empty"
        raise MalformedTokenError(TOKEN_01, Flaw.SEGMENTS, found)
    if len(text) > LONGEST_TOKEN:  # TOKEN-06
        raise MalformedTokenError(TOKEN_06, Flaw.LENGTH, f"{len(text)} characters")
    header, payload, signature = [decode_base64url(segment) for segment in segments]
    signing_input = text.rpartition(".")[0].encode("ascii")
    return Token(
        load_object(header, Flaw.HEADER), load_object(payload, Flaw.PAYLOAD), signing_input, signature
    )


def decode_base64url(segment: str) -> bytes:
    """Return the octets of canonical base64url without padding.

    Raises:
        MalformedTokenError: it is not canonical (TOKEN-02).
    """
    foreign = _FOREIGN.search(segment)
    if foreign is not None:
        found = f"a character outside the alphabet at {foreign.start()}"
        raise MalformedTokenError(TOKEN_02, Flaw.BASE64, found, foreign.start())
    rest = len(segment) % 4
    # Of the last character only the bits that complete an octet may be set (RFC 4648 section 3.5).
    stray = {0: 0, 2: 0b1111, 3: 0b11}.get(rest)
    if stray is None or _ALPHABET.index(segment[-1]) & stray:
        raise MalformedTokenError(TOKEN_02, Flaw.BASE64, "stray bits in the last character", len(segment) - 1)
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def load_object(octets: bytes, flaw: Flaw) -> dict[str, Any]:
    """Return one JSON object, its numbers as floats.

    Raises:
        MalformedTokenError: it breaks TOKEN-03, TOKEN-04 or TOKEN-05.
    """
    try:
        text = octets.decode("utf-8")
        _check_depth(text, flaw)
        value = json.loads(
            text,
            object_pairs_hook=lambda pairs: _unique(pairs, flaw),
            parse_float=lambda number: _finite(number, flaw),
            parse_int=lambda number: _finite(number, flaw),
            parse_constant=lambda _: _refuse(TOKEN_03, flaw, "NaN or Infinity"),
        )
        # Escapes can spell half of a surrogate pair, which UTF-8 cannot (RFC 8259 section 8.2).
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeError:
        _refuse(TOKEN_03, flaw, "text that is not UTF-8")
    except json.JSONDecodeError:
        _refuse(TOKEN_03, flaw, "text that is not JSON")
    if not isinstance(value, dict):
        _refuse(TOKEN_03, flaw, "JSON, but no object")
    return value


def find_wrong_type(payload: dict[str, Any]) -> tuple[Rule, str] | None:
    """Return the rule that a registered claim breaks by its type or its range, and the claim's name."""
    for name in ("iss", "sub", "jti"):  # TOKEN-10
        if name in payload and not isinstance(payload[name], str):
            return TOKEN_10, name
    if "aud" in payload and not _is_audience(payload["aud"]):
        return TOKEN_10, "aud"
    for name, latest in LATEST_DATE.items():
        if name not in payload:
            continue
        if not isinstance(payload[name], float):
            return TOKEN_10, name
        if not 0 <= payload[name] <= latest:  # TOKEN-11
            return TOKEN_11, name
    return None


def is_string_array(value: Any) -> bool:
    """Tell whether a JSON value is an array of nothing but strings."""
    return isinstance(value, list) and all(isinstance(element, str) for element in value)


def _is_audience(value: Any) -> bool:
    return isinstance(value, str) or is_string_array(value)


def _check_depth(text: str, flaw: Flaw) -> None:
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        if bracket[0] in "[{":
            depth += 1
        elif bracket[0] in "]}":
            depth -= 1
        if depth > DEEPEST_JSON:  # TOKEN-05
            _refuse(TOKEN_05, flaw, f"more than {DEEPEST_JSON} levels")


def _unique(pairs: list[tuple[str, Any]], flaw: Flaw) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):  # TOKEN-04
        _refuse(TOKEN_04, flaw, "a member name twice in one object")
    return members


def _finite(number: str, flaw: Flaw) -> float:
    if len(number) > LONGEST_NUMBER or _LONG_EXPONENT.search(number):  # TOKEN-05
        _refuse(TOKEN_05, flaw, "a number that is too long")
    value = float(number)
    if not math.isfinite(value):  # TOKEN-05
        _refuse(TOKEN_05, flaw, "a number beyond the range of a double")
    return value


def _refuse(rule: Rule, flaw: Flaw, found: str) -> NoReturn:
    raise MalformedTokenError(rule, flaw, f"in the {flaw}: {found}")
