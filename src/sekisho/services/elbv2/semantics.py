"""What the service promises, rule by rule, with the page that says so."""

from sekisho.kernel.semantics import Kind, Rule

_API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference"
_GUIDE = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application"

RULES: tuple[Rule, ...] = (
    Rule(
        "ELB-01",
        "Creating a load balancer, target group or listener again with the same settings returns the existing one.",
        Kind.DOCUMENTED,
        f"{_API}/API_CreateLoadBalancer.html",
    ),
    Rule(
        "ELB-02",
        "A list of actions holds exactly one of forward, redirect and fixed-response, and it is the last one.",
        Kind.DOCUMENTED,
        f"{_API}/API_Action.html",
    ),
    Rule(
        "ELB-03",
        "A jwt-validation action is allowed on HTTPS listeners only.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/listener-verify-jwt.html",
    ),
    Rule(
        "ELB-04",
        "With several actions each has an order of its own; the lowest is performed first.",
        Kind.DOCUMENTED,
        f"{_API}/API_Action.html",
    ),
    Rule(
        "ELB-05",
        "Up to 10 additional claims with up to 10 values of up to 256 characters; never exp, iss, nbf or iat; no"
        " space in a value of a space-separated claim.",
        Kind.DOCUMENTED,
        f"{_API}/API_JwtValidationActionAdditionalClaim.html",
    ),
    Rule(
        "ELB-06",
        "A JWKS endpoint is an https URL with host and path, of at most 256 characters; plain http is accepted for"
        " loopback hosts.",
        Kind.CHOSEN,
        f"{_API}/API_JwtValidationActionConfig.html",
        "AWS asks for HTTPS; loopback over http never leaves the machine and is what local issuers speak.",
    ),
    Rule(
        "ELB-07",
        "A redirect changes at least one of protocol, host, port and path.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/rule-action-types.html",
    ),
    Rule(
        "ELB-08",
        "Parts of a redirect that were left out are described as their placeholders.",
        Kind.DOCUMENTED,
        f"{_API}/API_RedirectActionConfig.html",
    ),
    Rule(
        "ELB-09",
        "A forward action to one target group is described with both TargetGroupArn and ForwardConfig.",
        Kind.OBSERVED,
        "https://docs.aws.amazon.com/cli/latest/reference/elbv2/create-listener.html",
    ),
    Rule(
        "ELB-10",
        "Host and path conditions are described with both Values and their config.",
        Kind.OBSERVED,
        "https://docs.aws.amazon.com/cli/latest/reference/elbv2/describe-rules.html",
    ),
    Rule(
        "ELB-11",
        "A rule holds at most one condition each of host-header, path-pattern, http-request-method and source-ip.",
        Kind.DOCUMENTED,
        f"{_API}/API_RuleCondition.html",
    ),
    Rule(
        "ELB-12",
        "A rule holds up to 5 condition values and up to 6 wildcards.",
        Kind.CHOSEN,
        f"{_GUIDE}/load-balancer-limits.html",
        "The guide's pages say 5 and 6 wildcards; the wider limit refuses nobody whom AWS serves.",
    ),
    Rule(
        "ELB-13",
        "Regular expressions are RE2's, without lookaround, backreferences, atomic groups, possessive quantifiers,"
        " recursion and Unicode properties; anything else is refused when it is configured.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/rule-condition-types.html",
    ),
    Rule(
        "ELB-14",
        "A rule has at most one transform of each type, with one rewrite of up to 1024 characters a side.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/rule-transforms.html",
    ),
    Rule(
        "ELB-15",
        "No two rules of a listener have the same priority; several can be exchanged in one call.",
        Kind.DOCUMENTED,
        f"{_API}/API_SetRulePriorities.html",
    ),
    Rule(
        "ELB-16",
        "The default rule is described last with priority 'default'; it cannot be deleted, modified as a rule or"
        " given a priority.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/listener-rules.html",
    ),
    Rule(
        "ELB-17",
        "IP targets are private addresses (RFC 1918, RFC 6598, unique local IPv6) or loopback ones.",
        Kind.CHOSEN,
        f"{_API}/API_CreateTargetGroup.html",
        "AWS refuses public addresses and knows no loopback; here targets run on the same machine.",
    ),
    Rule(
        "ELB-18",
        "A target group is used by one load balancer only.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/load-balancer-limits.html",
    ),
    Rule(
        "ELB-19",
        "An action with several target groups must have group stickiness when one of them has target stickiness.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/rule-action-types.html",
    ),
    Rule(
        "ELB-20",
        "Target groups with protocol version HTTP2 or GRPC are for HTTPS listeners.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/load-balancer-target-groups.html",
    ),
    Rule(
        "ELB-21",
        "An HTTPS listener has exactly one default certificate and a security policy, ELBSecurityPolicy-2016-08"
        " unless another is named.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/create-https-listener.html",
    ),
    Rule(
        "ELB-22",
        "A target is unused while no listener or rule names its group, draining until its deregistration delay has"
        " passed, initial until its first health check, unavailable where checks are disabled.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/target-group-health-checks.html",
    ),
    Rule(
        "ELB-23",
        "Health checks time out after 5 seconds unless told otherwise (30 for Lambda functions).",
        Kind.CHOSEN,
        f"{_GUIDE}/target-group-health-checks.html",
        "The guide says 5, the API reference 6 or 10; the API's own examples show 5.",
    ),
    Rule(
        "ELB-24",
        "Deleting a load balancer or target group that does not exist succeeds; a listener or rule must exist.",
        Kind.DOCUMENTED,
        f"{_API}/API_DeleteLoadBalancer.html",
    ),
    Rule(
        "ELB-25",
        "A target group that an action names cannot be deleted, nor a load balancer with deletion protection.",
        Kind.DOCUMENTED,
        f"{_API}/API_DeleteTargetGroup.html",
    ),
    Rule(
        "ELB-26",
        "Subnets are taken as given and put into the zones of the region in order; they, and security groups that"
        " are left out, belong to one default VPC of the region.",
        Kind.CHOSEN,
        f"{_API}/API_CreateLoadBalancer.html",
        "Networks are not run here; ids stay stable so that what is built on them does.",
    ),
    Rule(
        "ELB-27",
        "Changing a listener to HTTP drops its certificate and security policy; changing it to HTTPS needs both.",
        Kind.DOCUMENTED,
        f"{_API}/API_ModifyListener.html",
    ),
    Rule(
        "ELB-28",
        "A function is registered only if its policy lets load balancers invoke it for the target group.",
        Kind.OBSERVED,
        "https://github.com/ansible/ansible/issues/52253",
        "A function that does not exist here is registered: a diagnostic says so, and requests get 502.",
    ),
)
"""The rules of the service; the comment at a deciding line names one by its id."""
