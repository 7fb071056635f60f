"""Scalars as text: what the query protocol, paths, query strings and headers hold.

Timestamp formats: https://smithy.io/2.0/spec/protocol-traits.html#timestampformat-trait
"""

import base64
import binascii
import math
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from botocore.model import Shape

from sekisho.kernel.errors import ServiceError

ISO8601 = "iso8601"
EPOCH = "unixTimestamp"
RFC822 = "rfc822"

_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {"true": True, "false": False}
_SPECIAL_FLOATS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class MalformedValueError(ValueError):
    """A value on the wire is not of the type that the model asks for."""


def decode_text(shape: Shape, text: str) -> Any:  # noqa: PLR0911 - one line for each type
    """Return the value of a scalar that came as text.

    Raises:
        MalformedValueError: the text does not spell a value of that type.
    """
    match shape.type_name:
        case "string" | "character":
            return check_text(text)
        case "boolean" if text.lower() in _BOOLEANS:
            return _BOOLEANS[text.lower()]
        case "integer" | "long" if _INTEGER.fullmatch(text):
            return int(text)
        case "float" | "double" if _NUMBER.fullmatch(text):
            return float(text)
        case "float" | "double" if text in _SPECIAL_FLOATS:
            return _SPECIAL_FLOATS[text]
        case "timestamp":
            return parse_time(text)
        case "blob":
            return decode_base64(text)
        case _:
            raise MalformedValueError(f"STRING_VALUE can not be converted to {type_word(shape)}")


def encode_text(shape: Shape, value: Any, time_format: str) -> str:
    """Return a scalar as text; ``time_format`` counts where the model names none."""
    match shape.type_name:
        case "boolean":
            return "true" if value else "false"
        case "timestamp":
            return str(format_time(value, shape.serialization.get("timestampFormat", time_format)))
        case "blob":
            return encode_base64(value)
        case _:
            return str(value)


def type_word(shape: Shape) -> str:
    """Return a type as AWS's deserializers name it, e.g. ``an Integer``."""
    name = str(shape.type_name).capitalize()
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


def check_text(text: str) -> str:
    """Return the text.

    Raises:
        MalformedValueError: it holds half of a surrogate pair, which no answer could hold.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise MalformedValueError("STRING_VALUE is not valid Unicode") from None
    return text


def decode_base64(text: str) -> bytes:
    """Return the bytes of base64 text.

    Raises:
        MalformedValueError: the text is not base64.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedValueError("STRING_VALUE can not be converted to a Blob: it is not base64") from None


def encode_base64(value: bytes | str) -> str:
    """Return bytes, or text as UTF-8, in base64."""
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode("ascii")


def parse_time(text: str) -> datetime:
    """Return the instant that text in ISO 8601, RFC 822 or epoch seconds names.

    Raises:
        MalformedValueError: it is none of these.
    """
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            continue
    if _NUMBER.fullmatch(text):
        return from_epoch(float(text))
    raise MalformedValueError("STRING_VALUE can not be converted to a Timestamp")


def from_epoch(seconds: float) -> datetime:
    """Return the instant that many seconds after 1970.

    Raises:
        MalformedValueError: no calendar has it.
    """
    try:
        return _EPOCH_START + timedelta(microseconds=round(seconds * 1_000_000))
    except (OverflowError, ValueError):
        raise MalformedValueError("NUMBER_VALUE can not be converted to a Timestamp") from None


def format_time(moment: datetime, time_format: str, *, milliseconds: bool = False) -> str | float:
    """Return an aware instant in one of the three formats; epoch seconds are a number with milliseconds."""
    utc = moment.astimezone(UTC)
    if time_format == EPOCH:
        return (utc - _EPOCH_START) // timedelta(milliseconds=1) / 1000
    if time_format == RFC822:
        return format_datetime(utc, usegmt=True)
    spec = "milliseconds" if milliseconds else "seconds"
    return utc.replace(tzinfo=None).isoformat(timespec=spec) + "Z"


def refusal(code: str, error: MalformedValueError | str, path: str) -> ServiceError:
    """Return the refusal of a malformed value at a member's path."""
    return ServiceError(code, f"{error} at '{path}'" if path else str(error))
