"""The rules of ALB ``jwt-validation``."""

from sekisho.kernel.semantics import Kind, Rule

_ALB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application"
_VERIFY = f"{_ALB}/listener-verify-jwt.html"
_LOGS = f"{_ALB}/load-balancer-access-logs.html"
_TROUBLE = f"{_ALB}/load-balancer-troubleshooting.html"
_ARRAY_REPORT = (
    "https://github.com/aws-solutions-library-samples/guidance-for-claude-code-with-amazon-bedrock/issues/346"
)
_PAGES = "https://github.com/internetstandards/Internet.nl/issues/1291"
_NAMES = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference"
_CLAIM_SHAPE = f"{_NAMES}/API_JwtValidationActionAdditionalClaim.html"

ALB_JWT_01 = Rule(
    "ALB-JWT-01",
    "A request without an Authorization header gets 401 JWTHeaderNotPresent.",
    Kind.DOCUMENTED,
    _LOGS,
)
ALB_JWT_02 = Rule(
    "ALB-JWT-02",
    "A request with more than one Authorization header gets 401 JWTRequestFormatInvalid.",
    Kind.DOCUMENTED,
    _LOGS,
    "The page names more than one token. An empty header beside the one is no token.",
)
ALB_JWT_03 = Rule(
    "ALB-JWT-03",
    "The header starts with Bearer and one blank, in exactly this case; else 401 JWTRequestFormatInvalid.",
    Kind.CHOSEN,
    _LOGS,
    "The page spells the prefix and does not speak of case. Switch: Choices.bearer_any_case.",
)
ALB_JWT_04 = Rule(
    "ALB-JWT-04",
    "Behind the scheme stands exactly one token and nothing else; else 401 JWTRequestFormatInvalid.",
    Kind.DOCUMENTED,
    _LOGS,
)
ALB_JWT_05 = Rule(
    "ALB-JWT-05",
    "A token that is malformed or lacks a part gets 401 JWTRequestFormatInvalid.",
    Kind.DOCUMENTED,
    _LOGS,
)
ALB_JWT_06 = Rule(
    "ALB-JWT-06",
    "While the JWKS endpoint cannot be reached, or takes over 5 seconds, the answer is 500 JWKSRequestTimeout.",
    Kind.DOCUMENTED,
    _TROUBLE,
)
ALB_JWT_07 = Rule(
    "ALB-JWT-07",
    "While the key set is over 150 KB or 10 keys the answer is 500 JWKSResponseSizeExceeded.",
    Kind.DOCUMENTED,
    _TROUBLE,
)
ALB_JWT_08 = Rule(
    "ALB-JWT-08",
    "While the JWKS endpoint answers other than 2XX the answer is 562 JWKSRequestFailed.",
    Kind.DOCUMENTED,
    _TROUBLE,
)
ALB_JWT_09 = Rule(
    "ALB-JWT-09",
    "While the JWKS endpoint's answer is no usable key set the answer is 562 JWKSResponseInvalid.",
    Kind.DOCUMENTED,
    _TROUBLE,
)
ALB_JWT_10 = Rule(
    "ALB-JWT-10",
    "While nothing is known of the key set the answer is 500 JWTValidationInternalError.",
    Kind.CHOSEN,
    _LOGS,
    "The code is documented, its causes are not; a first fetch that has not ended is ours to explain.",
)
ALB_JWT_11 = Rule(
    "ALB-JWT-11",
    "A token whose alg is not RS256 gets 401 JWTSignatureValidationError.",
    Kind.DOCUMENTED,
    _VERIFY,
)
ALB_JWT_12 = Rule(
    "ALB-JWT-12",
    "A token whose kid is not in the key set gets 401 JWTSignatureValidationError.",
    Kind.DOCUMENTED,
    _LOGS,
)
ALB_JWT_13 = Rule(
    "ALB-JWT-13",
    "A token whose kid selects a key that may not be used gets 562 JWKSResponseInvalid.",
    Kind.CHOSEN,
    _LOGS,
    "The page says that an unsupported key makes the set invalid; read as: when it is needed.",
)
ALB_JWT_14 = Rule(
    "ALB-JWT-14",
    "A token whose signature does not verify gets 401 JWTSignatureValidationError.",
    Kind.DOCUMENTED,
    _LOGS,
)
ALB_JWT_15 = Rule("ALB-JWT-15", "A token without iss gets 401 JWTClaimNotPresent.", Kind.DOCUMENTED, _VERIFY)
ALB_JWT_16 = Rule("ALB-JWT-16", "A token without exp gets 401 JWTClaimNotPresent.", Kind.DOCUMENTED, _VERIFY)
ALB_JWT_17 = Rule(
    "ALB-JWT-17",
    "The iss is the configured issuer to the letter, its last slash too; else 401 JWTClaimValueInvalid.",
    Kind.DOCUMENTED,
    _VERIFY,
)
ALB_JWT_18 = Rule(
    "ALB-JWT-18",
    "The exp is after now; else 401 JWTClaimValueInvalid.",
    Kind.DOCUMENTED,
    _VERIFY,
)
ALB_JWT_19 = Rule(
    "ALB-JWT-19",
    "An nbf, when there is one, is not after now; else 401 JWTClaimValueInvalid.",
    Kind.DOCUMENTED,
    _VERIFY,
)
ALB_JWT_20 = Rule(
    "ALB-JWT-20",
    "An iat, when there is one, is not after now; else 401 JWTClaimValueInvalid.",
    Kind.DOCUMENTED,
    _VERIFY,
)
ALB_JWT_21 = Rule(
    "ALB-JWT-21",
    "A token without a configured claim gets 401 JWTClaimNotPresent.",
    Kind.DOCUMENTED,
    _LOGS,
)
ALB_JWT_22 = Rule(
    "ALB-JWT-22",
    "A single-string claim is a string and one of the configured values.",
    Kind.DOCUMENTED,
    _VERIFY,
)
ALB_JWT_23 = Rule(
    "ALB-JWT-23",
    "A string-array claim is an array of strings, one of which is among the configured values.",
    Kind.DOCUMENTED,
    _VERIFY,
)
ALB_JWT_24 = Rule(
    "ALB-JWT-24",
    "A space-separated-values claim is a string whose words include every configured value.",
    Kind.CHOSEN,
    _CLAIM_SHAPE,
    "'Must include the configured values' can mean all or one. Switch: Choices.every_space_separated_value.",
)
ALB_JWT_25 = Rule(
    "ALB-JWT-25",
    "Words of a space-separated claim are divided by blanks only; empty words do not count.",
    Kind.CHOSEN,
    "https://www.rfc-editor.org/rfc/rfc6749#section-3.3",
    "RFC 6749 divides scopes by U+0020.",
)
ALB_JWT_26 = Rule(
    "ALB-JWT-26",
    "A claim of another JSON type than its format says gets 401 JWTClaimFormatInvalid; nothing is converted.",
    Kind.OBSERVED,
    _ARRAY_REPORT,
)
ALB_JWT_27 = Rule(
    "ALB-JWT-27",
    "All configured claims must hold; they are checked in the configured order.",
    Kind.OBSERVED,
    "https://github.com/SatoshiMoriyama/alb-jwt-tenant-routing",
)
ALB_JWT_28 = Rule(
    "ALB-JWT-28",
    "The checks run in this order: header, form of the token, key set, algorithm and key, signature, claims.",
    Kind.CHOSEN,
    _LOGS,
    "The codes of the page suggest the order; it decides only which code is logged.",
)
ALB_JWT_29 = Rule(
    "ALB-JWT-29",
    "A 401 is a page of 144 bytes with CRLF line ends, the same for every cause.",
    Kind.OBSERVED,
    _PAGES,
)
ALB_JWT_30 = Rule(
    "ALB-JWT-30",
    "A 500 or 562 is a page of the same form; that of 562 is titled 562 JWKS Request Failed.",
    Kind.CHOSEN,
    _TROUBLE,
    "The status is documented; the page of 562 was never recorded.",
)
ALB_JWT_31 = Rule(
    "ALB-JWT-31",
    "A refused HEAD request gets the same status and Content-Length, and no body.",
    Kind.CHOSEN,
    "https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2",
    "No recording of it is known.",
)
ALB_JWT_32 = Rule(
    "ALB-JWT-32",
    "A 401 has no WWW-Authenticate header.",
    Kind.CHOSEN,
    _TROUBLE,
    "No recording shows one.",
)
ALB_JWT_33 = Rule(
    "ALB-JWT-33",
    "An allowed request keeps its Authorization header and gets no other header about the token.",
    Kind.DOCUMENTED,
    _VERIFY,
)

RULES: tuple[Rule, ...] = (
    ALB_JWT_01,
    ALB_JWT_02,
    ALB_JWT_03,
    ALB_JWT_04,
    ALB_JWT_05,
    ALB_JWT_06,
    ALB_JWT_07,
    ALB_JWT_08,
    ALB_JWT_09,
    ALB_JWT_10,
    ALB_JWT_11,
    ALB_JWT_12,
    ALB_JWT_13,
    ALB_JWT_14,
    ALB_JWT_15,
    ALB_JWT_16,
    ALB_JWT_17,
    ALB_JWT_18,
    ALB_JWT_19,
    ALB_JWT_20,
    ALB_JWT_21,
    ALB_JWT_22,
    ALB_JWT_23,
    ALB_JWT_24,
    ALB_JWT_25,
    ALB_JWT_26,
    ALB_JWT_27,
    ALB_JWT_28,
    ALB_JWT_29,
    ALB_JWT_30,
    ALB_JWT_31,
    ALB_JWT_32,
    ALB_JWT_33,
)
"""Every rule of ALB ``jwt-validation``, in the order of their ids."""
