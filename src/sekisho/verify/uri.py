"""The path that a rule is matched against: the request's, normalized. ``normalize.lua`` does the same."""

import re

_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


def normalize_target(target: str) -> str:
    """Return a request target with its path normalized; the query stays as it is."""
    path, mark, query = target.partition("?")
    if not path.startswith("/"):
        return target
    return _remove_dot_segments(_ENCODED.sub(_decode_unreserved, path)) + mark + query


def _decode_unreserved(encoded: re.Match[str]) -> str:
    character = chr(int(encoded[1], 16))
    return character if _UNRESERVED.fullmatch(character) else encoded[0]  # URI-01


def _remove_dot_segments(path: str) -> str:
    segments = path[1:].split("/")
    kept: list[str] = []
    for segment in segments:  # URI-02
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
