"""The rules about tokens that hold on both edges."""

from sekisho.kernel.semantics import Kind, Rule

_JWS = "https://www.rfc-editor.org/rfc/rfc7515"
_JWA = "https://www.rfc-editor.org/rfc/rfc7518"
_JWT = "https://www.rfc-editor.org/rfc/rfc7519"
_JSON = "https://www.rfc-editor.org/rfc/rfc8259"
_BCP = "https://www.rfc-editor.org/rfc/rfc8725"

TOKEN_01 = Rule(
    "TOKEN-01",
    "A token has three segments, none of them empty: a compact JWS and no other serialization.",
    Kind.DOCUMENTED,
    f"{_JWS}#section-7.1",
)
TOKEN_02 = Rule(
    "TOKEN-02",
    "Every segment is canonical base64url: its alphabet only, no padding, no stray bits in the last character.",
    Kind.CHOSEN,
    f"{_JWS}#section-2",
    "Two spellings of one token are two keys in every deny list and cache; RFC 7515 knows one spelling.",
)
TOKEN_03 = Rule(
    "TOKEN-03",
    "Header and payload are each one JSON object in UTF-8, by the letter of RFC 8259.",
    Kind.DOCUMENTED,
    f"{_JWT}#section-7.2",
)
TOKEN_04 = Rule(
    "TOKEN-04",
    "A member name stands once in every object of header and payload.",
    Kind.CHOSEN,
    f"{_JWS}#section-4",
    "RFC 7515 allows to refuse or to take the last; the edge and a target that differ would be an attack.",
)
TOKEN_05 = Rule(
    "TOKEN-05",
    "Header and payload nest at most 32 deep; their numbers are finite, have at most 128 characters, and exponents of "
    "at most four digits.",
    Kind.CHOSEN,
    f"{_JSON}#section-9",
    "RFC 8259 lets a reader set limits; no claim set comes near these.",
)
TOKEN_06 = Rule(
    "TOKEN-06",
    "A token has at most 16,384 characters.",
    Kind.CHOSEN,
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html",
    "A longer one does not fit into the largest header that a load balancer takes.",
)
TOKEN_07 = Rule(
    "TOKEN-07",
    "A token with a crit or b64 header is refused, because no extension is supported.",
    Kind.CHOSEN,
    f"{_JWS}#section-4.1.11",
    "RFC 7515 demands it for unknown extensions, RFC 7797 section 7 forbids b64 in JWTs.",
)
TOKEN_08 = Rule(
    "TOKEN-08",
    "The kid of a token is a string that is not empty, and is compared as it is.",
    Kind.CHOSEN,
    f"{_JWS}#section-4.1.4",
    "AWS says that the kid must be found in the key set; without one there is nothing to find.",
)
TOKEN_09 = Rule(
    "TOKEN-09",
    "Keys and addresses of keys in a token's header (jwk, jku, x5c, x5u) are ignored.",
    Kind.DOCUMENTED,
    f"{_BCP}#section-3.10",
)
TOKEN_10 = Rule(
    "TOKEN-10",
    "The claims of RFC 7519 have its types: iss, sub and jti strings, aud a string or an array of strings, exp, nbf "
    "and iat numbers; a null is none of them. This is checked before the signature.",
    Kind.CHOSEN,
    f"{_JWT}#section-4.1",
    "Envoy refuses such a token before it verifies it.",
)
TOKEN_11 = Rule(
    "TOKEN-11",
    "The dates of a token lie between 1970 and 9999, nbf before 2106.",
    Kind.CHOSEN,
    f"{_JWT}#section-2",
    "What no clock will show is a mistake of the issuer; Envoy compares no further.",
)
TOKEN_12 = Rule(
    "TOKEN-12",
    "A key that names an algorithm verifies only tokens of that algorithm.",
    Kind.DOCUMENTED,
    "https://www.rfc-editor.org/rfc/rfc7517#section-4.4",
)
TOKEN_13 = Rule(
    "TOKEN-13",
    "A signature is exactly the one PKCS #1 v1.5 block of the key's length; no variant of its padding counts.",
    Kind.DOCUMENTED,
    f"{_JWA}#section-3.3",
)
TOKEN_14 = Rule(
    "TOKEN-14",
    "Times are compared to the millisecond, with no leeway.",
    Kind.CHOSEN,
    f"{_JWT}#section-4.1.4",
    "No page of AWS grants a leeway; RFC 7519 allows one. Switch: Choices.leeway.",
)
TOKEN_15 = Rule(
    "TOKEN-15",
    "Names and values of claims are compared code point by code point, without case folding or normalization.",
    Kind.DOCUMENTED,
    f"{_JWT}#section-7.3",
)
TOKEN_16 = Rule(
    "TOKEN-16",
    "The type of a token (typ, token_use) is not looked at: an ID token passes where its claims do.",
    Kind.OBSERVED,
    "https://github.com/floci-io/floci/pull/2011",
)

RULES: tuple[Rule, ...] = (
    TOKEN_01,
    TOKEN_02,
    TOKEN_03,
    TOKEN_04,
    TOKEN_05,
    TOKEN_06,
    TOKEN_07,
    TOKEN_08,
    TOKEN_09,
    TOKEN_10,
    TOKEN_11,
    TOKEN_12,
    TOKEN_13,
    TOKEN_14,
    TOKEN_15,
    TOKEN_16,
)
"""Every rule about tokens, in the order of their ids."""
