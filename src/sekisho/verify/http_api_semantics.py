"""The rules of an HTTP API's JWT authorizer."""

from sekisho.kernel.semantics import Kind, Rule

_GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
_AUTHORIZER = f"{_GUIDE}/http-api-jwt-authorizer.html"
_TROUBLE = f"{_GUIDE}/http-api-troubleshooting-jwt.html"
_MEASURED = "https://github.com/floci-io/floci/pull/2011"
_BEARER = "https://www.rfc-editor.org/rfc/rfc6750#section-3"

HTTP_JWT_01 = Rule(
    "HTTP-JWT-01",
    "A request without its identity source, or with an empty one, gets 401 and www-authenticate: Bearer.",
    Kind.OBSERVED,
    _MEASURED,
)
HTTP_JWT_02 = Rule(
    "HTTP-JWT-02",
    "A header as identity source holds the token alone, or Bearer and a blank before it.",
    Kind.DOCUMENTED,
    _AUTHORIZER,
)
HTTP_JWT_03 = Rule(
    "HTTP-JWT-03",
    "The word Bearer is read in any case.",
    Kind.CHOSEN,
    "https://www.rfc-editor.org/rfc/rfc9110#section-11.1",
    "Schemes have no case in HTTP; the token behind it is verified all the same.",
)
HTTP_JWT_04 = Rule(
    "HTTP-JWT-04",
    "A header as identity source is found in any case; several such headers are joined by commas.",
    Kind.DOCUMENTED,
    f"{_GUIDE}/http-api-develop-integrations-lambda.html",
)
HTTP_JWT_05 = Rule(
    "HTTP-JWT-05",
    "A query parameter as identity source is found by its exact name, percent-decoded; several are joined by commas.",
    Kind.DOCUMENTED,
    f"{_GUIDE}/http-api-develop-integrations-lambda.html",
)
HTTP_JWT_06 = Rule(
    "HTTP-JWT-06",
    "A token of another number of segments gets 401 'token contains an invalid number of segments'.",
    Kind.OBSERVED,
    _MEASURED,
)
HTTP_JWT_07 = Rule(
    "HTTP-JWT-07",
    "A malformed token gets 401; the text says whether its base64url, its JSON or a type is wrong.",
    Kind.CHOSEN,
    _BEARER,
    "The texts follow the Go library whose other texts were recorded; clients should not read them.",
)
HTTP_JWT_08 = Rule(
    "HTTP-JWT-08",
    "Only RS256, RS384 and RS512 are accepted; another alg gets 401 'signing method … is invalid'.",
    Kind.DOCUMENTED,
    _AUTHORIZER,
    "The page says RSA-based; PS* is refused because nothing shows that it is accepted.",
)
HTTP_JWT_09 = Rule(
    "HTTP-JWT-09",
    "While the issuer's discovery document cannot be had the answer is 401 "
    "'OIDC discovery endpoint communication error'.",
    Kind.OBSERVED,
    _MEASURED,
)
HTTP_JWT_10 = Rule(
    "HTTP-JWT-10",
    "While there is no usable key set the answer is 401 'JWKS communication error'.",
    Kind.OBSERVED,
    _MEASURED,
)
HTTP_JWT_11 = Rule(
    "HTTP-JWT-11",
    "A token whose kid is not in the key set gets 401 'unable to find a signing key that matches the kid'.",
    Kind.DOCUMENTED,
    _AUTHORIZER,
    "The rule is documented, the text is chosen.",
)
HTTP_JWT_12 = Rule(
    "HTTP-JWT-12",
    "A token whose signature does not verify gets 401 'crypto/rsa: verification error'.",
    Kind.DOCUMENTED,
    _AUTHORIZER,
    "The rule is documented, the text is chosen.",
)
HTTP_JWT_13 = Rule(
    "HTTP-JWT-13",
    "The iss is the configured issuer to the letter; else 401 'the token does not have a valid issuer'.",
    Kind.DOCUMENTED,
    _AUTHORIZER,
    "The rule is documented, the text is chosen.",
)
HTTP_JWT_14 = Rule(
    "HTTP-JWT-14",
    "The aud, or one of its elements, is one of the audiences; else 401 'the token does not have a valid audience'.",
    Kind.DOCUMENTED,
    _TROUBLE,
)
HTTP_JWT_15 = Rule(
    "HTTP-JWT-15",
    "The client_id is compared with the audiences only when the token has no aud.",
    Kind.DOCUMENTED,
    _AUTHORIZER,
)
HTTP_JWT_16 = Rule(
    "HTTP-JWT-16",
    "An authorizer without an audience accepts no token.",
    Kind.CHOSEN,
    _AUTHORIZER,
    "The page demands that a claim match one of the entries; with none, none can.",
)
HTTP_JWT_17 = Rule(
    "HTTP-JWT-17",
    "The exp is after now; else, or without one, 401 'the token has expired'.",
    Kind.DOCUMENTED,
    _AUTHORIZER,
    "The rule is documented, the text was recorded: https://github.com/keitakn/go-cognito-lambda.",
)
HTTP_JWT_18 = Rule(
    "HTTP-JWT-18",
    "An nbf, when there is one, is not after now; else 401 'the token is not valid yet'.",
    Kind.DOCUMENTED,
    _AUTHORIZER,
    "The rule is documented, the text is chosen.",
)
HTTP_JWT_19 = Rule(
    "HTTP-JWT-19",
    "An iat, when there is one, is not after now; else 401 'the token was issued in the future'.",
    Kind.DOCUMENTED,
    _AUTHORIZER,
    "The rule is documented, the text is chosen.",
)
HTTP_JWT_20 = Rule(
    "HTTP-JWT-20",
    "On a route with scopes the token has at least one of them; else 403 Forbidden.",
    Kind.DOCUMENTED,
    _AUTHORIZER,
)
HTTP_JWT_21 = Rule(
    "HTTP-JWT-21",
    "The scopes are those of scp when the token has one, else those of scope; a string of words or an array.",
    Kind.CHOSEN,
    _AUTHORIZER,
    "The page names both claims and no order between them.",
)
HTTP_JWT_22 = Rule("HTTP-JWT-22", "A route without scopes asks for none.", Kind.DOCUMENTED, _AUTHORIZER)
HTTP_JWT_23 = Rule(
    "HTTP-JWT-23",
    'A 401 has the body {"message":"Unauthorized"} and www-authenticate: Bearer scope="…" error="invalid_token" '
    'error_description="…", in which scope holds the scopes of the route.',
    Kind.DOCUMENTED,
    _TROUBLE,
    "That scope holds the scopes was recorded: https://github.com/keitakn/go-cognito-lambda.",
)
HTTP_JWT_24 = Rule(
    "HTTP-JWT-24",
    'A 403 has the body {"message":"Forbidden"} and www-authenticate: Bearer scope="…" '
    'error="insufficient_scope".',
    Kind.CHOSEN,
    _BEARER,
    "Status and body were recorded, the header was not.",
)
HTTP_JWT_25 = Rule(
    "HTTP-JWT-25",
    "The checks run in this order: source, form, algorithm, key set, key, signature, iss, aud, exp, nbf, iat, scope.",
    Kind.CHOSEN,
    _AUTHORIZER,
    "The page lists the steps in nearly this order and promises none.",
)
HTTP_JWT_26 = Rule(
    "HTTP-JWT-26",
    "A query parameter as identity source holds the token alone.",
    Kind.CHOSEN,
    "https://www.rfc-editor.org/rfc/rfc6750#section-2.3",
    "RFC 6750 knows a scheme only in the header.",
)

RULES: tuple[Rule, ...] = (
    HTTP_JWT_01,
    HTTP_JWT_02,
    HTTP_JWT_03,
    HTTP_JWT_04,
    HTTP_JWT_05,
    HTTP_JWT_06,
    HTTP_JWT_07,
    HTTP_JWT_08,
    HTTP_JWT_09,
    HTTP_JWT_10,
    HTTP_JWT_11,
    HTTP_JWT_12,
    HTTP_JWT_13,
    HTTP_JWT_14,
    HTTP_JWT_15,
    HTTP_JWT_16,
    HTTP_JWT_17,
    HTTP_JWT_18,
    HTTP_JWT_19,
    HTTP_JWT_20,
    HTTP_JWT_21,
    HTTP_JWT_22,
    HTTP_JWT_23,
    HTTP_JWT_24,
    HTTP_JWT_25,
    HTTP_JWT_26,
)
"""Every rule of the JWT authorizer, in the order of their ids."""
