"""ALB ``jwt-validation``: from a request's headers, a guard, a key set and the time to a decision.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-verify-jwt.html
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from sekisho.kernel.semantics import Rule
from sekisho.model.choices import DEFAULT_CHOICES, Choices
from sekisho.model.ir import AlbGuard, ClaimCheck, ClaimFormat, KeySet, KeySetState
from sekisho.verify import alb_semantics as rules
from sekisho.verify import token_semantics as token_rules
from sekisho.verify.decision import Decision, Finding, Refusal, conclude, shown
from sekisho.verify.identity_source import read_values
from sekisho.verify.signature import find_key, has_valid_signature
from sekisho.verify.times import Instant, shown_date
from sekisho.verify.token import MalformedTokenError, Token, find_wrong_type, is_string_array, parse_token

NO_HEADER: Final = Refusal(401, "JWTHeaderNotPresent")
BAD_REQUEST: Final = Refusal(401, "JWTRequestFormatInvalid")
BAD_SIGNATURE: Final = Refusal(401, "JWTSignatureValidationError")
CLAIM_MISSING: Final = Refusal(401, "JWTClaimNotPresent")
CLAIM_FORMAT: Final = Refusal(401, "JWTClaimFormatInvalid")
CLAIM_VALUE: Final = Refusal(401, "JWTClaimValueInvalid")
KEYS_INVALID: Final = Refusal(562, "JWKSResponseInvalid")

STATES: Final[dict[KeySetState, tuple[Rule, Refusal]]] = {
    KeySetState.UNREACHABLE: (rules.ALB_JWT_06, Refusal(500, "JWKSRequestTimeout")),
    KeySetState.TOO_LARGE: (rules.ALB_JWT_07, Refusal(500, "JWKSResponseSizeExceeded")),
    KeySetState.REFUSED: (rules.ALB_JWT_08, Refusal(562, "JWKSRequestFailed")),
    KeySetState.INVALID: (rules.ALB_JWT_09, KEYS_INVALID),
    KeySetState.PENDING: (rules.ALB_JWT_10, Refusal(500, "JWTValidationInternalError")),
}
"""What a key set that is not ready answers."""

_VALUE = re.compile(r"([A-Za-z]+) ([^ ,\t]+)\Z")


def decide_alb(
    guard: AlbGuard,
    key_set: KeySet,
    headers: Sequence[tuple[str, str]],
    now: float,
    choices: Choices = DEFAULT_CHOICES,
) -> Decision:
    """Return what an ALB answers to a request with these headers. ``now`` is in seconds since 1970."""
    return conclude(_findings(guard, key_set, headers, Instant(now, choices.leeway), choices))


def _findings(
    guard: AlbGuard, key_set: KeySet, headers: Sequence[tuple[str, str]], now: Instant, choices: Choices
) -> Iterator[Finding]:
    # ALB-JWT-28: the order of the checks.
    values = read_values(headers, "authorization")
    yield has_header(values)
    yield has_one_header(values)
    yield has_scheme(values[0], choices)
    yield has_one_token(values[0])
    try:
        token = parse_token(values[0].partition(" ")[2])
    except MalformedTokenError as error:  # ALB-JWT-05
        yield Finding(error.rule, "a well-formed token", error.found, BAD_REQUEST)
        return
    yield Finding(rules.ALB_JWT_05, "a well-formed token", "a well-formed token")
    yield has_keys(guard, key_set)
    yield has_algorithm(token)
    yield has_no_extension(token)
    yield from has_key(token, key_set)
    yield has_claim_types(token)
    yield has_signature(token, key_set)
    yield from _claims(guard, token, now, choices)


def _claims(guard: AlbGuard, token: Token, now: Instant, choices: Choices) -> Iterator[Finding]:
    yield has_issuer_claim(token)
    yield has_expiry_claim(token)
    yield has_issuer(token, guard)
    yield is_not_expired(token, now)
    yield from is_valid_already(token, now)
    yield from is_issued_already(token, now)
    for claim in guard.claims:  # ALB-JWT-27
        yield has_claim(token, claim)
        yield has_claim_format(token, claim)
        yield has_claim_value(token, claim, choices)


# --- the header -----------------------------------------------------------------------------------------------


def has_header(values: Sequence[str]) -> Finding:
    """ALB-JWT-01."""
    found = f"{len(values)} such headers"
    return Finding(rules.ALB_JWT_01, "an Authorization header", found, None if values else NO_HEADER)


def has_one_header(values: Sequence[str]) -> Finding:
    """ALB-JWT-02."""
    found = f"{len(values)} such headers"
    refusal = None if len(values) == 1 else BAD_REQUEST
    return Finding(rules.ALB_JWT_02, "one Authorization header", found, refusal)


def has_scheme(value: str, choices: Choices) -> Finding:
    """ALB-JWT-03."""
    scheme = value.partition(" ")[0]
    fits = scheme == "Bearer" or (choices.bearer_any_case and scheme.lower() == "bearer")
    found = shown(scheme) if re.fullmatch("[A-Za-z]{1,16}", scheme) else "something else"
    return Finding(rules.ALB_JWT_03, '"Bearer"', found, None if fits else BAD_REQUEST)


def has_one_token(value: str) -> Finding:
    """ALB-JWT-04."""
    fits = _VALUE.match(value)
    found = "one token" if fits else "no token, or more than one token"
    return Finding(rules.ALB_JWT_04, "one token", found, None if fits else BAD_REQUEST)


# --- the key set and the signature ----------------------------------------------------------------------------


def has_keys(guard: AlbGuard, key_set: KeySet) -> Finding:
    """ALB-JWT-06 to ALB-JWT-10."""
    if key_set.name != guard.key_set:
        rule, refusal = STATES[KeySetState.PENDING]
        return Finding(rule, guard.key_set, f"the key set {key_set.name}", refusal)
    if key_set.state is KeySetState.READY and key_set.keys:
        return Finding(rules.ALB_JWT_09, "a usable key set", f"{len(key_set.keys)} usable keys")
    state = KeySetState.INVALID if key_set.state is KeySetState.READY else key_set.state
    rule, refusal = STATES[state]
    return Finding(rule, "a usable key set", key_set.detail or state.value, refusal)


def has_algorithm(token: Token) -> Finding:
    """ALB-JWT-11."""
    alg = token.header.get("alg")
    return Finding(rules.ALB_JWT_11, '"RS256"', shown(alg), None if alg == "RS256" else BAD_SIGNATURE)


def has_no_extension(token: Token) -> Finding:
    """TOKEN-07."""
    names = [name for name in ("crit", "b64") if name in token.header]
    refusal = BAD_SIGNATURE if names else None
    return Finding(token_rules.TOKEN_07, "no crit, no b64", ", ".join(names) or "neither", refusal)


def has_key(token: Token, key_set: KeySet) -> Iterator[Finding]:
    """TOKEN-08, ALB-JWT-13, ALB-JWT-12."""
    kid = token.header.get("kid")
    if not isinstance(kid, str) or not kid:
        yield Finding(token_rules.TOKEN_08, "a kid", shown(kid), BAD_SIGNATURE)
    if kid in key_set.refused:
        yield Finding(rules.ALB_JWT_13, "a key that may be used", shown(kid), KEYS_INVALID)
    known = " or ".join(shown(key.kid) for key in key_set.keys)
    refusal = None if find_key(token, key_set) else BAD_SIGNATURE
    yield Finding(rules.ALB_JWT_12, known, shown(kid), refusal)


def has_claim_types(token: Token) -> Finding:
    """TOKEN-10 and TOKEN-11."""
    wrong = find_wrong_type(token.payload)
    if wrong is None:
        return Finding(token_rules.TOKEN_10, "the types of RFC 7519", "the types of RFC 7519")
    rule, name = wrong
    return Finding(rule, "the types of RFC 7519", f"{name}: {shown(token.payload[name])}", CLAIM_FORMAT)


def has_signature(token: Token, key_set: KeySet) -> Finding:
    """ALB-JWT-14."""
    key = find_key(token, key_set)
    valid = key is not None and has_valid_signature(token, key)
    found = f"a signature that {'verifies' if valid else 'does not verify'}"
    return Finding(rules.ALB_JWT_14, "a signature that verifies", found, None if valid else BAD_SIGNATURE)


# --- the claims -----------------------------------------------------------------------------------------------


def has_issuer_claim(token: Token) -> Finding:
    """ALB-JWT-15."""
    return _present(rules.ALB_JWT_15, token, "iss")


def has_expiry_claim(token: Token) -> Finding:
    """ALB-JWT-16."""
    return _present(rules.ALB_JWT_16, token, "exp")


def has_issuer(token: Token, guard: AlbGuard) -> Finding:
    """ALB-JWT-17."""
    issuer = token.payload["iss"]
    refusal = None if issuer == guard.issuer else CLAIM_VALUE
    return Finding(rules.ALB_JWT_17, shown(guard.issuer), shown(issuer), refusal)


def is_not_expired(token: Token, now: Instant) -> Finding:
    """ALB-JWT-18."""
    date = token.payload["exp"]
    refusal = None if now.is_before(date) else CLAIM_VALUE
    return Finding(rules.ALB_JWT_18, f"after {now}", shown_date(date), refusal)


def is_valid_already(token: Token, now: Instant) -> Iterator[Finding]:
    """ALB-JWT-19."""
    if "nbf" in token.payload:
        date = token.payload["nbf"]
        refusal = None if now.has_reached(date) else CLAIM_VALUE
        yield Finding(rules.ALB_JWT_19, f"not after {now}", shown_date(date), refusal)


def is_issued_already(token: Token, now: Instant) -> Iterator[Finding]:
    """ALB-JWT-20."""
    if "iat" in token.payload:
        date = token.payload["iat"]
        refusal = None if now.has_reached(date) else CLAIM_VALUE
        yield Finding(rules.ALB_JWT_20, f"not after {now}", shown_date(date), refusal)


def has_claim(token: Token, claim: ClaimCheck) -> Finding:
    """ALB-JWT-21."""
    return _present(rules.ALB_JWT_21, token, claim.name)


def has_claim_format(token: Token, claim: ClaimCheck) -> Finding:
    """ALB-JWT-26."""
    value = token.payload[claim.name]
    wants_array = claim.format is ClaimFormat.STRING_ARRAY
    fits = is_string_array(value) if wants_array else isinstance(value, str)
    found = f"{claim.name}: {shown(value)}"
    expected = "an array of strings" if wants_array else "a string"
    return Finding(rules.ALB_JWT_26, expected, found, None if fits else CLAIM_FORMAT)


def has_claim_value(token: Token, claim: ClaimCheck, choices: Choices) -> Finding:
    """ALB-JWT-22, ALB-JWT-23 or ALB-JWT-24, by the claim's format."""
    rule, test = _FORMATS[claim.format]
    value = token.payload[claim.name]
    refusal = None if test(value, claim.values, choices) else CLAIM_VALUE
    return Finding(rule, f"{claim.name}: {shown(list(claim.values))}", shown(value), refusal)


def _is_one(value: Any, wanted: Sequence[str], _choices: Choices) -> bool:
    return value in wanted


def _has_one(value: Any, wanted: Sequence[str], _choices: Choices) -> bool:
    return any(element in wanted for element in value)


def _has_words(value: Any, wanted: Sequence[str], choices: Choices) -> bool:
    words = set(value.split(" ")) - {""}  # ALB-JWT-25
    return (all if choices.every_space_separated_value else any)(word in words for word in wanted)


_FORMATS: Final[dict[ClaimFormat, tuple[Rule, Callable[[Any, Sequence[str], Choices], bool]]]] = {
    ClaimFormat.SINGLE_STRING: (rules.ALB_JWT_22, _is_one),
    ClaimFormat.STRING_ARRAY: (rules.ALB_JWT_23, _has_one),
    ClaimFormat.SPACE_SEPARATED: (rules.ALB_JWT_24, _has_words),
}


def _present(rule: Rule, token: Token, name: str) -> Finding:
    found = f"{name}: {shown(token.payload[name])}" if name in token.payload else "no such claim"
    return Finding(rule, f"a claim {name}", found, None if name in token.payload else CLAIM_MISSING)
