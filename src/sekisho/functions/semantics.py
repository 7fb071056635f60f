"""What load balancers promise about functions behind them, rule by rule, with the page that says so."""

from sekisho.kernel.semantics import Kind, Rule

_GUIDE = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application"
_FUNCTIONS = f"{_GUIDE}/lambda-functions.html"
_TROUBLES = f"{_GUIDE}/load-balancer-troubleshooting.html"

RULES: tuple[Rule, ...] = (
    Rule(
        "ALB-LAMBDA-01",
        "A function is invoked for a target group only if its policy lets elasticloadbalancing.amazonaws.com in on"
        " behalf of that target group; else the client gets 502.",
        Kind.DOCUMENTED,
        _FUNCTIONS,
    ),
    Rule(
        "ALB-LAMBDA-02",
        "A request body of more than 1 MB gets 413, and the function is not invoked.",
        Kind.DOCUMENTED,
        _FUNCTIONS,
    ),
    Rule(
        "ALB-LAMBDA-03",
        "An answer of more than 1 MB of JSON, that is not JSON, has no valid statusCode, or has a member of the wrong"
        " type gets 502.",
        Kind.DOCUMENTED,
        _TROUBLES,
    ),
    Rule(
        "ALB-LAMBDA-04",
        "A request to upgrade to WebSocket gets 400.",
        Kind.DOCUMENTED,
        _FUNCTIONS,
    ),
    Rule(
        "ALB-LAMBDA-05",
        "A function that fails, exceeds its timeout, is throttled, does not exist or cannot be run gets 502; the"
        " next request is served.",
        Kind.DOCUMENTED,
        _TROUBLES,
    ),
    Rule(
        "ALB-LAMBDA-06",
        "A function's answer has the header Server: awselb/2.0 unless it has one of its own.",
        Kind.CHOSEN,
        _FUNCTIONS,
        "The load balancer makes the HTTP response out of the answer; the page does not say what it adds.",
    ),
    Rule(
        "ALB-LAMBDA-07",
        "The text of statusDescription stands in the status line of HTTP/1.1; one that cannot stand there is left"
        " out.",
        Kind.DOCUMENTED,
        _FUNCTIONS,
    ),
    Rule(
        "ALB-LAMBDA-08",
        "With multi-value headers enabled, events have multiValueHeaders and multiValueQueryStringParameters and"
        " answers multiValueHeaders, in the place of the single forms; an answer in the other form gets 502.",
        Kind.DOCUMENTED,
        _FUNCTIONS,
    ),
    Rule(
        "ALB-LAMBDA-09",
        "Query parameters are passed as they were sent, not decoded; header names are in lower case; without"
        " multi-value headers the last of several counts.",
        Kind.DOCUMENTED,
        _FUNCTIONS,
    ),
    Rule(
        "ALB-LAMBDA-10",
        "A body is passed as text for text/*, application/json, application/javascript and application/xml without"
        " Content-Encoding, and in base64 otherwise.",
        Kind.DOCUMENTED,
        _FUNCTIONS,
    ),
    Rule(
        "ALB-LAMBDA-11",
        "Headers of the connection are left out of a function's answer, and Content-Length is computed.",
        Kind.DOCUMENTED,
        _FUNCTIONS,
    ),
    Rule(
        "ALB-LAMBDA-12",
        "A health check is an event with the header user-agent: ELB-HealthChecker/2.0; it counts as an invocation.",
        Kind.DOCUMENTED,
        _FUNCTIONS,
    ),
)
