"""The rules about fetching key sets: what is asked, how often, and what counts while nobody answers.

They are about time and the network, so that tests of the key broker prove them, not request vectors.
"""

from sekisho.kernel.semantics import Kind, Rule

_VERIFY = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-verify-jwt.html"
_TROUBLES = (
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html"
)
_QUOTAS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"
_AUTHORIZER = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html"
_DISCOVERY = "https://openid.net/specs/openid-connect-discovery-1_0.html"
_COGNITO = (
    "https://docs.aws.amazon.com/cognito/latest/developerguide/"
    "amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html"
)

FETCH_01 = Rule(
    "FETCH-01",
    "An ALB's JWKS endpoint has 5 seconds for its whole answer.",
    Kind.DOCUMENTED,
    _TROUBLES,
)
FETCH_02 = Rule(
    "FETCH-02",
    "An HTTP API's discovery document and its key set have 1.5 seconds each.",
    Kind.DOCUMENTED,
    _QUOTAS,
)
FETCH_03 = Rule(
    "FETCH-03",
    "An answer other than 2XX is a failed fetch, and so is a redirect, which is not followed.",
    Kind.CHOSEN,
    _TROUBLES,
    "That a non-2XX answer fails is documented; following redirects would let an endpoint choose what is asked.",
)
FETCH_04 = Rule(
    "FETCH-04",
    "Keys are fetched by HTTPS with a verified certificate; by plain HTTP from this machine only.",
    Kind.CHOSEN,
    _VERIFY,
    "AWS takes HTTPS only; an identity provider on a developer's own machine often has no certificate.",
)
FETCH_05 = Rule(
    "FETCH-05",
    "Keys are fetched again after 5 minutes.",
    Kind.CHOSEN,
    _COGNITO,
    "No page says how long an ALB keeps keys; a withdrawn key should not work for long.",
)
FETCH_06 = Rule(
    "FETCH-06",
    "While they cannot be fetched, known keys stay in use: for 1 hour (ALB) or 2 hours (HTTP API) after they were "
    "last seen.",
    Kind.CHOSEN,
    _AUTHORIZER,
    "That an HTTP API may keep a key for two hours is documented; for an ALB nothing is.",
)
FETCH_07 = Rule(
    "FETCH-07",
    "A key set without usable keys takes effect at once, however long the earlier keys are known.",
    Kind.CHOSEN,
    "https://www.rfc-editor.org/rfc/rfc7517#section-5",
    "It is what the issuer says, not an outage: its keys are withdrawn.",
)
FETCH_08 = Rule(
    "FETCH-08",
    "A key id that is not in the set has it fetched again, at most every 10 seconds (ALB) or 60 seconds (HTTP API).",
    Kind.CHOSEN,
    _COGNITO,
    "A new key should work soon, and tokens with invented ids should not become requests to the issuer.",
)
FETCH_09 = Rule(
    "FETCH-09",
    "Guards that name one endpoint share one fetch.",
    Kind.CHOSEN,
    _VERIFY,
    "An identity provider should not feel how many guards trust it.",
)
FETCH_10 = Rule(
    "FETCH-10",
    "The issuer in a discovery document must be the configured one, to the character.",
    Kind.DOCUMENTED,
    f"{_DISCOVERY}#ProviderConfigurationValidation",
)
FETCH_11 = Rule(
    "FETCH-11",
    "A discovery document may name a key set on another host.",
    Kind.CHOSEN,
    f"{_DISCOVERY}#ProviderMetadata",
    "Issuers with a custom domain do that; what is fetched from there is bound by the same rules.",
)
FETCH_12 = Rule(
    "FETCH-12",
    "The keys of an issuer that runs here are known at once and never fetched.",
    Kind.CHOSEN,
    _VERIFY,
    "Its tokens carry the name that it would have on AWS, which must not be asked for them.",
)

FETCH_13 = Rule(
    "FETCH-13",
    "Key sets of other machines are fetched through the proxy that HTTPS_PROXY names, but for the hosts in NO_PROXY;"
    " those of this machine never are.",
    Kind.CHOSEN,
    "https://everything.curl.dev/usingcurl/proxies/env.html",
    "A company's network lets nothing else out. The certificate is verified behind the proxy.",
)

RULES: tuple[Rule, ...] = (
    FETCH_01,
    FETCH_02,
    FETCH_03,
    FETCH_04,
    FETCH_05,
    FETCH_06,
    FETCH_07,
    FETCH_08,
    FETCH_09,
    FETCH_10,
    FETCH_11,
    FETCH_12,
    FETCH_13,
)
"""Every rule about fetching key sets, in the order of their ids."""
