"""What the edge promises about requests of HTTP APIs besides routes and tokens, rule by rule."""

from sekisho.kernel.semantics import Kind, Rule

_GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
_QUOTAS = f"{_GUIDE}/http-api-quotas.html"
_CORS = f"{_GUIDE}/http-api-cors.html"
_MAPPING = f"{_GUIDE}/http-api-parameter-mapping.html"
_LOGGING = f"{_GUIDE}/http-api-logging.html"

RULES: tuple[Rule, ...] = (
    Rule(
        "HTTP-EDGE-01",
        "Every response has an apigw-requestid of 15 characters and =, the one that functions see as requestId.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/http-api-troubleshooting-jwt.html",
    ),
    Rule(
        "HTTP-EDGE-02",
        'What the gateway answers itself is application/json with the body {"message":"…"}.',
        Kind.DOCUMENTED,
        f"{_GUIDE}/http-api-troubleshooting-jwt.html",
    ),
    Rule(
        "HTTP-EDGE-03",
        "Request line and header values have at most 10,240 bytes together; more gets 431.",
        Kind.CHOSEN,
        _QUOTAS,
        "The limit is documented, the status is not.",
    ),
    Rule(
        "HTTP-EDGE-04",
        "A body has at most 10 MB; more gets 413.",
        Kind.DOCUMENTED,
        _QUOTAS,
    ),
    Rule(
        "HTTP-EDGE-05",
        "An integration that does not answer in time, or cannot be reached, gets the client 503.",
        Kind.OBSERVED,
        "https://repost.aws/knowledge-center/api-gateway-http-lambda-integrations",
    ),
    Rule(
        "HTTP-EDGE-06",
        "A route's limits, or else its stage's, are a token bucket; without tokens the answer is 429. Limits that"
        " nobody set are not enforced.",
        Kind.CHOSEN,
        f"{_GUIDE}/http-api-throttling.html",
        "AWS shares 10,000 requests a second among the APIs of an account; an edge of one's own has no neighbours.",
    ),
    Rule(
        "HTTP-EDGE-07",
        "authorization, connection, content-length, date, host, server and www-authenticate of an integration's"
        " response reach the client as x-amzn-remapped-….",
        Kind.OBSERVED,
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html",
    ),
    Rule(
        "HTTP-EDGE-08",
        "HTTP endpoints get Forwarded and Via: HTTP/1.1 AmazonAPIGateway.",
        Kind.OBSERVED,
        "https://repost.aws/questions/QUtBHMaz7IQ6aM4RCBMnJvgw/why-does-api-gateway-http-api-use-forwarded-header",
    ),
    Rule(
        "HTTP-EDGE-09",
        "The path of an HTTP endpoint's URL takes the place of the request's path; a private integration keeps it,"
        " the stage's name included.",
        Kind.OBSERVED,
        f"{_GUIDE}/http-api-develop-integrations-http.html",
    ),
    Rule(
        "HTTP-EDGE-10",
        "A request with more than one Host header gets 400.",
        Kind.DOCUMENTED,
        "https://www.rfc-editor.org/rfc/rfc9112#section-3.2",
        "What an integration or a log would show as the host must not depend on which of them was read.",
    ),
    Rule(
        "HTTP-CORS-01",
        "A preflight (OPTIONS with Origin and Access-Control-Request-Method) of an API with a CORS configuration is"
        " answered with 204, also where no route takes it.",
        Kind.DOCUMENTED,
        _CORS,
    ),
    Rule(
        "HTTP-CORS-02",
        "An origin is allowed by itself, by https://* or http://*, or by *, which is answered as *.",
        Kind.DOCUMENTED,
        _CORS,
    ),
    Rule(
        "HTTP-CORS-03",
        "With a CORS configuration the integration's own CORS headers are dropped, and the configured ones stand on"
        " every response to an allowed origin, refusals included.",
        Kind.DOCUMENTED,
        _CORS,
    ),
    Rule(
        "HTTP-CORS-04",
        "A preflight that a guarded route takes is refused without a token.",
        Kind.OBSERVED,
        "https://arpadt.com/articles/cors-in-http-api",
    ),
    Rule(
        "HTTP-CORS-05",
        "A response that names its origin has vary: origin.",
        Kind.OBSERVED,
        "https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches",
        "Recorded on refusals and on answers of integrations; a cache would give one origin's response to another.",
    ),
    Rule(
        "HTTP-MAP-01",
        "Parameters are appended, overwritten and removed as the integration says.",
        Kind.DOCUMENTED,
        _MAPPING,
    ),
    Rule(
        "HTTP-MAP-02",
        "All values are read from the request as it came, or the response as the integration gave it.",
        Kind.CHOSEN,
        _MAPPING,
        "The order of the entries of a JSON object must not matter.",
    ),
    Rule(
        "HTTP-MAP-03",
        "A parameter whose value selects only what is missing is left as it is.",
        Kind.CHOSEN,
        _MAPPING,
        "An empty header could mean something to the endpoint.",
    ),
    Rule(
        "HTTP-MAP-04",
        "A value selected from a JSON body is a string's content, or anything else as it stands; null is missing.",
        Kind.CHOSEN,
        _MAPPING,
        "Numbers reach the endpoint digit by digit.",
    ),
    Rule(
        "HTTP-MAP-05",
        "$request.path is the path without the name of the stage; $context.path has it.",
        Kind.DOCUMENTED,
        _MAPPING,
    ),
    Rule(
        "HTTP-MAP-06",
        "In a path that is overwritten a path variable stands as it was sent, in its escapes; elsewhere it is decoded.",
        Kind.CHOSEN,
        _MAPPING,
        "Decoded, a client's %2F would lead to a path of the endpoint that the author did not open.",
    ),
    Rule(
        "HTTP-MAP-07",
        "A JSON path selects from the first 100 KB of a request's body.",
        Kind.DOCUMENTED,
        _MAPPING,
    ),
    Rule(
        "HTTP-LOG-01",
        "Every request that a stage with an access log takes, refused ones among them, is one line of its format; a"
        " variable without a value is -.",
        Kind.DOCUMENTED,
        _LOGGING,
        "The dash was observed. The lines go to a file of the log group's name, since no CloudWatch runs here.",
    ),
    Rule(
        "HTTP-LOG-02",
        "Quotes, backslashes and control characters of a value are escaped as in JSON.",
        Kind.CHOSEN,
        _LOGGING,
        "A client chooses some values, such as its User-Agent; none may forge a member or a line.",
    ),
    Rule(
        "HTTP-LOG-03",
        "An answer of the gateway's own has error.message, its text, and error.responseType, a type of REST APIs; an"
        " answer of an integration has its status and latency.",
        Kind.CHOSEN,
        f"{_GUIDE}/http-api-logging-variables.html",
        "The variables are documented, the types that HTTP APIs give are not.",
    ),
)
"""The rules; the comment at a deciding line names one by its id."""
