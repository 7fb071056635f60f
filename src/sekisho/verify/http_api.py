"""HTTP API JWT authorizers: from a request's headers and query, a guard, a key set and the time to a decision.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sekisho.kernel.semantics import Rule
from sekisho.model.choices import DEFAULT_CHOICES, Choices
from sekisho.model.ir import HttpApiGuard, KeySet, KeySetState
from sekisho.verify import http_api_semantics as rules
from sekisho.verify import token_semantics as token_rules
from sekisho.verify.decision import Decision, Finding, Refusal, conclude, shown
from sekisho.verify.identity_source import read_header, read_parameter
from sekisho.verify.signature import HASHES, find_key, has_valid_signature
from sekisho.verify.times import Instant, shown_date
from sekisho.verify.token import (
    Flaw,
    MalformedTokenError,
    Token,
    find_wrong_type,
    is_string_array,
    parse_token,
)


def _invalid(description: str) -> Refusal:
    return Refusal(401, "invalid_token", description)


MISSING: Final = Refusal(401, "missing_token")
FORBIDDEN: Final = Refusal(403, "insufficient_scope")
FLAWS: Final = {
    Flaw.SEGMENTS: "token contains an invalid number of segments",
    Flaw.LENGTH: "token is malformed: it is too long",
    Flaw.BASE64: "illegal base64 data at input byte {offset}",
    Flaw.HEADER: "token is malformed: could not JSON decode header",
    Flaw.PAYLOAD: "token is malformed: could not JSON decode claim",
}
"""Flaw -> its text (HTTP-JWT-06, HTTP-JWT-07)."""

NO_ALGORITHM: Final = _invalid("signing method (alg) is unspecified.")
UNKNOWN_ALGORITHM: Final = _invalid("signing method (alg) is unavailable.")
EXTENSION: Final = _invalid("token is malformed: crit and b64 are not supported")
NO_DISCOVERY: Final = _invalid("OIDC discovery endpoint communication error")
NO_KEYS: Final = _invalid("JWKS communication error")
NO_KEY: Final = _invalid("unable to find a signing key that matches the kid")
WRONG_TYPE: Final = _invalid("token is malformed: could not JSON decode claim")
BAD_SIGNATURE: Final = _invalid("crypto/rsa: verification error")
BAD_ISSUER: Final = _invalid("the token does not have a valid issuer")
BAD_AUDIENCE: Final = _invalid("the token does not have a valid audience")
EXPIRED: Final = _invalid("the token has expired")
NOT_YET: Final = _invalid("the token is not valid yet")
FUTURE: Final = _invalid("the token was issued in the future")

_SCHEME = re.compile(r"\Abearer ", re.IGNORECASE)
_PLAIN_ALGORITHM = re.compile(r"[A-Za-z0-9-]{1,16}")


def decide_http_api(
    guard: HttpApiGuard,
    key_set: KeySet,
    headers: Sequence[tuple[str, str]],
    query: str,
    now: float,
    choices: Choices = DEFAULT_CHOICES,
) -> Decision:
    """Return what an HTTP API answers to a request with these headers and this query string.

    ``query`` is what stands behind the question mark, as it was sent; ``now`` is in seconds since 1970.
    """
    return conclude(_findings(guard, key_set, headers, query, Instant(now, choices.leeway)))


def _findings(
    guard: HttpApiGuard, key_set: KeySet, headers: Sequence[tuple[str, str]], query: str, now: Instant
) -> Iterator[Finding]:
    # HTTP-JWT-25: the order of the checks.
    value = _read_source(guard, headers, query)
    yield has_source(guard, value)
    try:
        token = parse_token(_without_scheme(guard, value))
    except MalformedTokenError as error:
        yield _malformed(error)
        return
    yield Finding(rules.HTTP_JWT_06, "a well-formed token", "a well-formed token")
    yield has_algorithm(token)
    yield has_no_extension(token)
    yield has_keys(guard, key_set)
    yield has_key(token, key_set)
    yield has_claim_types(token)
    yield has_signature(token, key_set)
    yield has_issuer(token, guard)
    yield has_audience(token, guard)
    yield is_not_expired(token, now)
    yield from is_valid_already(token, now)
    yield from is_issued_already(token, now)
    yield has_scope(token, guard)


# --- the source and the token ---------------------------------------------------------------------------------


def _read_source(guard: HttpApiGuard, headers: Sequence[tuple[str, str]], query: str) -> str:
    if guard.source == "query":
        return read_parameter(query, guard.source_name)  # HTTP-JWT-05
    return read_header(headers, guard.source_name)  # HTTP-JWT-04


def _without_scheme(guard: HttpApiGuard, value: str) -> str:
    if guard.source == "query":  # HTTP-JWT-26
        return value
    return _SCHEME.sub("", value, count=1)  # HTTP-JWT-02, HTTP-JWT-03


def has_source(guard: HttpApiGuard, value: str) -> Finding:
    """HTTP-JWT-01."""
    expected = f"a value in the {guard.source} {guard.source_name}"
    return Finding(
        rules.HTTP_JWT_01, expected, "a value" if value else "no value", None if value else MISSING
    )


def _malformed(error: MalformedTokenError) -> Finding:
    """HTTP-JWT-06 and HTTP-JWT-07."""
    text = FLAWS[error.flaw].format(offset=error.offset)
    return Finding(error.rule, "a well-formed token", error.found, _invalid(text))


# --- the key set and the signature ----------------------------------------------------------------------------


def has_algorithm(token: Token) -> Finding:
    """HTTP-JWT-08."""
    alg = token.header.get("alg")
    return Finding(rules.HTTP_JWT_08, "RS256, RS384 or RS512", shown(alg), _refuse_algorithm(alg))


def _refuse_algorithm(alg: Any) -> Refusal | None:
    if isinstance(alg, str) and alg in HASHES:
        return None
    if not isinstance(alg, str):
        return NO_ALGORITHM
    # The text goes into a header of the answer, so only what cannot do harm is repeated there.
    return (
        _invalid(f"signing method {alg} is invalid") if _PLAIN_ALGORITHM.fullmatch(alg) else UNKNOWN_ALGORITHM
    )


def has_no_extension(token: Token) -> Finding:
    """TOKEN-07."""
    names = [name for name in ("crit", "b64") if name in token.header]
    refusal = EXTENSION if names else None
    return Finding(token_rules.TOKEN_07, "no crit, no b64", ", ".join(names) or "neither", refusal)


def has_keys(guard: HttpApiGuard, key_set: KeySet) -> Finding:
    """HTTP-JWT-09 and HTTP-JWT-10."""
    expected = "a usable key set"
    if key_set.undiscovered:
        return Finding(rules.HTTP_JWT_09, expected, key_set.detail or key_set.state.value, NO_DISCOVERY)
    if key_set.name != guard.key_set:
        return Finding(rules.HTTP_JWT_10, guard.key_set, f"the key set {key_set.name}", NO_KEYS)
    if key_set.state is not KeySetState.READY or not key_set.keys:
        return Finding(rules.HTTP_JWT_10, expected, key_set.detail or key_set.state.value, NO_KEYS)
    return Finding(rules.HTTP_JWT_10, expected, f"{len(key_set.keys)} usable keys")


def has_key(token: Token, key_set: KeySet) -> Finding:
    """HTTP-JWT-11."""
    known = " or ".join(shown(key.kid) for key in key_set.keys)
    refusal = None if find_key(token, key_set) else NO_KEY
    return Finding(rules.HTTP_JWT_11, known, shown(token.header.get("kid")), refusal)


def has_claim_types(token: Token) -> Finding:
    """TOKEN-10 and TOKEN-11."""
    wrong = find_wrong_type(token.payload)
    if wrong is None:
        return Finding(token_rules.TOKEN_10, "the types of RFC 7519", "the types of RFC 7519")
    rule, name = wrong
    return Finding(rule, "the types of RFC 7519", f"{name}: {shown(token.payload[name])}", WRONG_TYPE)


def has_signature(token: Token, key_set: KeySet) -> Finding:
    """HTTP-JWT-12."""
    key = find_key(token, key_set)
    valid = key is not None and has_valid_signature(token, key)
    found = f"a signature that {'verifies' if valid else 'does not verify'}"
    return Finding(rules.HTTP_JWT_12, "a signature that verifies", found, None if valid else BAD_SIGNATURE)


# --- the claims -----------------------------------------------------------------------------------------------


def has_issuer(token: Token, guard: HttpApiGuard) -> Finding:
    """HTTP-JWT-13."""
    issuer = token.payload.get("iss")
    refusal = None if issuer == guard.issuer else BAD_ISSUER
    return Finding(rules.HTTP_JWT_13, shown(guard.issuer), shown(issuer), refusal)


def has_audience(token: Token, guard: HttpApiGuard) -> Finding:
    """HTTP-JWT-14, HTTP-JWT-15 and HTTP-JWT-16."""
    name = "aud" if "aud" in token.payload else "client_id"
    value = token.payload.get(name)
    candidates = value if name == "aud" and isinstance(value, list) else [value]
    fits = any(isinstance(candidate, str) and candidate in guard.audiences for candidate in candidates)
    rule = rules.HTTP_JWT_14 if name == "aud" else rules.HTTP_JWT_15
    if not guard.audiences:
        rule = rules.HTTP_JWT_16
    expected = f"one of {shown(list(guard.audiences))}"
    return Finding(rule, expected, f"{name}: {shown(value)}", None if fits else BAD_AUDIENCE)


def is_not_expired(token: Token, now: Instant) -> Finding:
    """HTTP-JWT-17."""
    if "exp" not in token.payload:
        return Finding(rules.HTTP_JWT_17, f"after {now}", "no exp", EXPIRED)
    date = token.payload["exp"]
    refusal = None if now.is_before(date) else EXPIRED
    return Finding(rules.HTTP_JWT_17, f"after {now}", shown_date(date), refusal)


def is_valid_already(token: Token, now: Instant) -> Iterator[Finding]:
    """HTTP-JWT-18."""
    return _reached(rules.HTTP_JWT_18, token, "nbf", now, NOT_YET)


def is_issued_already(token: Token, now: Instant) -> Iterator[Finding]:
    """HTTP-JWT-19."""
    return _reached(rules.HTTP_JWT_19, token, "iat", now, FUTURE)


def _reached(rule: Rule, token: Token, name: str, now: Instant, refusal: Refusal) -> Iterator[Finding]:
    if name in token.payload:
        date = token.payload[name]
        fits = now.has_reached(date)
        yield Finding(rule, f"not after {now}", shown_date(date), None if fits else refusal)


def has_scope(token: Token, guard: HttpApiGuard) -> Finding:
    """HTTP-JWT-20, HTTP-JWT-21 and HTTP-JWT-22."""
    if not guard.scopes:
        return Finding(rules.HTTP_JWT_22, "no scope", "no scope is asked for")
    name = "scp" if "scp" in token.payload else "scope"
    value: Any = token.payload.get(name)
    scopes: list[Any] = []
    if isinstance(value, str):
        scopes = value.split(" ")
    elif is_string_array(value):
        scopes = value
    fits = any(scope in guard.scopes for scope in scopes)
    expected = f"one of {shown(list(guard.scopes))}"
    return Finding(rules.HTTP_JWT_20, expected, f"{name}: {shown(value)}", None if fits else FORBIDDEN)
