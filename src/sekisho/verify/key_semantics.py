"""The rules about key sets: what a JWKS endpoint may answer, and which of its keys count."""

from sekisho.kernel.semantics import Kind, Rule

_VERIFY = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-verify-jwt.html"
_LOGS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html"
_QUOTAS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"
_AUTHORIZER = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html"
_JWK = "https://www.rfc-editor.org/rfc/rfc7517"
_JWA = "https://www.rfc-editor.org/rfc/rfc7518"

KEYS_01 = Rule(
    "KEYS-01",
    "A key set of more than 150,000 bytes is not used.",
    Kind.DOCUMENTED,
    _QUOTAS,
    "The HTTP API quota is in bytes. The ALB page says 150 KB; the decimal reading is the stricter one.",
)
KEYS_02 = Rule(
    "KEYS-02", "An ALB uses no key set of more than 10 keys, whatever the keys are.", Kind.DOCUMENTED, _VERIFY
)
KEYS_03 = Rule(
    "KEYS-03",
    "A body that is not one JSON object in UTF-8 with an array of JWKs in its member keys is not a key set.",
    Kind.DOCUMENTED,
    _LOGS,
    "JWKSResponseInvalid: not JSON, invalid characters, not a JWKS, a mandatory attribute missing.",
)
KEYS_04 = Rule(
    "KEYS-04",
    "Duplicate member names anywhere in a key set make it invalid.",
    Kind.CHOSEN,
    f"{_JWK}#section-4",
    "RFC 7517 allows to reject them or to take the last; two readers that differ are an attack.",
)
KEYS_05 = Rule(
    "KEYS-05",
    "A key that cannot be used is left out; the set stays usable while it has a usable key.",
    Kind.CHOSEN,
    f"{_JWK}#section-5",
    "The ALB page can be read so that one such key spoils the set; mixed sets would then fail.",
)
KEYS_06 = Rule("KEYS-06", "A key set without any usable key is invalid.", Kind.DOCUMENTED, _LOGS)
KEYS_07 = Rule("KEYS-07", "For an ALB a key has exactly 2048 bits.", Kind.DOCUMENTED, _LOGS)
KEYS_08 = Rule(
    "KEYS-08",
    "For an HTTP API a key has at least 2048 bits and at most 8192.",
    Kind.CHOSEN,
    f"{_JWA}#section-3.3",
    "RFC 7518 demands 2048 bits or larger; verifying with larger keys than 8192 bits only costs time.",
)
KEYS_09 = Rule(
    "KEYS-09",
    "Only RSA keys count, and an alg must be RS256 (ALB), or RS256, RS384 or RS512 (HTTP API).",
    Kind.DOCUMENTED,
    _AUTHORIZER,
)
KEYS_10 = Rule("KEYS-10", "A key whose use is not sig does not count.", Kind.CHOSEN, f"{_JWK}#section-4.2")
KEYS_11 = Rule(
    "KEYS-11", "A key whose key_ops lack verify does not count.", Kind.CHOSEN, f"{_JWK}#section-4.3"
)
KEYS_12 = Rule(
    "KEYS-12",
    "A key that holds private members does not count.",
    Kind.CHOSEN,
    f"{_JWK}#section-9.3",
    "A published private key lets anybody sign.",
)
KEYS_13 = Rule(
    "KEYS-13",
    "A key without a kid does not count, because a token chooses its key by kid.",
    Kind.DOCUMENTED,
    _LOGS,
)
KEYS_14 = Rule(
    "KEYS-14",
    "Different keys with the same kid do not count, neither of them; identical ones count once.",
    Kind.CHOSEN,
    f"{_JWK}#section-4.5",
    "RFC 7517: different keys should have different ids; guessing which one is meant is not safe.",
)
KEYS_15 = Rule(
    "KEYS-15",
    "The modulus and the exponent are minimal base64url without padding; the exponent is odd, at least 3 and "
    "at most 33 bits long; the modulus is odd.",
    Kind.CHOSEN,
    f"{_JWA}#section-6.3.1",
    "What RFC 7518 says must be written, and what Envoy's BoringSSL accepts.",
)
KEYS_16 = Rule(
    "KEYS-16",
    "A modulus with the fingerprint of the ROCA weakness does not count.",
    Kind.CHOSEN,
    "https://nvd.nist.gov/vuln/detail/CVE-2017-15361",
    "Such keys can be factored; a random key has the fingerprint once in a hundred million.",
)

RULES: tuple[Rule, ...] = (
    KEYS_01,
    KEYS_02,
    KEYS_03,
    KEYS_04,
    KEYS_05,
    KEYS_06,
    KEYS_07,
    KEYS_08,
    KEYS_09,
    KEYS_10,
    KEYS_11,
    KEYS_12,
    KEYS_13,
    KEYS_14,
    KEYS_15,
    KEYS_16,
)
"""Every rule about key sets, in the order of their ids."""
