"""What the edge promises about a request besides the decision on its token, rule by rule."""

from sekisho.kernel.semantics import Kind, Rule

_GUIDE = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application"

RULES: tuple[Rule, ...] = (
    Rule(
        "EDGE-01",
        "The rule with the lowest priority number whose conditions all hold takes a request; the default rule is last.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/listener-rules.html",
    ),
    Rule(
        "EDGE-02",
        "A rule that cannot be carried out answers 500; other rules are not affected and no guard is dropped.",
        Kind.CHOSEN,
        f"{_GUIDE}/load-balancer-troubleshooting.html",
        "Serving the rule without the part that is not understood could let a request pass that nobody checked.",
    ),
    Rule(
        "EDGE-03",
        "A target group of weight 0 gets no traffic, and traffic of an empty group is not given to another one.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/rule-action-types.html",
    ),
    Rule(
        "EDGE-04",
        "Unhealthy targets get traffic only when every target of the group is unhealthy.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/target-group-health-checks.html",
    ),
    Rule(
        "EDGE-05",
        "A load balancer fetches keys through its security groups; when none allows the port outbound, requests get"
        " 500.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/load-balancer-troubleshooting.html",
    ),
    Rule(
        "EDGE-06",
        "Answers that the load balancer makes itself have its page, content type and Server header.",
        Kind.OBSERVED,
        "https://github.com/internetstandards/Internet.nl/issues/1291",
    ),
    Rule(
        "EDGE-07",
        "A host condition is compared with the host name in any case, without its port.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/rule-condition-types.html",
    ),
    Rule(
        "EDGE-08",
        "In a pattern * stands for any characters, also none, and ? for exactly one visible ASCII character.",
        Kind.CHOSEN,
        f"{_GUIDE}/rule-condition-types.html",
        "The page restricts rules to visible ASCII; letting * also stand for other bytes keeps them behind the guard"
        " of the rule.",
    ),
    Rule(
        "EDGE-09",
        "A regular expression is RE2's, is searched anywhere in the text, and says itself whether case matters.",
        Kind.CHOSEN,
        f"{_GUIDE}/rule-condition-types.html",
        "Unanchored search is what the examples with ^ and $ imply.",
    ),
    Rule(
        "EDGE-10",
        "A url-rewrite sees path and query as one text; a text that does not match stays as it is, and a result that"
        " is no path answers 500.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/rule-transforms.html",
    ),
    Rule(
        "EDGE-11",
        "X-Forwarded-For is appended to, kept or removed as configured; X-Forwarded-Proto and X-Forwarded-Port are the"
        " listener's.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/x-forwarded-headers.html",
    ),
    Rule(
        "EDGE-12",
        "X-Amzn-Trace-Id gets a Root, or a Self where it has a Root; above 7 KB it is started anew.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/load-balancer-request-tracing.html",
    ),
    Rule(
        "EDGE-13",
        "A redirect's Location always carries the port; one above 8 KB answers 507.",
        Kind.OBSERVED,
        "https://github.com/internetstandards/Internet.nl/issues/1291",
    ),
    Rule(
        "EDGE-14",
        "Host is lower-cased and carries the listener's port only if that is not the scheme's, unless it is preserved.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/edit-load-balancer-attributes.html",
    ),
    Rule(
        "EDGE-15",
        "Headers that begin with x-sekisho- or x-envoy- are removed from what a client sends.",
        Kind.CHOSEN,
        "https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter",
        "The former are the edge's own, and Envoy obeys some of the latter.",
    ),
    Rule(
        "EDGE-16",
        "A request line or a single header of 16 KB is refused with 414 or 400, more than 64 KB of headers with 400.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/load-balancer-limits.html",
    ),
    Rule(
        "EDGE-17",
        "A target that refuses, resets or answers nonsense is 502; none to choose is 503; a connection that takes 10"
        " seconds or an answer that takes the idle timeout is 504.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/load-balancer-troubleshooting.html",
    ),
    Rule(
        "EDGE-18",
        "A TLS listener speaks the versions of its security policy and no other, and the ciphers that it lists.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/describe-ssl-policies.html",
    ),
    Rule(
        "EDGE-19",
        "Headers of routing.http.response attributes stand on answers of targets and on fixed responses, not on the"
        " pages of the load balancer's own.",
        Kind.CHOSEN,
        f"{_GUIDE}/header-modification.html",
        "The page speaks of responses without saying whose; nobody has recorded such a header on a 401.",
    ),
    Rule(
        "EDGE-20",
        "A header may be followed or preceded by blanks, as a target reads it, when a condition is compared with it.",
        Kind.CHOSEN,
        "https://www.rfc-editor.org/rfc/rfc9113#section-8.2.1",
        "HTTP/2 carries blanks around a value, a target that gets it over HTTP/1.1 does not see them: a client could"
        " go around the guard of a rule.",
    ),
    Rule(
        "EDGE-21",
        "A request with several Host headers, or with one that is no host, gets 400; where Host is preserved, rules"
        " look at the first.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/edit-load-balancer-attributes.html",
    ),
    Rule(
        "EDGE-22",
        "A target that is kept by duration is named by AWSALB and AWSALBCORS, with each answer anew and for a week; one"
        " that is kept by the application's cookie by AWSALBAPP-0, once the target has set that cookie.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/sticky-sessions.html",
    ),
    Rule(
        "EDGE-23",
        "A request of gRPC's content type is answered as any other; where no target answers it, with the status, no"
        " content and grpc-status 14.",
        Kind.CHOSEN,
        f"{_GUIDE}/load-balancer-troubleshooting.html",
        "The page names the statuses without regard to a request's type; gRPC's mapping of HTTP statuses makes the same"
        " of them.",
    ),
    Rule(
        "EDGE-24",
        "A client that names no host, or one that no certificate is for, gets the listener's default certificate.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/https-listener-certificates.html",
    ),
)
"""Every rule of this package."""
