"""The golden cases: a name, why it is there, and its snapshot."""

from sekisho.model.elbv2 import AdditionalClaim, Condition, QueryStringPair, Target, Transform
from sekisho.model.ir import KeySetState
from sekisho.model.snapshot import Snapshot

from .build import (
    balancer,
    fixed,
    forward,
    group,
    jwt,
    key_set,
    listener,
    redirect,
    rule,
    snapshot,
)

AUD = AdditionalClaim("aud", "single-string", ("https://api.example",))
SCOPE = AdditionalClaim("scope", "space-separated-values", ("read:items", "write:items"))
GROUPS = AdditionalClaim("cognito:groups", "string-array", ("tenant-a",))


def machine_to_machine() -> Snapshot:
    """One HTTPS listener whose default actions verify tokens and forward: the shortest useful stack."""
    app = group("app", Target("10.0.0.1", 8000), Target("10.0.0.2", 8000))
    return snapshot(balancer(), listener(jwt(AUD), forward(app)), app, key_sets=(key_set(),))


def tenants() -> Snapshot:
    """Rules that verify, strip a prefix and forward; without a token a page for everyone else."""
    app = group("app", Target("10.0.0.1", 8000))
    front = listener(fixed("403", "text/plain", "Forbidden"))
    path = Condition("path-pattern", ("/tenant-a/*",))
    strip = Transform("url-rewrite", "^/tenant-a/(.*)$", "/$1")
    host = Transform("host-header-rewrite", r"^(.*)\.example$", "${1}.internal")
    return snapshot(
        balancer(),
        front,
        rule(20, Condition("host-header", ("*.b.example",)), jwt(SCOPE), forward(app), of=front),
        rule(10, path, jwt(GROUPS, AUD), forward(app), of=front, transforms=(strip, host)),
        app,
        key_sets=(key_set(),),
    )


def no_egress() -> Snapshot:
    """A load balancer whose security groups let nothing out to 443 cannot fetch keys; another one can."""
    app = group("app", Target("10.0.0.1", 8000))
    return snapshot(
        balancer("closed", security_groups=("sg-1", "sg-2")),
        balancer("open", security_groups=("sg-1", "sg-3")),
        balancer("unknown", security_groups=("sg-1", "sg-9")),
        listener(jwt(), forward(app), of="closed"),
        listener(jwt(), forward(app), of="open"),
        listener(jwt(), forward(app), of="unknown"),
        app,
        key_sets=(key_set(),),
        egress={"sg-1": ((80, 80),), "sg-2": (), "sg-3": ((400, 500),)},
        ports={
            f"arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/{name}/1/443": port
            for name, port in (("closed", 20001), ("open", 20002), ("unknown", 20003))
        },
    )


def key_sets_that_are_not_ready() -> Snapshot:
    """Each state of a key set; every guard stays, and says why nobody passes."""
    app = group("app", Target("10.0.0.1", 8000))
    front = listener(fixed())
    states = [state for state in KeySetState if state is not KeySetState.READY]
    urls = [f"https://{state}.example/jwks" for state in states]
    rules = [
        rule(number, Condition("path-pattern", (f"/{number}",)), jwt(url=url), forward(app), of=front)
        for number, url in enumerate([*urls, "https://never-seen.example/jwks"], 1)
    ]
    sets = tuple(key_set(state, url, f"it is {state}") for state, url in zip(states, urls, strict=True))
    return snapshot(balancer(), front, *rules, app, key_sets=sets)


def conditions() -> Snapshot:
    """Every kind of condition, with wildcards, regular expressions and escapes."""
    front = listener(fixed(), port=80)
    found = (
        Condition("path-pattern", ("/exact",)),
        Condition("path-pattern", ("/img/*",)),
        Condition("path-pattern", ("/a?c/*.js", "/b.c+d")),
        Condition("path-pattern", regex_values=("^/v[0-9]+/",)),
        Condition("host-header", ("*.Example.com", "example.com")),
        Condition("host-header", regex_values=("^re-[a-z]+[.]test$",)),
        Condition("http-header", ("Mozilla/*", "*curl*"), http_header_name="User-Agent"),
        Condition("http-header", ("one",), http_header_name="X-Exact"),
        Condition("http-header", regex_values=("^[0-9]+$",), http_header_name="X-Regex"),
        Condition("http-request-method", ("GET", "HEAD")),
        Condition("query-string", query=(QueryStringPair("v1*", "version"), QueryStringPair(r"a\*b?"))),
        Condition("source-ip", ("10.0.0.0/8", "2001:db8::/32")),
    )
    return snapshot(
        balancer(),
        front,
        *(
            rule(number, each, fixed("200", "text/plain", str(number)), of=front)
            for number, each in enumerate(found, 1)
        ),
        rule(50, found[1], found[4], found[9], found[10], found[11], fixed("200"), of=front),
    )


