"""The rules by which an HTTP API chooses stage and route."""

from sekisho.kernel.semantics import Kind, Rule

_GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
_ROUTES = f"{_GUIDE}/http-api-develop-routes.html"

RULES: tuple[Rule, ...] = (
    Rule(
        "HTTP-ROUTE-01",
        "A path whose first segment is the name of a stage belongs to that stage and is matched without the segment;"
        " every other path belongs to $default.",
        Kind.DOCUMENTED,
        _ROUTES,
    ),
    Rule(
        "HTTP-ROUTE-02",
        "A route whose whole path fits comes before one with a greedy variable, and both before $default.",
        Kind.DOCUMENTED,
        _ROUTES,
    ),
    Rule(
        "HTTP-ROUTE-03",
        "Of several that fit, the one comes first that has the more specific segment where they differ first: a text"
        " before a variable before a greedy variable.",
        Kind.CHOSEN,
        _ROUTES,
        "The page orders single examples; comparing from the left agrees with all of them.",
    ),
    Rule(
        "HTTP-ROUTE-04",
        "Of two routes with the same path the one with the request's method comes before ANY; of two that differ in"
        " the names of variables only, the older one.",
        Kind.CHOSEN,
        _ROUTES,
        "The most specific match is documented; what is compared after the path is not.",
    ),
    Rule(
        "HTTP-ROUTE-05",
        "A greedy variable also takes nothing: /a/{proxy+} takes /a/, and /{proxy+} takes /.",
        Kind.OBSERVED,
        "https://github.com/storacha/w3infra/pull/166",
    ),
    Rule(
        "HTTP-ROUTE-06",
        "A trailing slash makes another path; a variable takes a segment that is not empty.",
        Kind.OBSERVED,
        "https://github.com/storacha/w3infra/pull/166",
    ),
    Rule(
        "HTTP-ROUTE-07",
        'Where no stage or route takes a request the answer is 404 {"message":"Not Found"}, also where another'
        " method would be taken.",
        Kind.DOCUMENTED,
        _ROUTES,
    ),
    Rule(
        "HTTP-ROUTE-08",
        "Routes are chosen by the normalized path: unreserved characters decoded, dot segments removed.",
        Kind.CHOSEN,
        "https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2",
        "Otherwise a request could reach a function or an endpoint past the guard of its route.",
    ),
)
"""The rules; the comment at a deciding line names one by its id."""
