"""What functions and HTTP APIs promise each other, rule by rule."""

from sekisho.kernel.semantics import Kind, Rule

_GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
_LAMBDA = f"{_GUIDE}/http-api-develop-integrations-lambda.html"
_AUTHORIZER = f"{_GUIDE}/http-api-lambda-authorizer.html"
_VARIABLES = f"{_GUIDE}/http-api-logging-variables.html"
_MEASURED = "https://github.com/floci-io/floci/pull/2011"

RULES: tuple[Rule, ...] = (
    Rule(
        "HTTP-EVENT-01",
        "The event of format 2.0 has the documented members; cookies stand apart from headers, several values of a name"
        " are joined by commas, and what there is none of is left out.",
        Kind.DOCUMENTED,
        _LAMBDA,
    ),
    Rule(
        "HTTP-EVENT-02",
        "The event of format 1.0 has the documented members; what there is none of is null.",
        Kind.DOCUMENTED,
        _LAMBDA,
    ),
    Rule(
        "HTTP-EVENT-03",
        "Claims are strings: numbers in digits, true and false, arrays as [a b], objects as JSON; null is omitted.",
        Kind.OBSERVED,
        _MEASURED,
    ),
    Rule(
        "HTTP-EVENT-04",
        "Scopes are null on routes without scopes, else all scopes of the token, from scp before scope.",
        Kind.OBSERVED,
        _MEASURED,
    ),
    Rule(
        "HTTP-EVENT-05",
        "A body is text for text/*, application/json, application/javascript and application/xml; else, and without a"
        " content type, it is base64.",
        Kind.OBSERVED,
        "https://github.com/ministackorg/ministack/pull/766",
    ),
    Rule(
        "HTTP-EVENT-06",
        "Paths are decoded; rawPath and path begin with the name of a stage that is not $default, path also with the"
        " key of an API mapping, which rawPath leaves out.",
        Kind.DOCUMENTED,
        _LAMBDA,
        "That HTTP APIs decode the path was observed: https://github.com/middleapi/standard-server/pull/93",
    ),
    Rule(
        "HTTP-EVENT-07",
        "The protocol is HTTP/1.1 in events and in $context.protocol, whatever the client speaks.",
        Kind.OBSERVED,
        _VARIABLES,
        "Recorded events and access logs of clients that speak HTTP/2 show HTTP/1.1.",
    ),
    Rule(
        "HTTP-EVENT-08",
        "Format 1.0 spells the names of headers as the client does, and those that the gateway sets or reads itself"
        " like Content-Type, Host and X-Forwarded-For; format 2.0 has them in lower case.",
        Kind.OBSERVED,
        _LAMBDA,
        "The page says lower case of both; recorded events of format 1.0 are spelt so.",
    ),
    Rule(
        "HTTP-LAMBDA-01",
        "A function that fails, cannot be run or answers in another form gets the client 500"
        ' {"message":"Internal Server Error"}.',
        Kind.DOCUMENTED,
        f"{_GUIDE}/http-api-troubleshooting-lambda.html",
    ),
    Rule(
        "HTTP-LAMBDA-02",
        "A function's policy has to let in apigateway.amazonaws.com for api/stage/method/path of the route, or"
        " api/stage/$default; an integration with credentials needs no policy.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/http-api-troubleshooting-lambda.html",
    ),
    Rule(
        "HTTP-LAMBDA-03",
        "In format 2.0 an answer without statusCode is the body of a 200 with application/json; a string is sent as it"
        " is. With statusCode the content type is text/plain;charset=utf-8 unless one is given.",
        Kind.DOCUMENTED,
        _LAMBDA,
        "The content type of an answer with statusCode was observed.",
    ),
    Rule(
        "HTTP-LAMBDA-04",
        "In format 1.0 an answer without statusCode is an error; what stands in headers and multiValueHeaders is sent"
        " as the latter says.",
        Kind.DOCUMENTED,
        _LAMBDA,
    ),
    Rule(
        "HTTP-LAMBDA-05",
        "A request whose event has more than 6 MB is not handed to the function and gets 413.",
        Kind.CHOSEN,
        "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
        "The limit is Lambda's; what HTTP APIs make of it is not documented. Base64 reaches it at 4.5 MB of body.",
    ),
    Rule(
        "HTTP-LAMBDA-06",
        "A stage variable may stand for a function's name or alias in the URI of an integration.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/http-api-stages.stage-variables-reference.html",
    ),
    Rule(
        "HTTP-AUTH-01",
        "A request that lacks one of a Lambda authorizer's identity sources gets 401 and the function is not called.",
        Kind.DOCUMENTED,
        _AUTHORIZER,
    ),
    Rule(
        "HTTP-AUTH-02",
        "A policy lets a request pass that an Allow statement covers and no Deny statement does; a simple response says"
        " isAuthorized. Everything else is 403.",
        Kind.DOCUMENTED,
        _AUTHORIZER,
    ),
    Rule(
        "HTTP-AUTH-03",
        "An authorizer that cannot be called, fails or answers in another form gets 500; one that fails with the text"
        " Unauthorized gets 401.",
        Kind.DOCUMENTED,
        _AUTHORIZER,
    ),
    Rule(
        "HTTP-AUTH-04",
        "Answers are kept for the authorizer's TTL by the values of its identity sources, for all routes that use it in"
        " a stage.",
        Kind.DOCUMENTED,
        _AUTHORIZER,
    ),
    Rule(
        "HTTP-AUTH-05",
        "In format 1.0 the context of an answer may not have a member claims: the answer is none.",
        Kind.DOCUMENTED,
        _AUTHORIZER,
        "That the name is reserved is documented, what becomes of it is not; it could pass for the claims of a token.",
    ),
    Rule(
        "HTTP-AUTH-06",
        "A Lambda authorizer's event has the headers that the integration's event has, Host among them.",
        Kind.DOCUMENTED,
        _AUTHORIZER,
    ),
    Rule(
        "HTTP-IAM-01",
        "A route with AWS_IAM takes requests that are signed for execute-api; unsigned ones, and where access keys are"
        " configured those that no key has signed, get 403.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/http-api-access-control-iam.html",
    ),
)
"""The rules; the comment at a deciding line names one by its id."""