def actions() -> Snapshot:
    """Every terminal action: weights, stickiness, placeholders, bodies."""
    blue, green = group("blue", Target("10.0.0.1", 80)), group("green", Target("10.0.0.2", 80))
    front = listener(redirect(protocol="HTTPS", port="443"), port=80)

    def at(path: str) -> Condition:
        return Condition("path-pattern", (path,))

    return snapshot(
        balancer(),
        front,
        rule(1, at("/weighted"), forward((blue, 90), (green, 10)), of=front),
        rule(
            2,
            at("/sticky"),
            forward((blue, 1), (green, 1), stickiness_enabled=True, stickiness_seconds=300),
            of=front,
        ),
        rule(3, at("/one"), forward((blue, 0), (green, 5)), of=front),
        rule(4, at("/none"), forward((blue, 0)), of=front),
        rule(5, at("/body"), fixed("503", "application/json", '{"sale": "100%"}'), of=front),
        rule(6, at("/empty"), fixed("204"), of=front),
        rule(
            7,
            at("/moved"),
            redirect(status_code="HTTP_302", host="new.#{host}", path="/n/#{path}", query="was=#{port}"),
            of=front,
        ),
        blue,
        green,
    )


def attributes() -> Snapshot:
    """Attributes of a load balancer and a listener that change how requests are handled."""
    app = group("app", Target("10.0.0.1", 80))
    return snapshot(
        balancer(
            attributes={
                "idle_timeout.timeout_seconds": "5",
                "client_keep_alive.seconds": "120",
                "routing.http2.enabled": "false",
                "routing.http.preserve_host_header.enabled": "true",
                "routing.http.drop_invalid_header_fields.enabled": "true",
                "routing.http.xff_header_processing.mode": "remove",
                "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "true",
            }
        ),
        listener(
            forward(app),
            ssl_policy="ELBSecurityPolicy-TLS13-1-3-2021-06",
            attributes={
                "routing.http.response.server.enabled": "false",
                "routing.http.response.strict_transport_security.header_value": "max-age=31536000",
            },
        ),
        app,
    )


def target_groups() -> Snapshot:
    """Protocols, balancing, stickiness, health, and a target that has no address here."""
    return snapshot(
        group("plain", Target("10.0.0.1", 80), Target("10.0.0.2", 80), Target("i-1", 80)),
        group("tls", Target("10.0.0.1", 443), protocol="HTTPS"),
        group("h2", Target("fd00::1", 80), protocol_version="HTTP2"),
        group("nobody"),
        group(
            "sticky",
            Target("10.0.0.1", 80),
            attributes={
                "stickiness.enabled": "true",
                "stickiness.type": "lb_cookie",
                "stickiness.lb_cookie.duration_seconds": "60",
                "load_balancing.algorithm.type": "least_outstanding_requests",
                "slow_start.duration_seconds": "30",
            },
        ),
        group(
            "app-cookie",
            attributes={
                "stickiness.enabled": "true",
                "stickiness.type": "app_cookie",
                "stickiness.app_cookie.cookie_name": "SESSION",
                "stickiness.app_cookie.duration_seconds": "70",
                "load_balancing.algorithm.type": "weighted_random",
            },
        ),
        unhealthy=("10.0.0.2",),
    )


def what_cannot_be_compiled() -> Snapshot:
    """Each broken route answers 500 and says why; the others are served, and no guard is lost."""
    app, ghost = group("app", Target("10.0.0.1", 80)), group("ghost")
    front, bare = listener(fixed(), port=80), listener(fixed(), certificates=())
    orphan = listener(fixed(), of="nobody")

    def at(number: int) -> Condition:
        return Condition("path-pattern", (f"/{number}",))

    bad_regex = Condition("host-header", regex_values=("(?=x)",))
    return snapshot(
        balancer(),
        front,
        bare,
        orphan,
        rule(1, at(1), jwt(), forward(ghost), of=front),
        rule(2, at(2), bad_regex, forward(app), of=front),
        rule(3, at(3), Condition("moon-phase", ("full",)), forward(app), of=front),
        rule(4, at(4), jwt(), of=front),
        rule(5, at(5), forward(app), of=front, transforms=(Transform("url-rewrite", "a(b)", "$2"),)),
        rule(6, at(6), forward(app), of=front, transforms=(Transform("url-rewrite", "a(?<", ""),)),
        rule(7, at(7), fixed("999"), of=front),
        rule(8, at(8), Condition("source-ip", ("nowhere",)), fixed("200"), of=front),
        rule(9, at(9), fixed("200"), of=front),
        app,
        key_sets=(key_set(),),
    )


CASES = {
    case.__name__.replace("_", "-"): case
    for case in (
        machine_to_machine,
        tenants,
        no_egress,
        key_sets_that_are_not_ready,
        conditions,
        actions,
        attributes,
        target_groups,
        what_cannot_be_compiled,
    )
}
